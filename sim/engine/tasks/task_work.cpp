// A task is handed to the parts of the engine by an event, so that a director never finds itself
// called by its own call. Its end is told at once: the parts of the engine have let go of it by
// then. A director that nothing can call any more is done, whether or not it said so: no task is
// under way, no call is scheduled, and what it waits for will never be.

#include "sim/engine/tasks/task_work.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace offcut::engine {
namespace {

std::size_t count_devices(const Simulation& simulation, const network::Attachment& attachment) {
  return simulation.teams ? simulation.sending_devices() : attachment.devices();
}

void require(bool holds, const char* rule) {
  if (!holds) {
    throw std::invalid_argument(fmt::format("a director's task is invalid: {}", rule));
  }
}

bool is_amount(double value) { return value >= 0 && std::isfinite(value); }

}  // namespace

TaskWork::TaskWork(const Simulation& simulation, const Parts& parts, Director& director,
                   Listener& listener)
    : simulation_(simulation),
      parts_(parts),
      start_(parts.places.start()),
      devices_(count_devices(simulation, start_)),
      director_(director),
      listener_(listener),
      carried_(2 * simulation.hops.size()) {
  parts_.end.wait_for([this] { return !is_done_; });
}

void TaskWork::start() {
  ++wakes_left_;
  parts_.events.schedule(parts_.events.now(), *this, kBegin);
}

void TaskWork::handle(std::uint32_t kind, std::uint32_t /*number*/, void* subject) {
  if (kind == kTask) {
    begin(static_cast<Request*>(subject));
    return;
  }
  --wakes_left_;
  if (kind == kBegin) {
    director_.begins(*this);
  } else {
    auto* wake = static_cast<Wake*>(subject);
    const std::size_t token = wake->token;
    wakes_.give_back(wake);
    if (!is_over()) {
      director_.woken(token);
    }
  }
  look_whether_done();
}

// --- tasks

Request* TaskWork::take(std::size_t device, std::size_t token) {
  if (has_ended_) {
    throw std::logic_error("a director hands out a task after its end");
  }
  Request* task = parts_.requests.take_task(device, simulation_.classes.size() - 1, token);
  task->record.arrival = now();
  ++record_.handed_out;
  ++under_way_;
  parts_.events.schedule(parts_.events.now(), *this, kTask, 0, task);
  return task;
}

void TaskWork::compute(const Computation& computation, std::size_t token) {
  const std::size_t tier = tier_of(computation.device, computation.level);
  require(is_amount(computation.service.si()) && is_amount(computation.model.si()),
          "a time and the size of a model must be finite and not negative");
  Request* task = take(computation.device, token);
  task->stage = tier;
  task->task_time = computation.service;
  task->route = route_of(group_of(computation.device), computation.level, computation.model);
}

void TaskWork::send(const Message& message, std::size_t token) {
  const std::size_t hop = hop_of(message.device, message.hop);
  require(is_amount(message.bytes.si()), "the size of a message must be finite and not negative");
  Request* task = take(message.device, token);
  task->stage = hop;
  task->sending = true;
  task->up = message.up;
  task->bytes = Bytes(std::ceil(message.bytes.si()));  // Links carry whole bytes.
  task->route = route_of(group_of(message.device), 0, Bytes(0));
}

/// Returns the route of tasks that need the model on that level.
const Route* TaskWork::route_of(std::size_t group, std::size_t level, Bytes model) {
  const bool is_free = model == Bytes(0);
  const auto [found, is_new] =
      itineraries_.try_emplace({group, is_free ? 0 : level, model.si()}, Itinerary());
  Itinerary& itinerary = found->second;
  if (is_new) {
    itinerary = simulation_.itinerary_of(simulation_.classes.size() - 1);
    itinerary.stages[level].model = model;
  }
  return parts_.itineraries.route_of_tasks(simulation_.classes.size() - 1, group, itinerary);
}

void TaskWork::begin(Request* task) {
  if (task->gave_up) {
    parts_.requests.release(task);
  } else if (is_empty(task->record.device)) {
    lost(task);
  } else if (task->sending) {
    parts_.links.record_message(task, parts_.events.now());
    listener_.line_up(task);
  } else {
    listener_.submit(task);
  }
}

void TaskWork::sent(Request* task) {
  Traffic& carried = carried_[2 * task->stage + (task->up ? 0 : 1)];
  carried.task_bytes += task->bytes;
  ++carried.task_messages;
  parts_.energy.releases(task);
  director_.sent(task->token, task->bytes);
}

