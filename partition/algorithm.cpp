#include "partition/algorithm.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace offcut::partition {
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

/// Why the algorithm can't minimise the objective; empty where it can.
std::string why_not(const Algorithm& algorithm, const Objective& objective) {
  if (algorithm.objectives == Objectives::latency && !(objective == Objective{})) {
    return "it minimises the latency and nothing else";
  }
  if (algorithm.objectives == Objectives::linear && !objective.is_linear()) {
    return "it minimises sums over layers and tensors, which the longest stage is not";
  }
  return "";
}

/// The limits of the problem that the algorithm does not look for plans within; for a message.
std::string not_looked_for(const Within& within, const Limits& limits) {
  std::vector<std::string> kinds;
  const auto note = [&](const char* kind, bool is_set, bool is_within) {
    if (is_set && !is_within) {
      kinds.emplace_back(kind);
    }
  };
  note("pins", !limits.pinned.empty(), within.pins);
  note("memory", !limits.memory.empty(), within.memory);
  note("deadline", limits.deadline.has_value(), within.deadline);
  return kinds.empty() ? "" : fmt::format("; it looks for none within {}", fmt::join(kinds, ", "));
}

/// The same costs without a tail; see solve().
Problem without_tail(Problem problem) {
  const std::vector<LayerId> tail = std::move(problem.tail);
  const auto is_tail = [&](LayerId layer) {
    return std::binary_search(tail.begin(), tail.end(), layer);
  };
  for (CrossingTensor& tensor : problem.tensors) {
    const bool is_made_there = tensor.producer && is_tail(*tensor.producer);
    if (std::erase_if(tensor.consumers, is_tail) > 0 && !is_made_there) {
      tensor.is_output = true;
    }
  }
  std::erase_if(problem.tensors, [&](const CrossingTensor& tensor) {
    return tensor.producer && is_tail(*tensor.producer);
  });
  auto& pinned = problem.goal.limits.pinned;
  pinned.insert(pinned.end(), tail.begin(), tail.end());
  std::sort(pinned.begin(), pinned.end());
  problem.tail.clear();
  return problem;
}

/// The tail is nobody's to place.
Answer answer_of(const Algorithm& algorithm, const Problem& problem, const Parameters& parameters) {
  if (problem.tail.empty()) {
    return algorithm.solve(problem, parameters);
  }
  Answer answer = algorithm.solve(without_tail(problem), parameters);
  if (auto* tier_of = std::get_if<Assignment>(&answer.found)) {
    for (const LayerId layer : problem.tail) {
      if (layer < tier_of->size()) {
        (*tier_of)[layer] = 0;
      }
    }
  }
  return answer;
}

}  // namespace

Outcome solve(const Algorithm& algorithm, const Problem& problem, const Parameters& parameters) {
  if (std::string reason = why_not(algorithm, problem.goal.objective); !reason.empty()) {
    return Declined{std::move(reason)};
  }
  Answer answer = answer_of(algorithm, problem, parameters);
  if (auto* declined = std::get_if<Declined>(&answer.found)) {
    return std::move(*declined);
  }
  Plan plan{.algorithm = algorithm.name,
            .tier_of = std::get<Assignment>(std::move(answer.found)),
            .bound = answer.bound,
            .figures = std::move(answer.figures),
            .makespan = answer.makespan};
  if (plan.tier_of.size() == problem.layer_count()) {  // otherwise verify() says so
    plan.codecs = answer.codecs ? std::move(*answer.codecs) : codecs_of(problem, plan.tier_of);
    plan.cost = evaluate(with_codecs(problem, plan.codecs), plan.tier_of);
    if (const std::string broken = broken_limit(problem, plan.tier_of, plan.cost);
        !broken.empty()) {
      return Declined{fmt::format("its plan breaks a limit: {}{}", broken,
                                  not_looked_for(algorithm.within, problem.goal.limits))};
    }
    plan.note = algorithm.note != nullptr ? algorithm.note(problem, plan.tier_of) : "";
    const double value = weigh(problem.goal.objective, plan.cost);
    if (proves_optimum(algorithm) && !plan.bound) {
      plan.bound = value;
    }
    if (plan.bound && *plan.bound < value * (1 - kRounding)) {
      plan.note += fmt::format(
          "{}stopped early: no plan costs less than {:.6g}, {:.2g} % below this",
          plan.note.empty() ? "" : "; ", *plan.bound, 100 * (value - *plan.bound) / value);
    }
  }
  verify(problem, plan);
  return plan;
}

}  // namespace offcut::partition
