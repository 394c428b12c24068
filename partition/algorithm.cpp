#include "partition/algorithm.h"

namespace offcut {

Outcome solve(const Algorithm& algorithm, const Problem& problem, const Parameters& parameters) {
  auto answer = algorithm.solve(problem, parameters);
  if (auto* declined = std::get_if<Declined>(&answer)) {
    return std::move(*declined);
  }
  Plan plan{.algorithm = algorithm.name, .tier_of = std::get<Assignment>(std::move(answer))};
  if (plan.tier_of.size() == problem.layer_count()) {  // otherwise verify() says so
    plan.cost = evaluate(problem, plan.tier_of);
    plan.note = algorithm.note != nullptr ? algorithm.note(problem, plan.tier_of) : "";
  }
  verify(problem, plan);
  if (algorithm.figures != nullptr) {
    plan.figures = algorithm.figures(problem, parameters);
  }
  return plan;
}

}  // namespace offcut
