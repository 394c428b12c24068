#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sim/engine/simulation.h"

namespace offcut::analysis {

/// Figures of the latencies of answered requests, in seconds. Quantiles are exact, as
/// quantile_in_place() gives them.
struct LatencySummary {
  double mean = 0, p50 = 0, p90 = 0, p95 = 0, p99 = 0, p999 = 0, max = 0;
  // The means of the parts, which add up to `mean`.
  double device_wait = 0, device_compute = 0, upload_wait = 0, upload = 0, server_wait = 0,
         server_compute = 0, download = 0, lost = 0, team = 0, handover = 0;
};

/// Gathers latencies one by one. Keeps 8 bytes for each, which exact quantiles need.
class LatencyStatistics {
 public:
  void add(const engine::RequestRecord& request);
  /// Adds all latencies of `other`, and empties it.
  void take(LatencyStatistics& other);
  /// Returns nothing if nothing was added.
  std::optional<LatencySummary> summary();

 private:
  std::vector<double> latencies_;
  LatencySummary sums_;
};

}  // namespace offcut::analysis
