#pragma once

#include "partition/optimum.h"

namespace offcut {

/// A plan and what each of the objectives makes of it.
struct FrontPoint {
  Assignment tier_of;
  std::vector<double> values;
};

struct Front {
  std::vector<FrontPoint> points;  // ascending in the first objective, then in the others
  bool is_whole = false;           // otherwise the supported points: the corners of its convex hull
};

/// The plans within the limits for which no other is better in one objective and no worse in all
/// others; one of each that cost the same. Exact, by trying all assignments, where there are at
/// most `most`. Beyond that, for two linear objectives and no deadline, the supported points: those
/// that are best for some weighted sum (Aneja and Nair, "Bicriteria transportation problem",
/// Management Science 25(1), 1979), from optima of such sums, see lower_envelope(); points in the
/// hollows between them are left out. Declined with what is missing for either.
/// REQUIRES: problem.check() holds; two objectives or more; `solver` gives optima.
std::variant<Front, Declined> pareto_front(const Problem& problem,
                                           const std::vector<Objective>& objectives,
                                           const Solver& solver, double most = 2e5);

}  // namespace offcut