void TaskWork::lost(Request* task) {
  parts_.energy.releases(task);
  finish(task, false);
}

void TaskWork::give_up(Request* task) {
  const TaskReport report = report_of(task, false);
  const double now = parts_.events.now();
  parts_.requests.give_up(task);
  if (task->is_on_air()) {
    parts_.energy.ends(task, parts_.network.crossed(task), now);
  }
  parts_.energy.releases(task);
  parts_.withdrawal.withdraw(task, now);
  tell(report);
}

void TaskWork::finish(Request* task, bool is_done) {
  const TaskReport report = report_of(task, is_done);
  parts_.requests.release(task);
  tell(report);
}

/// Counts the end of a task.
TaskReport TaskWork::report_of(const Request* task, bool is_done) {
  --under_way_;
  ++(is_done ? record_.done : record_.lost);
  return {.token = task->token,
          .is_done = is_done,
          .handed_out = task->record.arrival,
          .begin = task->sent_from < 0 ? now() : Seconds(task->sent_from),
          .end = now()};
}

void TaskWork::tell(const TaskReport& report) {
  if (!is_over()) {
    director_.ended(report);
  }
  look_whether_done();
}

// --- waits

void TaskWork::at(Seconds time, std::size_t token) {
  require(!std::isnan(time.si()), "a time must be a number");
  if (time < kNever) {
    schedule_wake(std::max(time, now()).si(), token);
  }
}

/// Schedules a call in the background: batches of requests that can't fill up go on meanwhile.
void TaskWork::schedule_wake(double time, std::size_t token) {
  Wake* wake = wakes_.take();
  wake->token = token;
  ++wakes_left_;
  parts_.events.schedule_in_background(time, *this, kWake, 0, wake);
}

void TaskWork::when_up(std::size_t device, std::size_t level, std::size_t token) {
  wait(machine_of(device, level), {.device = device, .token = token});
}

void TaskWork::when_way_up(std::size_t device, std::size_t hop, std::size_t token) {
  wait(link_of(device, hop), {.device = device, .token = token});
}

void TaskWork::wait(const Obstacle& obstacle, const Waiter& waiter) {
  if (is_up(obstacle, waiter.device)) {
    schedule_wake(parts_.events.now(), waiter.token);
  } else if (!is_empty(waiter.device)) {
    waiting_[obstacle].push_back(waiter);
  }
}

template <class Ends>
void TaskWork::end_waits(std::vector<Waiter>& waiters, Ends ends) {
  waiters.erase(std::remove_if(waiters.begin(), waiters.end(), ends), waiters.end());
}

void TaskWork::came_up(const FaultClock::Component& component) {
  const auto found = waiting_.find(parts_.recovery.obstacle_of(component));
  if (found == waiting_.end()) {
    return;
  }
  end_waits(found->second, [&](const Waiter& waiter) {
    const bool ends = is_up(found->first, waiter.device);
    if (ends) {
      schedule_wake(parts_.events.now(), waiter.token);
    }
    return ends;
  });
  if (found->second.empty()) {
    waiting_.erase(found);
  }
}

/// Lets the waits of a device for machines go on at its new sites.
void TaskWork::moved(std::size_t device) {
  std::vector<std::pair<Obstacle, Waiter>> all;
  for (auto& [obstacle, waiters] : waiting_) {
    end_waits(waiters, [&, &known = obstacle](const Waiter& waiter) {
      const bool is_its_own = waiter.device == device && !known.is_link;
      if (is_its_own) {
        all.emplace_back(known, waiter);
      }
      return is_its_own;
    });
  }
  std::erase_if(waiting_, [](const auto& entry) { return entry.second.empty(); });
  for (const auto& [obstacle, waiter] : all) {
    when_up(device, level_of(obstacle.position, simulation_.groups), waiter.token);
  }
}

void TaskWork::battery_empty(std::size_t device) {
  for (auto& [obstacle, waiters] : waiting_) {
    end_waits(waiters, [&](const Waiter& waiter) { return waiter.device == device; });
  }
  std::erase_if(waiting_, [](const auto& entry) { return entry.second.empty(); });
  look_whether_done();
}

