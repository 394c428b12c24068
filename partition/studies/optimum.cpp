// Asks the algorithms that prove an optimum, the fastest first, and leaves out those that an
// algorithm asked before covers.

#include "partition/studies/optimum.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "partition/solvers/enumeration.h"

namespace offcut::partition {
namespace {

constexpr double kFewAssignments = 2e4;  // For more, a search is faster than trying all.

/// Returns whether `a` answers all problems that `b` does, in comparable time.
bool covers(const Algorithm& a, const Algorithm& b) {
  return a.effort == b.effort && a.proof >= b.proof && a.objectives <= b.objectives &&
         a.within.pins >= b.within.pins && a.within.memory >= b.within.memory &&
         a.within.deadline >= b.within.deadline;
}

/// Returns the algorithms that prove an optimum: fast ones first, and among equally fast ones those
/// that accept more problems.
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
  return all;
}

}  // namespace

bool is_proven(const Problem& problem, const Plan& plan) {
  const double value = weigh(problem.goal.objective, plan.cost);
  return plan.bound && *plan.bound >= value * (1 - kRounding);
}

Optimum optimum(const Registry<Algorithm>& algorithms, const Problem& problem) {
  Declined last{"no algorithm proves an optimum"};
  std::vector<const Algorithm*> asked;  // Without those that cover nothing here.
  bool has_open_bound = false;          // Where layers run at the same time, all have the same one.
  for (const Algorithm* algorithm : provers(algorithms)) {
    const bool is_covered = std::any_of(asked.begin(), asked.end(), [&](const Algorithm* before) {
      return covers(*before, *algorithm);
    });
    const bool is_too_much =
        algorithm->effort == Effort::assignments && !are_at_most(problem, kFewAssignments);
    const bool is_bounded = algorithm->branches == Branches::bounded && problem.is_parallel();
    if (is_covered || is_too_much || (is_bounded && has_open_bound)) {
      continue;
    }
    Outcome outcome = solve(*algorithm, problem, defaults(algorithm->parameters));
    if (auto* plan = std::get_if<Plan>(&outcome); plan != nullptr && is_proven(problem, *plan)) {
      return std::move(*plan);
    }
    if (const auto* failed = std::get_if<Failed>(&outcome)) {
      last.reason = fmt::format("'{}' failed: {}", algorithm->name, failed->reason);
      continue;
    }
    if (auto* declined = std::get_if<Declined>(&outcome)) {
      last = std::move(*declined);
    }
    if (!(algorithm->ignores_stalls && problem.has_stalls())) {
      asked.push_back(algorithm);
      if (is_bounded && std::holds_alternative<Plan>(outcome)) {
        has_open_bound = true;
        last = {"no bound proves an optimum here, where layers run at the same time ('parallel')"};
      }
    }
  }
  return last;
}

}  // namespace offcut::partition
