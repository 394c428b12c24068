#include "tests/training/fake_tasks.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace offcut::training {

FakeTasks::FakeTasks(FakeLayout layout) : layout_(std::move(layout)), energy_(layout_.devices) {
  machines_.emplace_back(layout_.devices);
  for (std::size_t level = 1; level <= layout_.hops.size(); ++level) {
    const std::size_t sites = level <= layout_.sites.size() ? layout_.sites[level - 1] : 1;
    machines_.emplace_back(sites);
    for (Machine& one : machines_.back()) {
      one.cores = layout_.cores;
    }
  }
  for (std::size_t hop = 0; hop < layout_.hops.size(); ++hop) {
    const FakeHop& of = layout_.hops[hop];
    links_.emplace_back(hop == 0 && !of.shared ? layout_.devices : 1);
    for (Link& one : links_.back()) {
      one.ways[0].rate = of.down.si();
      one.ways[1].rate = of.up.si();
    }
  }
  lines_.resize(layout_.devices);
}

Seconds FakeTasks::run(engine::Director& director, Seconds limit) {
  director_ = &director;
  for (const FakeFailure& failure : layout_.failures) {
    schedule(failure.at, [this, failure] { fail(failure); });
  }
  schedule(Seconds(0), [this] { director_->begins(*this); });
  while (!is_over_ && !events_.empty() && events_.top().at <= limit) {
    const Event event = events_.top();
    events_.pop();
    now_ = event.at;
    event.act();
  }
  return now_;
}

void FakeTasks::schedule(Seconds time, std::function<void()> act) {
  events_.push({std::max(time, now_), order_++, std::move(act)});
}

void FakeTasks::report(const Task& task, bool is_done) {
  ++reported_;
  const bool has_begun = task.begin >= task.handed_out;
  director_->ended({.token = task.token,
                    .is_done = is_done,
                    .handed_out = task.handed_out,
                    .begin = has_begun ? task.begin : now_,
                    .end = now_});
}

FakeTasks::Machine& FakeTasks::machine(std::size_t device, std::size_t level) {
  return machines_.at(level).at(site_of(device, level));
}
const FakeTasks::Machine& FakeTasks::machine(std::size_t device, std::size_t level) const {
  return machines_.at(level).at(site_of(device, level));
}
FakeTasks::Link& FakeTasks::link(std::size_t device, std::size_t hop) {
  return links_.at(hop).at(links_[hop].size() > 1 ? device : 0);
}
const FakeTasks::Link& FakeTasks::link(std::size_t device, std::size_t hop) const {
  return links_.at(hop).at(links_[hop].size() > 1 ? device : 0);
}

std::size_t FakeTasks::site_of(std::size_t device, std::size_t level) const {
  return level == 0 ? device : device * machines_.at(level).size() / layout_.devices;
}

void FakeTasks::compute(const engine::Computation& computation, std::size_t token) {
  if (is_over_) {
    throw std::logic_error("a task after the end");
  }
  ++handed_out_;
  Task task{.token = token,
            .device = computation.device,
            .handed_out = now_,
            .begin = Seconds(-1),
            .left = computation.service.si(),
            .bytes = {},
            .id = ++ids_};
  Machine& on = machine(computation.device, computation.level);
  if (!on.is_up) {
    schedule(now_, [this, task] { report(task, false); });
    return;
  }
  on.queue.push_back(task);
  begin_computations(on);
}

void FakeTasks::begin_computations(Machine& on) {
  while (on.running.size() < on.cores && !on.queue.empty()) {
    Task task = on.queue.front();
    on.queue.pop_front();
    task.begin = now_;
    on.running.push_back(task);
    schedule(now_ + Seconds(task.left), [this, &on, id = task.id] {
      const auto found = std::find_if(on.running.begin(), on.running.end(),
                                      [&](const Task& t) { return t.id == id; });
      if (found == on.running.end()) {
        return;  // It failed.
      }
      const Task done = *found;
      on.running.erase(found);
      energy_[done.device] += Joules(2 * done.left);
      begin_computations(on);
      report(done, true);
    });
  }
}

void FakeTasks::send(const engine::Message& message, std::size_t token) {
  if (is_over_) {
    throw std::logic_error("a task after the end");
  }
  ++handed_out_;
  Task task{.token = token,
            .device = message.device,
            .handed_out = now_,
            .begin = Seconds(-1),
            .left = std::ceil(message.bytes.si()),
            .bytes = Bytes(std::ceil(message.bytes.si())),
            .id = ++ids_,
            .in_line = message.up && message.hop == 0,
            .hop = 2 * message.hop + (message.up ? 1 : 0)};
  if (!link(message.device, message.hop).is_up) {
    schedule(now_, [this, task] { report(task, false); });
    return;
  }
  if (task.in_line) {
    lines_[task.device].push_back(task);
    if (lines_[task.device].size() > 1) {
      return;
    }
  }
  begin_message(task);
}

