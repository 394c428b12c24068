#include "outcome_of.h"

#include "tests/parameters.h"

namespace offcut::partition {

Outcome outcome_of(const std::string& name, const Problem& problem, const Values& values) {
  Registry<Algorithm> registry;
  register_algorithms(registry);
  const Algorithm& algorithm = *registry.find(name);
  return solve(algorithm, problem, defaults_but(algorithm.parameters, values));
}

Plan plan_of(const std::string& name, const Problem& problem, const Values& values) {
  return std::get<Plan>(outcome_of(name, problem, values));
}

}  // namespace offcut::partition
