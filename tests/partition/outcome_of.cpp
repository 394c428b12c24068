#include "outcome_of.h"

namespace offcut {

Outcome outcome_of(const std::string& name, const Problem& problem, const Values& values) {
  Registry<Algorithm> registry;
  register_algorithms(registry);
  const Algorithm& algorithm = *registry.find(name);
  Parameters parameters = defaults(algorithm.parameters);
  for (const auto& [parameter, value] : values) {
    parameters.set(parameter, value);
  }
  return solve(algorithm, problem, parameters);
}

Plan plan_of(const std::string& name, const Problem& problem, const Values& values) {
  return std::get<Plan>(outcome_of(name, problem, values));
}

}  // namespace offcut
