// Varies a parameter of a problem, and finds the plans that are the best for some value as the
// lower envelope of their costs.

#include "partition/studies/sensitivity.h"

#include <algorithm>

#include "partition/legs.h"
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

bool is_varied(const Variation& variation, std::size_t hop) {
  const auto& where = variation.where;
  return std::find(where.begin(), where.end(), hop) != where.end();
}

/// Returns whether messages over a hop that varies stall.
bool any_stalls(const Problem& problem, const Variation& variation) {
  const auto stalls = [&](const Leg& leg) {
    const Hop hop = joined(problem, leg);
    return std::any_of(leg.hops.begin(), leg.hops.end(),
                       [&](std::size_t number) { return is_varied(variation, number); }) &&
           (!hop.stalls(true).empty() || !hop.stalls(false).empty());
  };
  for (std::size_t from = 0; from < problem.tier_count(); ++from) {
    for (std::size_t to = from + 1; to < problem.tier_count(); ++to) {
      const std::vector<Leg> legs = legs_between(problem, from, to);
      if (std::any_of(legs.begin(), legs.end(), stalls)) {
        return true;
      }
    }
  }
  return false;
}

/// Returns the two ends, and the values between them at which a hop that varies is as fast as
/// another one. A leg over both is as fast as the slower one, so costs are lines only between these
/// values.
std::vector<double> ends_of_lines(const Problem& problem, const Variation& variation) {
  std::vector<double> values = {variation.from, variation.to};
  const auto add = [&](double value) {
    if (value > variation.from && value < variation.to) {
      values.push_back(value);
    }
  };
  const bool is_of_rates = is_of_hop(variation.what) && variation.what != What::latency;
  for (const std::size_t place : variation.where) {
    for (std::size_t other = 0; is_of_rates && problem.has_routes() && other < problem.hop_count();
         ++other) {
      if (!is_varied(variation, other)) {
        const Hop unit = varied(problem, variation, 1).hop(place);
        add(problem.hop(other).rate(true) / unit.rate(true));
        add(problem.hop(other).rate(false) / unit.rate(false));
      }
    }
  }
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
  return values;
}

/// Adds the stretches of a range in which costs are lines. Returns why there are none, if so.
std::optional<Declined> add_stretches(const Problem& problem, const Variation& variation,
                                      const Solver& solver, std::vector<Stretch>& stretches) {
  const Problem first = varied(problem, variation, variation.from);
  const Problem last = varied(problem, variation, variation.to);
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
  std::vector<EnvelopePiece> pieces = lower_envelope(best);
  for (EnvelopePiece& piece : pieces) {
    const double to = value_at(variation, piece.to);
    if (!stretches.empty() && stretches.back().tier_of == piece.line.tier_of) {
      stretches.back().to = to;
      stretches.back().value_to = piece.line.at(piece.to);
    } else {
      stretches.push_back({value_at(variation, piece.from), to, std::move(piece.line.tier_of),
                           piece.line.at(piece.from), piece.line.at(piece.to)});
    }
  }
  return pieces.empty() ? std::optional(declined) : std::nullopt;
}

}  // namespace

Problem varied(const Problem& problem, const Variation& variation, double value) {
  Problem changed = problem;
  for (const std::size_t place : variation.where) {
    if (is_of_hop(variation.what)) {
      vary_hop(changed.hop(place), variation.what, value);
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
  if (is_of_hop(variation.what) &&
      (any_stalls(varied(problem, variation, variation.from), variation) ||
       any_stalls(varied(problem, variation, variation.to), variation))) {
    return Declined{
        "the stalls of a hop's transport are not linear in the value that varies; 'transport: none' "
        "of the hop leaves them out"};
  }
  const std::vector<double> ends = ends_of_lines(problem, variation);
  std::vector<Stretch> stretches;
  for (std::size_t i = 0; i + 1 < ends.size(); ++i) {
    Variation part = variation;
    part.from = ends[i];
    part.to = ends[i + 1];
    if (auto declined = add_stretches(problem, part, solver, stretches)) {
      return *std::move(declined);
    }
  }
  return stretches;
}

}  // namespace offcut::partition
