#pragma once

#include <optional>

#include "analysis/statistics/latency_statistics.h"

namespace offcut::analysis {

/// Returns one figure of a latency, or nothing without an answer.
inline std::optional<double> latency_part(const std::optional<LatencySummary>& latency,
                                          double LatencySummary::*part) {
  return latency ? std::optional(*latency.*part) : std::nullopt;
}

}  // namespace offcut::analysis
