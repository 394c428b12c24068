// Sums up the parts of latencies and keeps the latencies themselves, from which the summary takes
// means and exact quantiles.

#include "analysis/statistics/latency_statistics.h"

#include <algorithm>

#include "models/base/quantile.h"

namespace offcut::analysis {
namespace {

/// The latency and its parts. Sums and means both loop over this list.
constexpr double LatencySummary::*kParts[] = {
    &LatencySummary::mean,           &LatencySummary::device_wait, &LatencySummary::device_compute,
    &LatencySummary::upload_wait,    &LatencySummary::upload,      &LatencySummary::server_wait,
    &LatencySummary::server_compute, &LatencySummary::download,    &LatencySummary::lost,
    &LatencySummary::team,           &LatencySummary::handover};

}  // namespace

void LatencyStatistics::add(const engine::RequestRecord& request) {
  latencies_.push_back(request.latency().si());
  sums_.mean += request.latency().si();
  sums_.device_wait += request.device_wait.si();
  sums_.device_compute += request.device_compute.si();
  sums_.upload_wait += request.upload_wait.si();
  sums_.upload += request.upload.si();
  sums_.server_wait += request.server_wait.si();
  sums_.server_compute += request.server_compute.si();
  sums_.download += request.download.si();
  sums_.lost += request.lost.si();
  sums_.team += request.team.si();
  sums_.handover += request.handover.si();
}

void LatencyStatistics::take(LatencyStatistics& other) {
  if (latencies_.empty()) {
    std::swap(*this, other);
    return;
  }
  latencies_.insert(latencies_.end(), other.latencies_.begin(), other.latencies_.end());
  for (const auto part : kParts) {
    sums_.*part += other.sums_.*part;
  }
  other = {};
}

std::optional<LatencySummary> LatencyStatistics::summary() {
  if (latencies_.empty()) {
    return std::nullopt;
  }
  LatencySummary summary = sums_;
  for (const auto part : kParts) {
    summary.*part /= static_cast<double>(latencies_.size());
  }
  summary.p50 = quantile_in_place(latencies_, 0.5);
  summary.p90 = quantile_in_place(latencies_, 0.9);
  summary.p95 = quantile_in_place(latencies_, 0.95);
  summary.p99 = quantile_in_place(latencies_, 0.99);
  summary.p999 = quantile_in_place(latencies_, 0.999);
  summary.max = *std::max_element(latencies_.begin(), latencies_.end());
  return summary;
}

}  // namespace offcut::analysis
