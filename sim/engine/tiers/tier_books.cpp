// The books of a tier. Every change of a count first integrates the counts over the time since the
// last change. Each queue keeps its own load beside that of the whole tier, so that one of many
// that has too much does not go unseen.

#include "sim/engine/tiers/tier_books.h"

#include <algorithm>
#include <numeric>

#include "sim/engine/core/laws.h"

namespace offcut::engine {

TierBooks::TierBooks(std::string name, std::size_t cores, std::size_t queues)
    : up_(cores), queues_(queues), exist_{.cores = cores} {
  usage.name = std::move(name);
  usage.servers = cores;
  usage.most_cores = cores;
}

void TierBooks::begin_scaling(const std::vector<std::size_t>& cores_of_queues) {
  usage.is_scaled = true;
  for (const std::size_t cores : cores_of_queues) {
    scaled_queues_.push_back({.up = {.cores = cores}});
  }
  up_ = std::accumulate(cores_of_queues.begin(), cores_of_queues.end(), std::size_t{0});
  exist_.cores = up_;
  usage.most_cores = up_;
}

void TierBooks::begin_groups(std::vector<MachineGroupUsage> groups) {
  usage.groups = std::move(groups);
  groups_.resize(usage.groups.size());
}

void TierBooks::GroupTime::integrate(double now) {
  busy_time += static_cast<double>(busy) * (now - since);
  running_time += static_cast<double>(running) * (now - since);
  since = now;
}

void TierBooks::group_busy(std::size_t group, double now, std::ptrdiff_t cores,
                           std::ptrdiff_t requests) {
  GroupTime& times = groups_[group];
  times.integrate(now);
  times.busy = static_cast<std::size_t>(static_cast<std::ptrdiff_t>(times.busy) + cores);
  times.running = static_cast<std::size_t>(static_cast<std::ptrdiff_t>(times.running) + requests);
}

void TierBooks::add_group_work(std::size_t group, double time, std::size_t requests) {
  groups_[group].work += time;
  groups_[group].sojourns += time * static_cast<double>(requests);
}

void TierBooks::close_groups(double end) {
  for (std::size_t i = 0; i < groups_.size(); ++i) {
    GroupTime& times = groups_[i];
    MachineGroupUsage& group = usage.groups[i];
    times.integrate(end);
    if (busy_known_) {
      const std::string name = usage.name + ", " + group.name;
      check_law(name, "Little's law", times.running_time, times.sojourns, end);
      check_law(name, "the utilisation law", times.busy_time, times.work, end);
    }
    group.busy = Seconds(busy_known_ ? times.work : times.busy_time);
    group.mean_running = end > 0 ? times.running_time / end : 0;
  }
}

void TierBooks::CoreTime::change(double now, std::ptrdiff_t change) {
  time = until(now);
  since = now;
  cores = static_cast<std::size_t>(static_cast<std::ptrdiff_t>(cores) + change);
}

void TierBooks::integrate(double now) {
  job_time_ += static_cast<double>(jobs_) * (now - since_);
  busy_time_ += static_cast<double>(busy_) * (now - since_);
  up_time_ += static_cast<double>(up_) * (now - since_);
  since_ = now;
}

void TierBooks::record_arrival(double now, Seconds work, Seconds backlog, std::size_t queue,
                               Seconds backlog_of_queue, bool is_task) {
  integrate(now);
  ++jobs_;
  ++arrivals_;
  usage.offered += work;
  usage.capacity = Seconds(up_time_);
  QueueLoad& load = queues_[queue];
  load.offered += work;
  if (!is_task) {
    ++requests_;
    backlog_ = backlog;
    ++load.requests;
    load.backlog = static_cast<float>(backlog_of_queue.si());
  }
  if (!scaled_queues_.empty()) {
    ScaledQueue& scaled = scaled_queues_[queue];
    scaled.capacity = scaled.up.until(now);
    scaled.cores = std::max<std::size_t>(scaled.up.cores, 1);
    up_at_last_ = std::max<std::size_t>(up_, 1);
  }
}

void TierBooks::record_departure(double now, double sojourn) {
  integrate(now);
  --jobs_;
  sojourns_ += sojourn;
}

void TierBooks::record_waiting(std::int64_t waiting) {
  usage.most_waiting = std::max(usage.most_waiting, waiting);
}

void TierBooks::cores_busy(double now, std::ptrdiff_t change) {
  integrate(now);
  busy_ = static_cast<std::size_t>(static_cast<std::ptrdiff_t>(busy_) + change);
}

void TierBooks::cores_up(double now, std::ptrdiff_t change, std::size_t queue) {
  integrate(now);
  up_ = static_cast<std::size_t>(static_cast<std::ptrdiff_t>(up_) + change);
  if (!scaled_queues_.empty()) {
    scaled_queues_[queue].up.change(now, change);
  }
}

void TierBooks::cores_exist(double now, std::ptrdiff_t change) {
  exist_.change(now, change);
  usage.most_cores = std::max(usage.most_cores, exist_.cores);
}

/// Returns the load of one queue, without the loading of models.
JudgedLoad TierBooks::load_of_queue(std::size_t queue) const {
  const QueueLoad& load = queues_[queue];
  const auto queues = static_cast<double>(queues_.size());
  const bool is_scaled = !scaled_queues_.empty();
  const double cores = is_scaled                  ? static_cast<double>(scaled_queues_[queue].cores)
                       : cores_of_queues_.empty() ? static_cast<double>(usage.servers) / queues
                                                  : static_cast<double>(cores_of_queues_[queue]);
  const double equal_part = usage.capacity.si() / queues;
  const double part = cores_of_queues_.empty()
                          ? equal_part
                          : usage.capacity.si() * cores / static_cast<double>(usage.servers);
  return {.requests = load.requests,
          .backlog = static_cast<double>(load.backlog) / cores,
          .offered = load.offered.si(),
          .capacity = is_scaled ? scaled_queues_[queue].capacity : part};
}

void TierBooks::judge_queues(double end) {
  // What loading and cold starts take is not known by queue: it counts as if all queues had the
  // same part of it.
  const double loading = (usage.loading + usage.warming).si() / static_cast<double>(queues_.size());
  for (std::size_t i = 0; i < queues_.size(); ++i) {
    JudgedLoad load = load_of_queue(i);
    usage.worst = std::max(usage.worst, load.capacity > 0 ? load.offered / load.capacity : 0);
    load.offered += loading;
    usage.saturated += is_overloaded_alone(load, end) ? 1 : 0;
  }
  if (usage.saturated > 0) {
    usage.verdict = Verdict::overloaded;
  }
}

void TierBooks::close(double end) {
  integrate(end);
  check_law(usage.name, "Little's law", job_time_, sojourns_, end);
  if (busy_known_) {
    // check_law() takes 1e-9 of the scale, which is the precision of a computation's end.
    const double rounded = ends_are_rounded_ ? static_cast<double>(usage.batches + usage.tasks) : 0;
    check_law(usage.name, "the utilisation law", busy_time_, usage.busy.si(), end + rounded);
  } else {
    usage.busy = Seconds(busy_time_);
  }
  close_groups(end);
  usage.mean_jobs = end > 0 ? job_time_ / end : 0;
  usage.existing = Seconds(exist_.until(end));
  const std::size_t cores = usage.is_scaled ? up_at_last_ : usage.servers;
  usage.verdict = judge({.requests = requests_,
                         .backlog = backlog_.si() / static_cast<double>(cores),
                         .offered = (usage.offered + usage.loading + usage.warming).si(),
                         .capacity = usage.capacity.si()},
                        end);
  usage.queues = queues_.size();
  judge_queues(end);
}

}  // namespace offcut::engine
