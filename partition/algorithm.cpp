#include "partition/algorithm.h"

namespace offcut {
namespace {

CodecOf codecs_of(const Problem& problem, const Assignment& tier_of) {
  CodecOf codecs;
  for (const std::size_t id : crossing(problem, tier_of)) {
    const CrossingTensor& tensor = problem.tensors[id];
    if (tensor.coding && !tensor.coding->codec.empty()) {
      codecs[tensor.name] = tensor.coding->codec;
    }
  }
  return codecs;
}

}  // namespace

Outcome solve(const Algorithm& algorithm, const Problem& problem, const Parameters& parameters) {
  auto answer = algorithm.solve(problem, parameters);
  if (auto* declined = std::get_if<Declined>(&answer)) {
    return std::move(*declined);
  }
  Plan plan{.algorithm = algorithm.name, .tier_of = std::get<Assignment>(std::move(answer))};
  if (plan.tier_of.size() == problem.layer_count()) {  // otherwise verify() says so
    if (algorithm.codecs != nullptr) {
      plan.codecs = algorithm.codecs(problem, parameters, plan.tier_of);
      plan.cost = evaluate(with_codecs(problem, plan.codecs), plan.tier_of);
    } else {
      plan.codecs = codecs_of(problem, plan.tier_of);
      plan.cost = evaluate(problem, plan.tier_of);
    }
    plan.note = algorithm.note != nullptr ? algorithm.note(problem, plan.tier_of) : "";
  }
  verify(problem, plan);
  return plan;
}

}  // namespace offcut
