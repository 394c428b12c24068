// The books of a tier. Every change of a count first integrates the counts over the time since the
// last change. The verdict compares the backlog at the last arrival with the length of the run.

#include "sim/engine/tiers/tier_books.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace offcut::engine {
namespace {

// Both sums have as many terms as there were events, and their rounding errors stay far below this.
constexpr double kTolerance = 1e-9;

void check_equal(const std::string& tier, const char* law, double a, double b, double scale) {
  if (std::abs(a - b) > kTolerance * std::max(scale, std::max(std::abs(a), std::abs(b)))) {
    throw std::logic_error(
        fmt::format("{} does not hold on {}: {:.17g} s against {:.17g} s", law, tier, a, b));
  }
}

}  // namespace

TierBooks::TierBooks(std::string name, std::size_t cores) : up_(cores) {
  usage.name = std::move(name);
  usage.servers = cores;
}

void TierBooks::integrate(double now) {
  job_time_ += static_cast<double>(jobs_) * (now - since_);
  busy_time_ += static_cast<double>(busy_) * (now - since_);
  up_time_ += static_cast<double>(up_) * (now - since_);
  since_ = now;
}

void TierBooks::record_arrival(double now, Seconds work, Seconds backlog) {
  integrate(now);
  ++jobs_;
  ++arrivals_;
  usage.offered += work;
  usage.capacity = Seconds(up_time_);
  backlog_ = backlog;
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

Verdict TierBooks::verdict(double end) const {
  // Fewer requests are too few to judge by, and work that takes less than a twentieth of the run is
  // no backlog.
  constexpr std::int64_t kFewest = 100;
  constexpr double kBacklog = 0.05;
  const double cores = static_cast<double>(usage.servers);
  if (arrivals_ < kFewest || backlog_.si() / cores < kBacklog * end) {
    return Verdict::stable;
  }
  return usage.offered + usage.loading > usage.capacity ? Verdict::overloaded : Verdict::backlogged;
}

void TierBooks::close(double end) {
  integrate(end);
  check_equal(usage.name, "Little's law", job_time_, sojourns_, end);
  if (busy_known_) {
    check_equal(usage.name, "the utilisation law", busy_time_, usage.busy.si(), end);
  } else {
    usage.busy = Seconds(busy_time_);
  }
  usage.mean_jobs = end > 0 ? job_time_ / end : 0;
  usage.verdict = verdict(end);
}

}  // namespace offcut::engine
