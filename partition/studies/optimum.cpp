#include "partition/studies/optimum.h"

#include <algorithm>
#include <tuple>

#include "partition/solvers/enumeration.h"

namespace offcut::partition {
namespace {

constexpr double kFewAssignments = 2e4;  // a search is faster than trying more of them

/// Whether `a` answers all that `b` does, in comparable time.
bool covers(const Algorithm& a, const Algorithm& b) {
  return a.effort == b.effort && a.proof >= b.proof && a.objectives <= b.objectives &&
         a.within.pins >= b.within.pins && a.within.memory >= b.within.memory &&
         a.within.deadline >= b.within.deadline;
}

/// The algorithms that prove an optimum, each unless one before it covers it: fast ones first, and
/// of equally fast ones those that take more problems.
std::vector<const Algorithm*> provers(const Registry<Algorithm>& algorithms) {
  std::vector<const Algorithm*> all;
  for (const auto& [name, algorithm] : algorithms) {
    if (proves_optimum(algorithm)) {
      all.push_back(&algorithm);
    }
  }
  std::stable_sort(all.begin(), all.end(), [](const Algorithm* a, const Algorithm* b) {
    return std::tuple(a->effort, b->proof) < std::tuple(b->effort, a->proof);
  });
  std::vector<const Algorithm*> needed;
  for (const Algorithm* algorithm : all) {
    if (std::none_of(needed.begin(), needed.end(),
                     [&](const Algorithm* before) { return covers(*before, *algorithm); })) {
      needed.push_back(algorithm);
    }
  }
  return needed;
}

}  // namespace

bool is_proven(const Problem& problem, const Plan& plan) {
  const double value = weigh(problem.goal.objective, plan.cost);
  return plan.bound && *plan.bound >= value * (1 - kRounding);
}

Outcome optimum(const Registry<Algorithm>& algorithms, const Problem& problem) {
  Declined last{"no algorithm proves an optimum"};
  for (const Algorithm* algorithm : provers(algorithms)) {
    if (algorithm->effort == Effort::assignments && !are_at_most(problem, kFewAssignments)) {
      continue;
    }
    Outcome outcome = solve(*algorithm, problem, defaults(algorithm->parameters));
    if (auto* declined = std::get_if<Declined>(&outcome)) {
      last = std::move(*declined);
    } else if (is_proven(problem, std::get<Plan>(outcome))) {
      return outcome;
    }
  }
  return last;
}

}  // namespace offcut::partition
