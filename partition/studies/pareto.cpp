// Computes Pareto fronts: by adding every assignment to a list without dominated points, or from
// the lower envelope of plans under a blend of two objectives.

#include "partition/studies/pareto.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "partition/solvers/enumeration.h"
#include "partition/solvers/measured_codecs.h"
#include "partition/studies/lower_envelope.h"

namespace offcut::partition {
namespace {

constexpr double kFrontTolerance = 1e-11;

std::vector<double> values_of(const Cost& cost, double loss, const std::vector<FrontAxis>& axes) {
  std::vector<double> values;
  values.reserve(axes.size());
  for (const FrontAxis& axis : axes) {
    const auto* objective = std::get_if<Objective>(&axis);
    const bool is_memory = std::holds_alternative<DeviceMemory>(axis);
    values.push_back(objective != nullptr ? weigh(*objective, cost)
                     : is_memory          ? cost.memory.front().si()
                                          : loss);
  }
  return values;
}

bool counts_losses(const std::vector<FrontAxis>& axes) {
  return std::any_of(axes.begin(), axes.end(), [](const FrontAxis& axis) {
    return std::holds_alternative<AccuracyLoss>(axis);
  });
}

/// Returns whether `a` is no worse in any value. Sums in another order count as equal.
bool is_no_worse(const std::vector<double>& a, const std::vector<double>& b) {
  return std::equal(a.begin(), a.end(), b.begin(),
                    [](double x, double y) { return x <= y + kFrontTolerance * std::abs(y); });
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

Front whole_front(const Problem& problem, const std::vector<FrontAxis>& axes) {
  using Ways = std::vector<AccuracyTable::Entry>;
  Front front{.is_whole = true};
  const bool choose_codecs = counts_losses(axes);
  const auto cost_with = [&](const CodecOf& codecs, const Assignment& tier_of) {
    return codecs.empty() ? cost_within_limits(problem, tier_of)
                          : cost_within_limits(with_codecs(problem, codecs), tier_of);
  };
  each_assignment(problem, [&](const Assignment& tier_of) {
    const Ways ways = choose_codecs ? measured_codecs(problem, tier_of) : Ways{{}};
    for (const AccuracyTable::Entry& way : ways) {
      if (const auto cost = cost_with(way.codecs, tier_of)) {
        add({tier_of, way.codecs, values_of(*cost, way.loss, axes), {}}, front.points);
      }
    }
    return true;
  });
  sort(front.points);
  return front;
}

Objective blend(const Objective& a, const Objective& b, double s) {
  return {.latency = (1 - s) * a.latency + s * b.latency,
          .energy = (1 - s) * a.energy + s * b.energy,
          .money = (1 - s) * a.money + s * b.money};
}

/// REQUIRES: both axes are objectives.
std::variant<Front, Declined> supported_points(const Problem& problem,
                                               const std::vector<FrontAxis>& axes,
                                               const Solver& solver) {
  Declined declined;
  Problem summed = problem;
  const auto best = [&](double s) -> std::optional<PlanLine> {
    summed.goal.objective = blend(std::get<Objective>(axes[0]), std::get<Objective>(axes[1]), s);
    Optimum outcome = solver(summed);
    if (auto* refusal = std::get_if<Declined>(&outcome)) {
      declined = std::move(*refusal);
      return std::nullopt;
    }
    Plan& plan = std::get<Plan>(outcome);
    const std::vector<double> values = values_of(plan.cost, 0, axes);
    return PlanLine{std::move(plan.tier_of), values[0], values[1]};
  };
  Front front;
  for (EnvelopePiece& piece : lower_envelope(best)) {
    add({std::move(piece.line.tier_of), {}, {piece.line.at0, piece.line.at1}, {}}, front.points);
  }
  if (front.points.empty()) {
    return declined;
  }
  sort(front.points);
  return front;
}

}  // namespace

Front merged(const Front& a, const Front& b) {
  Front front{.points = {}, .is_whole = a.is_whole && b.is_whole};
  for (const Front* one : {&a, &b}) {
    for (const FrontPoint& point : one->points) {
      add(point, front.points);
    }
  }
  sort(front.points);
  return front;
}

std::variant<Front, Declined> pareto_front(const Problem& problem,
                                           const std::vector<FrontAxis>& axes, const Solver& solver,
                                           double most) {
  if (counts_losses(axes) && problem.extras.accuracy.empty()) {
    return Declined{"the accuracy of codecs was not measured"};
  }
  if (are_at_most(problem, most)) {
    Front front = whole_front(problem, axes);
    if (front.points.empty()) {
      return Declined{"no plan keeps the limits"};
    }
    return front;
  }
  const bool are_linear = std::all_of(axes.begin(), axes.end(), [](const FrontAxis& axis) {
    const auto* objective = std::get_if<Objective>(&axis);
    return objective != nullptr && objective->is_linear();
  });
  if (axes.size() > 2 || !are_linear || problem.goal.limits.deadline) {
    return Declined{
        fmt::format("there are more than {:.0f} plans to try; beyond that, a front needs two sums "
                    "over layers and tensors as its axes, and no deadline",
                    most)};
  }
  return supported_points(problem, axes, solver);
}

}  // namespace offcut::partition
