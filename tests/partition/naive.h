#pragma once

#include <functional>
#include <optional>
#include <set>
#include <vector>

#include "partition/evaluation.h"

namespace offcut::partition {

/// The cost of one request, and its parts.
struct NaiveCost {
  double seconds = 0;
  double longest = 0;  // The longest stage.
  double joules = 0;
  double money = 0;
  bool keeps_limits = true;

  /// A message over one hop in one direction; its seconds include the radio's promotion.
  struct Message {
    double bytes = 0;
    double seconds = 0;
    bool is_sent = false;
  };
  std::vector<double> busy;    // Seconds per tier.
  std::vector<double> memory;  // Bytes per tier; empty if the layers' memory is unknown.
  std::vector<Message> up;     // Per hop.
  std::vector<Message> down;

  double value(const Objective& objective) const {
    return objective.latency * seconds + objective.energy * joules + objective.money * money +
           objective.bottleneck * longest;
  }
};

/// Returns the cost by following one request, independently of evaluate() and verify(): tensors go
/// from tier to tier, each tier runs its layers on them and sends on the tensors that are still
/// needed; the device runs its tail at the end. A tensor with a coding is encoded before it leaves
/// the tier that made it, and decoded by each tier that reads it. None if a layer lacks a tensor,
/// because the plan would have to go back for it.
std::optional<NaiveCost> naive_cost(const Problem& problem, const Assignment& tier_of);

/// Returns only its seconds.
std::optional<double> naive_seconds(const Problem& problem, const Assignment& tier_of);

/// Returns how long the engines of a tier need for some layers, by going through time: whenever an
/// engine is free, the ready layer with the longest way to the end begins.
double naive_schedule(const Problem& problem, std::size_t tier, const std::set<LayerId>& layers);

/// Visits each assignment in which the layers are on the device or on one other tier, and no tensor
/// goes back.
void each_cut_in_two(const Problem& problem, const std::function<void(const Assignment&)>& visit);

/// Visits all tiers^layers assignments, those that go back included, in the order of the layers,
/// nearest tiers first.
void each_placement(const Problem& problem, const std::function<void(const Assignment&)>& visit);

/// The first assignment of least objective among all that keep the limits.
struct NaiveBest {
  Assignment tier_of;
  double value;
};
std::optional<NaiveBest> naive_best(const Problem& problem);

/// Returns the least objective over all tiers^layers assignments that keep the limits and that
/// `allowed` accepts.
double naive_optimum(const Problem& problem,
                     const std::function<bool(const Assignment&)>& allowed = {});

}  // namespace offcut::partition
