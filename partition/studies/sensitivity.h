#pragma once

#include "partition/studies/optimum.h"

namespace offcut::partition {

/// What changes, and between which values.
struct Variation {
  enum class What {
    bandwidth,  // bytes/s of the hops' ways up; the ways down keep their ratio to it
    up,         // bytes/s
    down,       // bytes/s
    latency,    // s, of the hops
    load,       // how many times as long as in the problem all takes on the tiers
    speed       // how many times as fast as in the problem the tiers are
  };
  What what = What::bandwidth;
  std::vector<std::size_t> where;  // hops, or tiers
  double from = 0;                 // in SI; positive (latencies: not negative), and less than `to`
  double to = 0;
};

/// The problem with that value in place of its own. The radio's power stays as it is.
Problem varied(const Problem& problem, const Variation& variation, double value);

/// The plan that is best between two values.
struct Stretch {
  double from;
  double to;
  Assignment tier_of;
  double value_from;  // of the objective
  double value_to;
};

/// Which plan is best where, with the values at which the best one changes: exact to rounding, from
/// optima alone. What a plan costs is linear in a latency, a load, and the inverse of a bandwidth
/// or speed; see lower_envelope(). Declined where it is not (the longest stage), where plans come
/// and go with the value (a deadline), and where `solver` declines.
/// REQUIRES: problem.check() holds; `solver` gives optima.
std::variant<std::vector<Stretch>, Declined> sensitivity(const Problem& problem,
                                                         const Variation& variation,
                                                         const Solver& solver);

}  // namespace offcut::partition
