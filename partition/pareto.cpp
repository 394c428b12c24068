#include "partition/pareto.h"

#include <fmt/format.h>

#include <algorithm>

#include "partition/enumeration.h"
#include "partition/lower_envelope.h"

namespace offcut {
namespace {

constexpr double kSame = 1e-11;

std::vector<double> values_of(const Cost& cost, const std::vector<Objective>& objectives) {
  std::vector<double> values;
  values.reserve(objectives.size());
  for (const Objective& objective : objectives) {
    values.push_back(weigh(objective, cost));
  }
  return values;
}

/// No worse in any, where sums in another order count as equal.
bool is_no_worse(const std::vector<double>& a, const std::vector<double>& b) {
  return std::equal(a.begin(), a.end(), b.begin(),
                    [](double x, double y) { return x <= y + kSame * y; });
}

void add(FrontPoint point, std::vector<FrontPoint>& points) {
  for (const FrontPoint& other : points) {
    if (is_no_worse(other.values, point.values)) {
      return;
    }
  }
  std::erase_if(points,
                [&](const FrontPoint& other) { return is_no_worse(point.values, other.values); });
  points.push_back(std::move(point));
}

void sort(std::vector<FrontPoint>& points) {
  std::sort(points.begin(), points.end(),
            [](const FrontPoint& a, const FrontPoint& b) { return a.values < b.values; });
}

Front whole_front(const Problem& problem, const std::vector<Objective>& objectives) {
  Front front{.is_whole = true};
  each_assignment(problem, [&](const Assignment& tier_of) {
    if (const auto cost = cost_within_limits(problem, tier_of)) {
      add({tier_of, values_of(*cost, objectives)}, front.points);
    }
    return true;
  });
  sort(front.points);
  return front;
}

Objective weighted(const Objective& a, const Objective& b, double s) {
  return {.latency = (1 - s) * a.latency + s * b.latency,
          .energy = (1 - s) * a.energy + s * b.energy,
          .money = (1 - s) * a.money + s * b.money};
}

std::variant<Front, Declined> supported_points(const Problem& problem,
                                               const std::vector<Objective>& objectives,
                                               const Solver& solver) {
  Declined declined;
  Problem summed = problem;
  const auto best = [&](double s) -> std::optional<PlanLine> {
    summed.objective = weighted(objectives[0], objectives[1], s);
    Outcome outcome = solver(summed);
    if (auto* refusal = std::get_if<Declined>(&outcome)) {
      declined = std::move(*refusal);
      return std::nullopt;
    }
    Plan& plan = std::get<Plan>(outcome);
    const std::vector<double> values = values_of(plan.cost, objectives);
    return PlanLine{std::move(plan.tier_of), values[0], values[1]};
  };
  Front front;
  for (EnvelopePiece& piece : lower_envelope(best)) {
    add({std::move(piece.line.tier_of), {piece.line.at0, piece.line.at1}}, front.points);
  }
  if (front.points.empty()) {
    return declined;
  }
  sort(front.points);
  return front;
}

}  // namespace

std::variant<Front, Declined> pareto_front(const Problem& problem,
                                           const std::vector<Objective>& objectives,
                                           const Solver& solver, double most) {
  if (are_at_most(problem, most)) {
    Front front = whole_front(problem, objectives);
    if (front.points.empty()) {
      return Declined{"no plan keeps the limits"};
    }
    return front;
  }
  const bool are_linear = std::all_of(objectives.begin(), objectives.end(),
                                      [](const Objective& o) { return o.is_linear(); });
  if (objectives.size() > 2 || !are_linear || problem.limits.deadline) {
    return Declined{
        fmt::format("there are more than {:.0f} plans to try; beyond that, the front is found for "
                    "two sums over layers and tensors and without a deadline",
                    most)};
  }
  return supported_points(problem, objectives, solver);
}

}  // namespace offcut
