#pragma once

#include "partition/studies/optimum.h"

namespace offcut::partition {

/// The share of correct answers that codecs cost, see AccuracyTable.
struct AccuracyLoss {};

/// The memory that a plan needs on the device.
struct DeviceMemory {};

/// A criterion by which plans are compared; less is better.
using FrontAxis = std::variant<Objective, AccuracyLoss, DeviceMemory>;

/// A plan and its value on each of the axes.
struct FrontPoint {
  Assignment tier_of;
  CodecOf codecs;  // Chosen for the tensors that cross; empty without AccuracyLoss.
  std::vector<double> values;
  std::string variant = {};  // The name of the problem, in a front over several.
};

struct Front {
  std::vector<FrontPoint> points;  // Ascending on the first axis, then on the others.
  bool is_whole = false;           // Otherwise, they are the corners of the front's convex hull.
};

/// Returns the points of both fronts, which have the same axes, that no other is better than.
Front merged(const Front& a, const Front& b);

/// Returns the plans within the limits for which no other plan is better on one axis and no worse
/// on all others; of plans with equal values, one. If there are at most `most` assignments, the
/// front is exact, by trying all of them, and with AccuracyLoss each of their measured_codecs().
/// Beyond that, for two linear objectives and no deadline, it returns the supported points, which
/// are best for some weighted sum (Aneja and Nair, "Bicriteria transportation problem", Management
/// Science 25(1), 1979), from optima of such sums, see lower_envelope(); points in the hollows
/// between them are left out. Declined if neither is possible. REQUIRES: problem.check() holds; two
/// axes or more; `solver` returns optima.
std::variant<Front, Declined> pareto_front(const Problem& problem,
                                           const std::vector<FrontAxis>& axes, const Solver& solver,
                                           double most = 2e5);

}  // namespace offcut::partition