/// Returns whether anything that the director waits for may come up.
bool TaskWork::any_may_wake() const {
  return std::any_of(waiting_.begin(), waiting_.end(), [this](const auto& entry) {
    return !parts_.recovery.is_hopeless(entry.first);
  });
}

bool TaskWork::is_up(const Obstacle& obstacle, std::size_t device) const {
  if (is_empty(device)) {
    return false;
  }
  return obstacle.is_link ? parts_.network.is_up(obstacle.position, device)
                          : parts_.computing.is_up(obstacle.position, obstacle.index);
}

bool TaskWork::is_up(std::size_t device, std::size_t level) const {
  return is_up(machine_of(device, level), device);
}

bool TaskWork::is_way_up(std::size_t device, std::size_t hop) const {
  return is_up(link_of(device, hop), device);
}

// --- the system

Seconds TaskWork::idle_time(const Message& message) const {
  const Link& link = simulation_.hops[hop_of(message.device, message.hop)];
  partition::Hop hop = link.hop;
  if (link.site) {
    BytesPerSecond& own = message.up ? hop.up : hop.down;
    own = std::min(own, link.site->rate(message.up) / hop.payload);
  }
  return hop.message_time(message.up, Bytes(std::ceil(message.bytes.si())));
}

std::size_t TaskWork::levels(std::size_t /*device*/) const {
  return engine::levels(simulation_.tiers.size(), simulation_.groups);
}

std::size_t TaskWork::site_of(std::size_t device, std::size_t level) const {
  return parts_.places.site_of(tier_of(device, level), device);
}

Joules TaskWork::energy_of(std::size_t device) const {
  const std::size_t group = group_of(device);
  return parts_.energy.of_device(group, device - start_.first_device(group), now().si());
}

std::size_t TaskWork::tier_of(std::size_t device, std::size_t level) const {
  require(device < devices_, "there is no such device");
  require(level < levels(device), "there is no such tier");
  return number_of(level, group_of(device), simulation_.groups);
}

std::size_t TaskWork::hop_of(std::size_t device, std::size_t hop) const {
  require(device < devices_, "there is no such device");
  require(hop < engine::levels(simulation_.hops.size(), simulation_.groups),
          "there is no such hop");
  return number_of(hop, group_of(device), simulation_.groups);
}

Recovery::Obstacle TaskWork::machine_of(std::size_t device, std::size_t level) const {
  return {false, tier_of(device, level), site_of(device, level)};
}

Recovery::Obstacle TaskWork::link_of(std::size_t device, std::size_t hop) const {
  const std::size_t number = hop_of(device, hop);
  return {true, number, parts_.places.link_of(number, device)};
}

bool TaskWork::is_empty(std::size_t device) const {
  const std::size_t group = group_of(device);
  return parts_.energy.is_empty(group, device - start_.first_device(group));
}

// --- the end

void TaskWork::end() {
  has_ended_ = true;  // Its caller, or the task that ends, then looks whether it is done.
}

/// Returns whether the director itself has ended the run.
bool TaskWork::is_over() const {
  return has_ended_ && !simulation_.stop.requests && !simulation_.stop.after;
}

void TaskWork::look_whether_done() {
  const bool may_go_on = under_way_ > 0 || wakes_left_ > 0 || any_may_wake();
  if (!is_done_ && (has_ended_ || !may_go_on)) {
    is_done_ = true;
    parts_.end.director_is_done();
  }
}

void TaskWork::ends(Seconds end) {
  end_ = end;
  has_ended_ = true;
  director_.ends(end);
}

void TaskWork::close(RunRecord& record) {
  for (const Request* request : parts_.requests.in_use()) {
    record_.unfinished += request->of_tasks && !request->gave_up ? 1 : 0;
  }
  if (record_.done + record_.lost + record_.unfinished != record_.handed_out) {
    throw std::logic_error(
        fmt::format("tasks were lost: {} handed out, {} done, {} lost, {} unfinished",
                    record_.handed_out, record_.done, record_.lost, record_.unfinished));
  }
  record.tasks = record_;
  record.classes.pop_back();  // That of the tasks.
  for (std::size_t i = 0; i < carried_.size(); ++i) {
    HopUsage& hop = record.hops[i / 2];
    Traffic& traffic = i % 2 == 0 ? hop.up_traffic : hop.down_traffic;
    traffic.task_bytes = carried_[i].task_bytes;
    traffic.task_messages = carried_[i].task_messages;
  }
}

}  // namespace offcut::engine
