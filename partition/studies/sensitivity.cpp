// Varies a parameter of a problem, and finds the plans that are the best for some value as the
// lower envelope of their costs.

#include "partition/studies/sensitivity.h"

#include <algorithm>

#include "partition/studies/lower_envelope.h"

namespace offcut::partition {
namespace {

using What = Variation::What;

bool is_inverse(What varied) { return varied != What::latency && varied != What::load; }

bool is_of_hop(What varied) { return varied != What::load && varied != What::speed; }

void vary_hop(Hop& hop, What varied, double value) {
  switch (varied) {
    case What::bandwidth:
      hop.down = hop.down * (value / hop.up.si());
      hop.up = BytesPerSecond(value);
      break;
    case What::up:
      hop.up = BytesPerSecond(value);
      break;
    case What::down:
      hop.down = BytesPerSecond(value);
      break;
    default:
      hop.latency = Seconds(value);
  }
}

/// Returns the value at the position s from 0 to 1 between the two ends, on the scale on which
/// costs are linear: the value's own or its inverse's.
double value_at(const Variation& variation, double s) {
  if (s == 0 || s == 1) {
    return s == 0 ? variation.from : variation.to;
  }
  return is_inverse(variation.what) ? 1 / ((1 - s) / variation.from + s / variation.to)
                                    : (1 - s) * variation.from + s * variation.to;
}

}  // namespace

Problem varied(const Problem& problem, const Variation& variation, double value) {
  Problem changed = problem;
  for (const std::size_t place : variation.where) {
    if (is_of_hop(variation.what)) {
      vary_hop(changed.hops[place], variation.what, value);
    } else {
      slow_down(changed, place, is_inverse(variation.what) ? 1 / value : value);
    }
  }
  return changed;
}

std::variant<std::vector<Stretch>, Declined> sensitivity(const Problem& problem,
                                                         const Variation& variation,
                                                         const Solver& solver) {
  if (!problem.goal.objective.is_linear()) {
    return Declined{"the longest stage of a plan is not linear in the value that varies"};
  }
  if (problem.goal.limits.deadline) {
    return Declined{"the plans that keep the deadline depend on the value that varies"};
  }
  const Problem first = varied(problem, variation, variation.from);
  const Problem last = varied(problem, variation, variation.to);
  const auto stalls = [&](const Problem& end) {
    return std::any_of(variation.where.begin(), variation.where.end(), [&](std::size_t hop) {
      return !end.hops[hop].stalls(true).empty() || !end.hops[hop].stalls(false).empty();
    });
  };
  if (is_of_hop(variation.what) && (stalls(first) || stalls(last))) {
    return Declined{"the stalls of a hop's transport are not linear in the value that varies"};
  }
  Declined declined;
  const auto best = [&](double s) -> std::optional<PlanLine> {
    Optimum outcome = solver(varied(problem, variation, value_at(variation, s)));
    if (auto* refusal = std::get_if<Declined>(&outcome)) {
      declined = std::move(*refusal);
      return std::nullopt;
    }
    Assignment& tier_of = std::get<Plan>(outcome).tier_of;
    const double at0 = weigh(problem.goal.objective, evaluate(first, tier_of));
    const double at1 = weigh(problem.goal.objective, evaluate(last, tier_of));
    return PlanLine{std::move(tier_of), at0, at1};
  };
  std::vector<Stretch> stretches;
  for (EnvelopePiece& piece : lower_envelope(best)) {
    stretches.push_back({value_at(variation, piece.from), value_at(variation, piece.to),
                         std::move(piece.line.tier_of), piece.line.at(piece.from),
                         piece.line.at(piece.to)});
  }
  if (stretches.empty()) {
    return declined;
  }
  return stretches;
}

}  // namespace offcut::partition
