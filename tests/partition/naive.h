#pragma once

#include <functional>
#include <optional>

#include "partition/evaluation.h"

namespace offcut::partition {

/// The cost of one request.
struct NaiveCost {
  double seconds = 0;
  double longest = 0;  // The longest stage.
  double joules = 0;
  double money = 0;
  bool keeps_limits = true;

  double value(const Objective& objective) const {
    return objective.latency * seconds + objective.energy * joules + objective.money * money +
           objective.bottleneck * longest;
  }
};

/// Returns the cost by following one request, independently of evaluate() and verify(): tensors go
/// from tier to tier, each tier runs its layers on them and sends on the tensors that are still
/// needed; the device runs its tail at the end. None if a layer lacks a tensor, because the plan
/// would have to go back for it.
std::optional<NaiveCost> naive_cost(const Problem& problem, const Assignment& tier_of);

/// Returns only its seconds.
std::optional<double> naive_seconds(const Problem& problem, const Assignment& tier_of);

/// Visits each assignment in which the layers are on the device or on one other tier, and no tensor
/// goes back.
void each_cut_in_two(const Problem& problem, const std::function<void(const Assignment&)>& visit);

/// Returns the least objective over all tiers^layers assignments that keep the limits and that
/// `allowed` accepts.
double naive_optimum(const Problem& problem,
                     const std::function<bool(const Assignment&)>& allowed = {});

}  // namespace offcut::partition