void FakeTasks::begin_message(Task task) {
  task.begin = now_;
  Link& on = link(task.device, task.hop / 2);
  Direction& way = on.ways[task.hop % 2];
  advance(way);
  way.flows.push_back(task);
  plan(on, task.hop % 2);
}

void FakeTasks::leave_line(const Task& task) {
  if (task.in_line) {
    lines_[task.device].pop_front();
    if (!lines_[task.device].empty()) {
      begin_message(lines_[task.device].front());
    }
  }
}

void FakeTasks::advance(Direction& way) {
  if (!way.flows.empty()) {
    const double each = (now_ - way.since).si() * way.rate / static_cast<double>(way.flows.size());
    for (Task& flow : way.flows) {
      flow.left -= each;
    }
  }
  way.since = now_;
}

void FakeTasks::plan(Link& on, std::size_t which) {
  Direction& way = on.ways[which];
  const std::uint64_t version = ++way.version;
  if (way.flows.empty()) {
    return;
  }
  const auto next = std::min_element(way.flows.begin(), way.flows.end(),
                                     [](const Task& a, const Task& b) { return a.left < b.left; });
  const double time = std::max(0.0, next->left) * static_cast<double>(way.flows.size()) / way.rate;
  schedule(now_ + Seconds(time), [this, &on, which, version, id = next->id] {
    Direction& of = on.ways[which];
    if (of.version != version) {
      return;
    }
    advance(of);
    const auto found =
        std::find_if(of.flows.begin(), of.flows.end(), [&](const Task& t) { return t.id == id; });
    const Task done = *found;
    of.flows.erase(found);
    plan(on, which);
    (done.hop % 2 == 1 ? carried_.up : carried_.down) += done.bytes;
    director_->sent(done.token, done.bytes);
    schedule(now_ + layout_.hops[done.hop / 2].latency, [this, done] { report(done, true); });
    leave_line(done);
  });
}

void FakeTasks::at(Seconds time, std::size_t token) {
  schedule(time, [this, token] { director_->woken(token); });
}

bool FakeTasks::is_up(std::size_t device, std::size_t level) const {
  return machine(device, level).is_up;
}

bool FakeTasks::is_way_up(std::size_t device, std::size_t hop) const {
  return link(device, hop).is_up;
}

void FakeTasks::when_up(std::size_t device, std::size_t level, std::size_t token) {
  Machine& of = machine(device, level);
  const auto wake = [this, token] { director_->woken(token); };
  if (of.is_up) {
    schedule(now_, wake);
  } else {
    of.waiting.emplace_back(wake);
  }
}

void FakeTasks::when_way_up(std::size_t device, std::size_t hop, std::size_t token) {
  Link& of = link(device, hop);
  const auto wake = [this, token] { director_->woken(token); };
  if (of.is_up) {
    schedule(now_, wake);
  } else {
    of.waiting.emplace_back(wake);
  }
}

Seconds FakeTasks::idle_time(const engine::Message& message) const { return idle_time(message, 1); }

Seconds FakeTasks::idle_time(const engine::Message& message, std::size_t together) const {
  const FakeHop& hop = layout_.hops.at(message.hop);
  const bool is_shared = message.hop > 0 || hop.shared;
  return hop.latency + (is_shared ? static_cast<double>(together) : 1.0) * message.bytes /
                           (message.up ? hop.up : hop.down);
}

void FakeTasks::fail(const FakeFailure& failure) {
  std::vector<Task> lost;
  std::vector<std::function<void()>> wake;
  if (failure.of_machine) {
    Machine& of = machines_.at(failure.level).at(failure.number);
    of.is_up = failure.is_up;
    if (of.is_up) {
      wake.swap(of.waiting);
    } else {
      lost = std::move(of.running);
      lost.insert(lost.end(), of.queue.begin(), of.queue.end());
      of.running.clear();
      of.queue.clear();
    }
  } else {
    Link& of = link(failure.number, failure.level);
    of.is_up = failure.is_up;
    if (of.is_up) {
      wake.swap(of.waiting);
    } else {
      for (Direction& way : of.ways) {
        lost.insert(lost.end(), way.flows.begin(), way.flows.end());
        way.flows.clear();
        ++way.version;
      }
      for (std::size_t device = 0; failure.level == 0 && device < lines_.size(); ++device) {
        if (&link(device, 0) == &of) {
          const std::deque<Task>& line = lines_[device];
          lost.insert(lost.end(), line.begin() + (line.empty() ? 0 : 1), line.end());
          lines_[device].clear();
        }
      }
    }
  }
  for (const Task& task : lost) {
    schedule(now_, [this, task] { report(task, false); });
  }
  for (std::function<void()>& one : wake) {
    schedule(now_, std::move(one));
  }
}

}  // namespace offcut::training
