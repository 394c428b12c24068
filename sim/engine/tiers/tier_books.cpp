// The books of a tier. Every change of a count first integrates the counts over the time since the
// last change. Each queue keeps its own load beside that of the whole tier, so that one of many
// that has too much does not go unseen.

#include "sim/engine/tiers/tier_books.h"

#include <algorithm>

#include "sim/engine/core/laws.h"
#include "sim/engine/core/verdict.h"

namespace offcut::engine {

TierBooks::TierBooks(std::string name, std::size_t cores, std::size_t queues)
    : up_(cores), queues_(queues) {
  usage.name = std::move(name);
  usage.servers = cores;
}

void TierBooks::integrate(double now) {
  job_time_ += static_cast<double>(jobs_) * (now - since_);
  busy_time_ += static_cast<double>(busy_) * (now - since_);
  up_time_ += static_cast<double>(up_) * (now - since_);
  since_ = now;
}

void TierBooks::record_arrival(double now, Seconds work, Seconds backlog, std::size_t queue,
                               Seconds backlog_of_queue) {
  integrate(now);
  ++jobs_;
  ++arrivals_;
  usage.offered += work;
  usage.capacity = Seconds(up_time_);
  backlog_ = backlog;
  QueueLoad& load = queues_[queue];
  load.offered += work;
  load.backlog = static_cast<float>(backlog_of_queue.si());
  ++load.arrivals;
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

void TierBooks::cores_up(double now, std::ptrdiff_t change) {
  integrate(now);
  up_ = static_cast<std::size_t>(static_cast<std::ptrdiff_t>(up_) + change);
}

void TierBooks::judge_queues(double end) {
  const auto queues = static_cast<double>(queues_.size());
  const double cores = static_cast<double>(usage.servers) / queues;
  const double capacity = usage.capacity.si() / queues;
  // What loading takes is not known by queue: it counts as if all queues had the same part of it.
  const double loading = usage.loading.si() / queues;
  for (const QueueLoad& queue : queues_) {
    const bool is_overloaded =
        is_overloaded_alone({.arrivals = queue.arrivals,
                             .backlog = static_cast<double>(queue.backlog) / cores,
                             .offered = queue.offered.si() + loading,
                             .capacity = capacity},
                            end);
    usage.worst = std::max(usage.worst, capacity > 0 ? queue.offered.si() / capacity : 0);
    usage.saturated += is_overloaded ? 1 : 0;
  }
  if (usage.saturated > 0) {
    usage.verdict = Verdict::overloaded;
  }
}

void TierBooks::close(double end) {
  integrate(end);
  check_law(usage.name, "Little's law", job_time_, sojourns_, end);
  if (busy_known_) {
    check_law(usage.name, "the utilisation law", busy_time_, usage.busy.si(), end);
  } else {
    usage.busy = Seconds(busy_time_);
  }
  usage.mean_jobs = end > 0 ? job_time_ / end : 0;
  usage.verdict = judge({.arrivals = arrivals_,
                         .backlog = backlog_.si() / static_cast<double>(usage.servers),
                         .offered = (usage.offered + usage.loading).si(),
                         .capacity = usage.capacity.si()},
                        end);
  usage.queues = queues_.size();
  judge_queues(end);
}

}  // namespace offcut::engine
