#pragma once

#include "partition/studies/optimum.h"

namespace offcut::partition {

/// A parameter that varies, and its range.
struct Variation {
  enum class What {
    bandwidth,  // Bytes/s upward on the hops; the ratio of both directions stays.
    up,         // Bytes/s.
    down,       // Bytes/s.
    latency,    // Seconds, on the hops.
    load,       // The factor by which all work on the tiers takes longer.
    speed       // The factor by which the tiers are faster.
  };
  What what = What::bandwidth;
  std::vector<std::size_t> where;  // Hops or tiers.
  double from = 0;                 // In SI; positive (latencies: not negative), and less than `to`.
  double to = 0;
};

/// Returns the problem with that value in place of its own. The power of the radio stays the same.
Problem varied(const Problem& problem, const Variation& variation, double value);

/// A range of values in which one plan is the best.
struct Stretch {
  double from;
  double to;
  Assignment tier_of;
  double value_from;  // The objective at `from`.
  double value_to;
};

/// Returns the ranges in which one plan is the best: exact to rounding, from optima only. The cost
/// of a plan is linear in a latency, in a load, and in the inverse of a bandwidth or speed, between
/// the values at which a hop is as fast as another one that packets may cross with it; see
/// lower_envelope(). Declined if it is not (the longest stage, the stalls of a hop that
/// varies), if the value decides which plans are possible (a deadline), or if `solver` declines.
/// REQUIRES: problem.check() holds; `solver` returns optima.
std::variant<std::vector<Stretch>, Declined> sensitivity(const Problem& problem,
                                                         const Variation& variation,
                                                         const Solver& solver);

}  // namespace offcut::partition
