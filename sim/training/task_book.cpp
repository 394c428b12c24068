// The continuations of tasks, by token, and the ways that consist of several messages. Tokens are
// handed out in the order of calls, so that equal runs have equal tokens. A task belongs to the way
// of the task in whose continuation it is handed out.

#include "sim/training/task_book.h"

#include <algorithm>
#include <stdexcept>

#include "models/base/error.h"

namespace offcut::training {

void TaskBook::begin(engine::Tasks& tasks) {
  tasks_ = &tasks;
  of_client_.resize(tasks.devices());
  times_.resize(tasks.devices());
}

std::size_t TaskBook::enter(Task task) {
  task.way = way_;
  task.way.forget_before(round_);
  if (task.is_of_client) {
    times_.begins(task.device);
  }
  if (unused_.empty()) {
    under_way_.push_back(std::move(task));
    return under_way_.size() - 1;
  }
  const std::size_t token = unused_.back();
  unused_.pop_back();
  under_way_[token] = std::move(task);
  return token;
}

std::size_t TaskBook::enter_wake(Then then) {
  return enter({.then = [then = std::move(then)](const engine::TaskReport&) { then(); },
                .way = {},
                .kind = Task::Kind::wake});
}

void TaskBook::compute(const engine::Computation& computation, AfterTask then) {
  tasks_->compute(computation, enter({.then = std::move(then),
                                      .way = {},
                                      .kind = Task::Kind::computation,
                                      .device = computation.device,
                                      .is_of_client = computation.level == 0}));
}

void TaskBook::send(const engine::Message& message, AfterTask then, Owner owner) {
  tasks_->send(message, enter({.then = std::move(then),
                               .way = {},
                               .kind = Task::Kind::message,
                               .device = message.device,
                               .is_of_client = owner == Owner::client,
                               .up = message.up}));
}

void TaskBook::at(Seconds time, Then then) { tasks_->at(time, enter_wake(std::move(then))); }

void TaskBook::when_up(std::size_t device, std::size_t level, Then then) {
  tasks_->when_up(device, level, enter_wake(std::move(then)));
}

void TaskBook::when_way_up(std::size_t device, std::size_t hop, Then then) {
  tasks_->when_way_up(device, hop, enter_wake(std::move(then)));
}

void TaskBook::carry(std::size_t device, std::size_t from, std::size_t to, Bytes bytes,
                     AfterTrip then) {
  carry_on(device, from, to, bytes, false, Owner::client, {.end = now()}, std::move(then));
}

void TaskBook::insist_on_carrying(std::size_t device, std::size_t from, std::size_t to, Bytes bytes,
                                  AfterTrip then, Owner owner) {
  carry_on(device, from, to, bytes, true, owner, {.end = now()}, std::move(then));
}

void TaskBook::carry_on(std::size_t device, std::size_t from, std::size_t to, Bytes bytes,
                        bool insists, Owner owner, Trip trip, AfterTrip then) {
  if (from == to) {
    then(trip);
    return;
  }
  const bool up = from < to;
  const std::size_t hop = up ? from : from - 1;
  const std::size_t next = up ? from + 1 : from - 1;
  send(
      {.device = device, .hop = hop, .up = up, .bytes = bytes},
      [=, this, then = std::move(then)](const engine::TaskReport& report) mutable {
        trip.end = report.end;
        if (report.is_done) {
          futile_ = insists ? 0 : futile_;
          carry_on(device, next, to, bytes, insists, owner, trip, std::move(then));
        } else if (insists) {
          when_way_up(device, hop, [=, this, then = std::move(then)]() mutable {
            carry_on(device, from, to, bytes, true, owner, trip, std::move(then));
          });
        } else {
          trip.is_done = false;
          then(trip);
        }
      },
      owner);
}

void TaskBook::ferry(std::size_t from, std::size_t to, Bytes bytes, AfterTrip then) {
  const std::size_t level = meeting_level(*tasks_, from, to);
  if (level == 0) {
    throw InputError({}, "devices that exchange messages need a common tier on their ways");
  }
  carry(from, 0, level, bytes, [=, this, then = std::move(then)](const Trip& there) mutable {
    if (!there.is_done) {
      then(there);
      return;
    }
    carry(to, level, 0, bytes, std::move(then));
  });
}

void TaskBook::insist(const engine::Computation& computation, AfterTask then) {
  compute(computation,
          [this, computation, then = std::move(then)](const engine::TaskReport& report) mutable {
            if (report.is_done) {
              note_progress();
              then(report);
              return;
            }
            when_up(computation.device, computation.level,
                    [this, computation, then = std::move(then)]() mutable {
                      insist(computation, std::move(then));
                    });
          });
}

bool TaskBook::is_way_up(std::size_t device, std::size_t from, std::size_t to) const {
  for (std::size_t hop = std::min(from, to); hop < std::max(from, to); ++hop) {
    if (!tasks_->is_way_up(device, hop)) {
      return false;
    }
  }
  return true;
}

void TaskBook::ended(const engine::TaskReport& report) {
  // The continuation may hand out tasks, which may use this token again.
  const Task task = std::exchange(under_way_.at(report.token), {});
  if (!task.then) {
    throw std::logic_error("a task ended twice");
  }
  unused_.push_back(report.token);
  way_ = task.way;
  if (task.kind != Task::Kind::wake) {
    record(task, report);
  }
  futile_ += report.is_done ? 0 : 1;
  task.then(report);
  way_ = {};
}

/// A message is at work while it waits in a line, too: contention for links is communication.
void TaskBook::record(const Task& task, const engine::TaskReport& report) {
  const bool is_message = task.kind == Task::Kind::message;
  const Way::Kind kind = is_message ? Way::Kind::message : Way::Kind::computing;
  const Seconds begin = std::min(is_message ? report.handed_out : report.begin, report.end);
  way_ = way_.with(kind, begin, report.end);
  if (is_message) {
    time_of_messages_ += report.end - report.begin;
  }
  if (task.is_of_client) {
    times_.ends(task.device, kind, begin, report.end);
  }
}

void TaskBook::sent(std::size_t token, Bytes bytes) {
  const Task& task = under_way_.at(token);
  Carried& of_owner = task.is_of_client ? of_client_[task.device] : of_sites_;
  for (Carried* sum : {&carried_, &of_owner}) {
    (task.up ? sum->up : sum->down) += bytes;
  }
}

void TaskBook::begin_round() {
  way_ = {};
  round_ = now();
}

void TaskBook::woken(std::size_t token) {
  ended({.token = token, .is_done = true, .handed_out = now(), .begin = now(), .end = now()});
}

}  // namespace offcut::training
