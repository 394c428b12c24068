#pragma once

#include <functional>
#include <optional>

#include "partition/evaluation.h"

namespace offcut::partition {

/// What one request costs.
struct NaiveCost {
  double seconds = 0;
  double longest = 0;  // stage
  double joules = 0;
  double money = 0;
  bool keeps_limits = true;

  double value(const Objective& objective) const {
    return objective.latency * seconds + objective.energy * joules + objective.money * money +
           objective.bottleneck * longest;
  }
};

/// Told as the design tells it ("What a plan means") and written without a
/// look at evaluate() or verify(): the tensors in hand travel from tier to tier, each tier runs its
/// layers on them and sends on what is still needed; the device keeps its tail for the end. None
/// where some layer lacks a tensor, because the plan would have to go back for it.
std::optional<NaiveCost> naive_cost(const Problem& problem, const Assignment& tier_of);

/// Its seconds alone.
std::optional<double> naive_seconds(const Problem& problem, const Assignment& tier_of);

/// Visits each assignment in which the layers are on the device or on one other tier, and nothing
/// goes back.
void each_cut_in_two(const Problem& problem, const std::function<void(const Assignment&)>& visit);

/// The least objective over all tiers^layers assignments that keep the limits and that `allowed`
/// accepts.
double naive_optimum(const Problem& problem,
                     const std::function<bool(const Assignment&)>& allowed = {});

}  // namespace offcut::partition
