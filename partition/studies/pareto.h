#pragma once

#include "partition/studies/optimum.h"

namespace offcut::partition {

/// The share of right answers that codecs cost, see AccuracyTable.
struct AccuracyLoss {};

/// What plans are told apart by; less is better.
using FrontAxis = std::variant<Objective, AccuracyLoss>;

/// A plan and what it is on each of the axes.
struct FrontPoint {
  Assignment tier_of;
  CodecOf codecs;  // chosen for what crosses; none without AccuracyLoss
  std::vector<double> values;
};

struct Front {
  std::vector<FrontPoint> points;  // ascending on the first axis, then on the others
  bool is_whole = false;           // otherwise the supported points: the corners of its convex hull
};

/// The plans within the limits for which no other is better on one axis and no worse on all
/// others; one of each that cost the same. Exact, by trying all assignments, and with AccuracyLoss
/// each of their measured_codecs(), where there are at most `most`. Beyond that, for two linear
/// objectives and no deadline, the supported points: those that are best for some weighted sum
/// (Aneja and Nair, "Bicriteria transportation problem", Management Science 25(1), 1979), from
/// optima of such sums, see lower_envelope(); points in the hollows between them are left out.
/// Declined with what is missing for either. REQUIRES: problem.check() holds; two axes or more;
/// `solver` gives optima.
std::variant<Front, Declined> pareto_front(const Problem& problem,
                                           const std::vector<FrontAxis>& axes, const Solver& solver,
                                           double most = 2e5);

}  // namespace offcut::partition
