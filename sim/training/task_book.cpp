// The continuations of tasks, by token, and the ways that consist of several messages. Tokens are
// handed out in the order of calls, so that equal runs have equal tokens.

#include "sim/training/task_book.h"

#include <algorithm>
#include <stdexcept>

#include "models/base/error.h"

namespace offcut::training {

std::size_t TaskBook::enter(AfterTask then) {
  if (unused_.empty()) {
    after_.push_back(std::move(then));
    return after_.size() - 1;
  }
  const std::size_t token = unused_.back();
  unused_.pop_back();
  after_[token] = std::move(then);
  return token;
}

void TaskBook::compute(const engine::Computation& computation, AfterTask then) {
  tasks_->compute(computation, enter(std::move(then)));
}

void TaskBook::send(const engine::Message& message, AfterTask then) {
  tasks_->send(message, enter(std::move(then)));
}

void TaskBook::at(Seconds time, Then then) {
  tasks_->at(time, enter([then = std::move(then)](const engine::TaskReport&) { then(); }));
}

void TaskBook::when_up(std::size_t device, std::size_t level, Then then) {
  tasks_->when_up(device, level,
                  enter([then = std::move(then)](const engine::TaskReport&) { then(); }));
}

void TaskBook::when_way_up(std::size_t device, std::size_t hop, Then then) {
  tasks_->when_way_up(device, hop,
                      enter([then = std::move(then)](const engine::TaskReport&) { then(); }));
}

void TaskBook::carry(std::size_t device, std::size_t from, std::size_t to, Bytes bytes,
                     AfterTrip then) {
  carry_on(device, from, to, bytes, false, true, {.end = now()}, std::move(then));
}

void TaskBook::insist_on_carrying(std::size_t device, std::size_t from, std::size_t to, Bytes bytes,
                                  AfterTrip then) {
  carry_on(device, from, to, bytes, true, true, {.end = now()}, std::move(then));
}

void TaskBook::carry_on(std::size_t device, std::size_t from, std::size_t to, Bytes bytes,
                        bool insists, bool counts, Trip trip, AfterTrip then) {
  if (from == to) {
    then(trip);
    return;
  }
  const bool up = from < to;
  const std::size_t hop = up ? from : from - 1;
  const std::size_t next = up ? from + 1 : from - 1;
  send({.device = device, .hop = hop, .up = up, .bytes = bytes},
       [=, this, then = std::move(then)](const engine::TaskReport& report) mutable {
         const Seconds busy = report.end - report.begin;
         trip.end = report.end;
         trip.busy += busy;
         traffic_.time += busy;
         const bool has_begun = report.is_done || busy > Seconds(0);
         if (counts && has_begun) {
           (up ? traffic_.up : traffic_.down) += bytes;
         }
         if (report.is_done) {
           carry_on(device, next, to, bytes, insists, false, trip, std::move(then));
         } else if (insists) {
           when_way_up(device, hop, [=, this, then = std::move(then)]() mutable {
             carry_on(device, from, to, bytes, true, counts, trip, std::move(then));
           });
         } else {
           trip.is_done = false;
           then(trip);
         }
       });
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
    carry(to, level, 0, bytes, [there, then = std::move(then)](Trip whole) {
      whole.busy += there.busy;
      then(whole);
    });
  });
}

void TaskBook::insist(const engine::Computation& computation, AfterTask then) {
  compute(computation,
          [this, computation, then = std::move(then)](const engine::TaskReport& report) mutable {
            if (report.is_done) {
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
  const AfterTask then = std::move(after_.at(report.token));
  after_[report.token] = nullptr;
  if (!then) {
    throw std::logic_error("a task ended twice");
  }
  unused_.push_back(report.token);
  then(report);
}

void TaskBook::woken(std::size_t token) {
  ended({.token = token, .is_done = true, .handed_out = now(), .begin = now(), .end = now()});
}

}  // namespace offcut::training
