#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "analysis/statistics/interval.h"

namespace offcut::analysis {

/// A figure of values, which it may reorder.
using Statistic = std::function<double(std::vector<double>& values)>;

/// Returns the interval of a statistic of values that follow each other in time and are correlated,
/// such as latencies in a queue: percentiles of the statistic over resamples of whole blocks of
/// neighbouring values (circular block bootstrap, Politis and Romano 1992). A block has as many
/// values as the square root of their number. The same seed gives the same interval. REQUIRES:
/// there are values, 0 < confidence < 1, resamples > 0.
Interval block_bootstrap(std::span<const double> values, const Statistic& statistic,
                         double confidence, std::size_t resamples, std::uint64_t seed);

}  // namespace offcut::analysis
