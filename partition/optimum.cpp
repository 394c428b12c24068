#include "partition/optimum.h"

namespace offcut {
namespace {

constexpr double kFewAssignments = 2e4;  // what the other ways take longer for

Parameters parameters_of(const Algorithm& algorithm) {
  Parameters parameters = defaults(algorithm.parameters);
  if (algorithm.name == "brute-force") {
    parameters.set("most", kFewAssignments);
  }
  return parameters;
}

}  // namespace

bool is_proven(const Problem& problem, const Plan& plan) {
  const double value = weigh(problem.objective, plan.cost);
  return plan.bound && *plan.bound >= value * (1 - kRounding);
}

Outcome optimum(const Registry<Algorithm>& algorithms, const Problem& problem) {
  Declined last{"no algorithm proves an optimum"};
  for (const char* name : {"multi-tier", "chain-dp", "brute-force", "exact"}) {
    const Algorithm* algorithm = algorithms.find(name);
    if (algorithm == nullptr) {
      continue;
    }
    Outcome outcome = solve(*algorithm, problem, parameters_of(*algorithm));
    if (auto* declined = std::get_if<Declined>(&outcome)) {
      last = std::move(*declined);
    } else if (is_proven(problem, std::get<Plan>(outcome))) {
      return outcome;
    }
  }
  return last;
}

}  // namespace offcut
