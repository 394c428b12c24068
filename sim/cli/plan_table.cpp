#include "sim/cli/plan_table.h"

#include <fmt/format.h>

#include <algorithm>

#include "models/base/readable.h"
#include "sim/cli/plan_text.h"
#include "sim/cli/text_table.h"

namespace offcut::cli {
namespace {

/// Returns "yes", how far the bound is below the plan ("to 3 %"), or nothing.
std::string proof(const partition::Problem& problem, const partition::Plan& plan) {
  if (partition::is_proven(problem, plan)) {
    return "yes";
  }
  const double value = partition::weigh(problem.goal.objective, plan.cost);
  return plan.bound ? "to " + percent((value - *plan.bound) / value, 2) : "";
}

/// The plans that the algorithms have found, each once, the best first.
class DistinctPlans {
 public:
  DistinctPlans(const partition::Problem& problem, const std::vector<SolvedPlan>& all)
      : problem_(problem) {
    for (const SolvedPlan& solved : all) {
      const auto* plan = std::get_if<partition::Plan>(&solved.outcome);
      if (plan != nullptr && find(*plan) == plans_.end()) {
        plans_.push_back(plan);
      }
    }
    std::stable_sort(plans_.begin(), plans_.end(),
                     [&](const partition::Plan* a, const partition::Plan* b) {
                       return partition::weigh(problem.goal.objective, a->cost) <
                              partition::weigh(problem.goal.objective, b->cost);
                     });
  }

  /// Counts from 1.
  std::string number(const partition::Plan& plan) const {
    return fmt::format("{}", find(plan) - plans_.begin() + 1);
  }

  std::string text() const {
    TextTable table({">plan", "layers (how many, memory)"});
    for (const partition::Plan* plan : plans_) {
      table.add({number(*plan), placement_with_memory(problem_, *plan)});
    }
    return table.text();
  }

 private:
  std::vector<const partition::Plan*>::const_iterator find(const partition::Plan& plan) const {
    return std::find_if(plans_.begin(), plans_.end(), [&](const partition::Plan* other) {
      return other->tier_of == plan.tier_of && other->codecs == plan.codecs;
    });
  }

  const partition::Problem& problem_;
  std::vector<const partition::Plan*> plans_;
};

std::vector<std::string> row_of(const partition::Problem& problem, const SolvedPlan& solved,
                                const std::string& plan_number) {
  const partition::Plan& plan = std::get<partition::Plan>(solved.outcome);
  const partition::Cost& cost = plan.cost;
  const std::string objective = objective_name(problem.goal.objective);
  const double value = partition::weigh(problem.goal.objective, cost);
  const std::optional<partition::Cost> request = plan.request_cost();
  const bool has_energy =
      request && unknown_power(problem, &*request).empty() && objective != "energy";
  return {solved.algorithm->name,
          objective == "latency" ? "" : partition::objective_text(problem.goal.objective, value),
          to_readable(plan.latency()),
          request ? to_readable(request->compute_total()) : "",
          request ? to_readable(request->transmission_total()) : "",
          has_energy ? to_readable(request->energy) : "",
          request && !request->up_bytes.empty() ? to_readable(bytes_sent(problem, *request)) : "",
          measure_text(plan),
          proof(problem, plan),
          to_readable(Seconds(solved.solve_s)),
          plan_number};
}

}  // namespace

std::string plan_table(const partition::Problem& problem, const std::vector<SolvedPlan>& plans) {
  TextTable table({"algorithm", fmt::format(">{}", objective_name(problem.goal.objective)),
                   ">latency", ">compute", ">transmission", ">energy", ">upload", ">measure",
                   ">optimal", ">solved in", ">plan"});
  const DistinctPlans distinct(problem, plans);
  for (const SolvedPlan& solved : plans) {
    if (const auto* plan = std::get_if<partition::Plan>(&solved.outcome)) {
      table.add(row_of(problem, solved, distinct.number(*plan)));
    }
  }
  table.drop_empty_columns();
  table.set_least_important({"transmission", "compute", "energy", "upload", "solved in"});
  return fmt::format("{}\n{}", table.text(), distinct.text());
}

}  // namespace offcut::cli
