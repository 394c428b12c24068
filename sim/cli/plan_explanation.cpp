// The texts of `offcut plan --explain`, `--sensitivity` and `--pareto`.

#include "sim/cli/plan_explanation.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "models/base/readable.h"
#include "partition/cost_terms.h"
#include "partition/studies/next_best.h"
#include "sim/cli/plan_text.h"
#include "sim/cli/terminal.h"
#include "sim/cli/text_table.h"

namespace offcut::cli {
namespace {

std::string signed_text(const partition::Objective& objective, double value) {
  const char* sign = value > 0 ? "+" : value < 0 ? "-" : "";
  return fmt::format("{}{}", sign, partition::objective_text(objective, std::abs(value)));
}

/// Returns a row per term of the objective, and the sums.
std::string term_table(const partition::Problem& problem, const partition::Plan& best,
                       const partition::Plan& next) {
  const partition::Objective& objective = problem.goal.objective;
  TextTable table({"term", ">best", ">next best", ">difference"});
  const auto row = [&](const std::string& name, double first, double second) {
    table.add({name, partition::objective_text(objective, first),
               partition::objective_text(objective, second),
               signed_text(objective, second - first)});
  };
  const auto terms = partition::cost_terms(problem, best.cost);
  const auto others = partition::cost_terms(problem, next.cost);
  for (std::size_t i = 0; i < terms.size(); ++i) {
    if (terms[i].value != 0 || others[i].value != 0) {
      row(terms[i].name, terms[i].value, others[i].value);
    }
  }
  row("sum", partition::weigh(objective, best.cost), partition::weigh(objective, next.cost));
  return table.text();
}

/// Returns a line with the term by which the next best plan is dearer most of all.
std::string decision(const partition::Problem& problem, const partition::Plan& best,
                     const partition::NextBest& next) {
  const partition::Objective& objective = problem.goal.objective;
  const double value = partition::weigh(objective, best.cost);
  const double more = partition::weigh(objective, next.plan.cost) - value;
  const auto terms = partition::cost_terms(problem, best.cost);
  const auto others = partition::cost_terms(problem, next.plan.cost);
  std::size_t decides = 0;
  for (std::size_t i = 1; i < terms.size(); ++i) {
    if (others[i].value - terms[i].value > others[decides].value - terms[decides].value) {
      decides = i;
    }
  }
  const std::string share = value > 0 ? fmt::format(" ({})", percent(more / value, 3)) : "";
  return fmt::format("the next best plan costs {}{}{} more; the deciding term is {}, {}\n",
                     next.is_sure ? "" : "at most ", partition::objective_text(objective, more),
                     share, terms[decides].name,
                     signed_text(objective, others[decides].value - terms[decides].value));
}

}  // namespace

std::string explain_plan(const partition::Problem& problem, const partition::Plan& best,
                         const partition::Solver& solver) {
  std::string text =
      fmt::format("best (by {}): {}\n", best.algorithm, placement(problem, best.tier_of));
  const auto other = partition::next_best(problem, best.tier_of, solver);
  if (const auto* declined = std::get_if<partition::Declined>(&other)) {
    return fitted(text + fmt::format("next best: unknown: {}\n", declined->reason));
  }
  const auto& next = std::get<partition::NextBest>(other);
  text += next.has_equals ? "other plans cost the same\n" : "";
  text += fmt::format("next best: {}\n", placement(problem, next.plan.tier_of));
  return fmt::format("{}\n{}{}", fitted(text), term_table(problem, best, next.plan),
                     fitted(decision(problem, best, next)));
}

std::string sensitivity_text(const partition::Problem& problem, const SensitivityStudy& study,
                             const std::vector<partition::Stretch>& stretches) {
  TextTable table({">from", ">to", ">costs from", ">costs to", "best plan"});
  table.set_least_important({"costs to", "costs from", "to"});
  for (const partition::Stretch& stretch : stretches) {
    table.add({study.text(stretch.from), study.text(stretch.to),
               partition::objective_text(problem.goal.objective, stretch.value_from),
               partition::objective_text(problem.goal.objective, stretch.value_to),
               placement(problem, stretch.tier_of)});
  }
  return fmt::format("{}: the best plan changes {} time{}\n\n{}", study.name, stretches.size() - 1,
                     stretches.size() == 2 ? "" : "s", table.text());
}

std::string front_text(const partition::Problem& problem, const ParetoStudy& study,
                       const partition::Front& front) {
  std::vector<std::string> header;
  std::vector<std::string> least_important;
  for (const ParetoAxis* axis : study.axes) {
    header.push_back(fmt::format(">{}", axis->heading));
    least_important.emplace(least_important.begin(), axis->heading);  // The last one first.
  }
  header.emplace_back("plan");
  TextTable table(header);
  table.set_least_important(std::move(least_important));
  for (const partition::FrontPoint& point : front.points) {
    std::vector<std::string> row;
    for (std::size_t i = 0; i < point.values.size(); ++i) {
      row.push_back(study.axes[i]->readable(point.values[i]));
    }
    row.push_back(placement(problem, point.tier_of, point.codecs) +
                  (point.variant.empty() ? "" : ", " + point.variant));
    table.add(std::move(row));
  }
  return fmt::format("Pareto front: {}{}\n\n{}", counted(front.points.size(), "plan"),
                     front.is_whole ? "" : ", those that are best for some weighted sum",
                     table.text());
}

}  // namespace offcut::cli
