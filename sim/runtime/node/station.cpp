// The decisions of a node on its queue: admission, order, batches. They follow those of the
// simulation (sim/engine/tiers), with the same policy objects and the same ServerState. The engine
// has its own station, since its requests live in its events; a test keeps both equal.

#include "sim/runtime/node/station.h"

#include <algorithm>

namespace offcut::runtime {
namespace {

const Seconds kNever = Seconds(std::numeric_limits<double>::infinity());

}  // namespace

Station::Station(Loop& loop, const scheduling::Scheduling& scheduling, std::size_t cores,
                 std::vector<std::vector<Seconds>> service, std::function<void(const Turn&)> begin)
    : loop_(loop), service_(std::move(service)), begin_(std::move(begin)), running_(cores) {
  if (scheduling.queue && scheduling.queue.kind->shares) {
    throw InputError(scheduling.queue.chosen_at,
                     "a node computes one batch per core, and can't share its cores among all "
                     "requests; expected another queue");
  }
  if (scheduling.queue) {
    discipline_.emplace(scheduling.queue);
  }
  if (scheduling.batching) {
    batching_.emplace(scheduling.batching);
  }
  if (scheduling.admission) {
    admission_.emplace(scheduling.admission);
  }
  queues_.resize(batching_ ? service_.size() : 1);
  state_.cores = cores;
  for (std::size_t core = 0; core < cores; ++core) {
    free_.push_back(core);
  }
  for (const std::vector<Seconds>& times : service_) {
    Seconds least = times.front();
    for (std::size_t i = 1; batching_ && i < times.size(); ++i) {
      least = std::min(least, times[i] / static_cast<double>(i + 1));
    }
    least_.push_back(least);
  }
}

Station::~Station() { decide_again_at(kNever); }

bool Station::offer(Task task, std::size_t cut, scheduling::Job job, bool must) {
  const Seconds now = loop_.now();
  job.queued = now;
  job.service = service_[cut].front();
  if (admission_ && !must && !admission_->admits(state_, job, now)) {
    return false;
  }
  const std::size_t queue = batching_ ? cut : 0;
  const double key = discipline_ ? discipline_->key(job) : 0;
  const auto place = queues_[queue].insert({key, joined_++, task, cut, job}).first;
  waiting_.emplace(task, std::pair(queue, place));
  ++state_.waiting;
  state_.waiting_work += least_[cut];
  start_waiting();
  return true;
}

bool Station::withdraw(Task task) {
  const auto found = waiting_.find(task);
  if (found == waiting_.end()) {
    return false;
  }
  const auto [queue, place] = found->second;
  leave(*place);
  queues_[queue].erase(place);
  waiting_.erase(found);
  return true;
}

/// Counts a task that leaves its queue.
void Station::leave(const Entry& entry) {
  --state_.waiting;
  state_.waiting_work = state_.waiting == 0 ? Seconds(0)  // Removes rounding errors.
                                            : state_.waiting_work - least_[entry.cut];
}

void Station::finished(std::size_t core, Seconds took) {
  const Running batch = running_[core];
  state_.running -= batch.size;
  --state_.busy;
  state_.running_ends = state_.busy == 0 ? Seconds(0) : state_.running_ends - batch.ends;
  free_.push_back(core);
  if (batching_) {
    batching_->finished(batch.size, took);
  }
  start_waiting();
}

Seconds Station::oldest(const Queue& queue) const {
  // The search in a long queue would be slow and change nothing, since its batch is full.
  if (queue.size() > batching_->largest()) {
    return queue.begin()->job.queued;
  }
  return std::min_element(
             queue.begin(), queue.end(),
             [](const Entry& a, const Entry& b) { return a.job.queued < b.job.queued; })
      ->job.queued;
}

/// Gives the turn to the queue whose next request comes first, unless it waits for a larger batch.
Station::Next Station::next() const {
  Next next;
  if (!batching_) {
    next.take = queues_.front().empty() ? 0 : 1;
    return next;
  }
  std::vector<std::size_t> order;
  for (std::size_t queue = 0; queue < queues_.size(); ++queue) {
    if (!queues_[queue].empty()) {
      order.push_back(queue);
    }
  }
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return *queues_[a].begin() < *queues_[b].begin();
  });
  for (const std::size_t queue : order) {
    const std::size_t most = service_[queue].size();
    if (most == 1) {
      return {queue, 1};
    }
    const std::size_t waiting = queues_[queue].size();
    const scheduling::BatchDecision decision =
        batching_->decide(waiting, oldest(queues_[queue]), loop_.now());
    if (decision.take > 0) {
      return {queue, std::min({decision.take, most, waiting})};
    }
    next.again = std::min(next.again, decision.again);
  }
  return next;
}

void Station::start_waiting() {
  Next next;
  while (!free_.empty()) {
    next = this->next();
    if (next.take == 0) {
      break;
    }
    begin(next.queue, next.take);
  }
  decide_again_at(free_.empty() ? kNever : next.again);
}

void Station::decide_again_at(Seconds time) {
  if (time == decides_at_) {
    return;
  }
  if (alarm_ != 0) {
    loop_.cancel(alarm_);
    alarm_ = 0;
  }
  decides_at_ = time;
  if (time < kNever) {
    alarm_ = loop_.at(time, [this] {
      alarm_ = 0;
      decides_at_ = kNever;
      start_waiting();
    });
  }
}

void Station::begin(std::size_t queue, std::size_t take) {
  Queue& waiting = queues_[queue];
  Turn turn{.core = free_.back(), .cut = waiting.begin()->cut, .tasks = {}};
  free_.pop_back();
  for (std::size_t i = 0; i < take; ++i) {
    const Entry entry = *waiting.begin();
    waiting.erase(waiting.begin());
    waiting_.erase(entry.task);
    if (discipline_) {
      discipline_->served(entry.job, entry.key);
    }
    leave(entry);
    turn.tasks.push_back(entry.task);
  }
  Running& batch = running_[turn.core];
  batch.size = take;
  const std::vector<Seconds>& service = service_[turn.cut];
  batch.ends = loop_.now() + service[std::min(take, service.size()) - 1];
  state_.running += take;
  ++state_.busy;
  state_.running_ends += batch.ends;
  begin_(turn);
}

void Station::flush() {
  for (std::size_t queue = 0; queue < queues_.size(); ++queue) {
    while (!free_.empty() && !queues_[queue].empty()) {
      begin(queue, std::min(queues_[queue].size(), service_[queues_[queue].begin()->cut].size()));
    }
  }
}

bool Station::waits_for_more() const {
  return !free_.empty() && state_.waiting > 0 && decides_at_ == kNever;
}

}  // namespace offcut::runtime
