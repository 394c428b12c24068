// The figures of plans whose requests differ or share machines. Each is computed from the variants
// or the team alone, so that it checks what the algorithm claims.

#include "partition/deployment.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>

#include "models/base/readable.h"

namespace offcut::partition {
namespace {

void require_deployment(bool holds, const char* invariant) {
  if (!holds) {
    throw std::logic_error(std::string("deployment: ") + invariant);
  }
}

/// Returns whether no tensor goes back from a layer to one on an earlier tier.
bool is_monotone(const CostTable& costs, const Assignment& tier_of) {
  return std::all_of(costs.tensors.begin(), costs.tensors.end(), [&](const CrossingTensor& tensor) {
    return !tensor.producer ||
           std::all_of(tensor.consumers.begin(), tensor.consumers.end(), [&](LayerId reader) {
             return tier_of[*tensor.producer] <= tier_of[reader];
           });
  });
}

/// Adds a share of each part of `values`.
template <class Quantity>
void add_share(std::vector<Quantity>& sums, const std::vector<Quantity>& values, double share) {
  sums.resize(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    sums[i] += values[i] * share;
  }
}

/// The device computes one job after the other, and its link sends one after the other.
Seconds makespan_of_sequence(const CostTable& costs, const Deployment& deployment) {
  Seconds computed;
  Seconds sent;
  for (const std::size_t variant : deployment.sequence) {
    const Cost& cost = deployment.variants[variant].cost;
    computed += cost.compute[0];
    if (!cost.goes_up.empty() && cost.goes_up[0]) {
      sent = std::max(sent, computed) + cost.up_bytes[0] / costs.hops[0].rate(true);
    }
  }
  return std::max(computed, sent);
}

}  // namespace

std::string_view name_of(Measure measure) {
  switch (measure) {
    case Measure::latency:
      return "latency";
    case Measure::mean_latency:
      return "mean latency";
    case Measure::longest_latency:
      return "longest latency";
    case Measure::makespan:
      return "makespan";
    case Measure::period:
      break;
  }
  return "period";
}

void Deployment::check(const CostTable& costs) const {
  constexpr double kMostError = 1e-9;
  require_deployment(variants.empty() == team.has_value(),
                     "there must be either variants or a team");
  for (const Variant& variant : variants) {
    require_deployment(variant.tier_of.size() == costs.layer_count() &&
                           std::all_of(variant.tier_of.begin(), variant.tier_of.end(),
                                       [&](std::size_t tier) { return tier < costs.tier_count(); }),
                       "a variant must place each layer on an existing tier");
    require_deployment(is_monotone(costs, variant.tier_of), "no tensor may go back");
    require_deployment(variant.cost.compute.size() == costs.tier_count() &&
                           variant.cost.up_bytes.size() == costs.hop_count(),
                       "the cost of a variant must have a time for each tier and hop");
  }
  for (const std::size_t variant : sequence) {
    require_deployment(variant < variants.size(), "the sequence must name variants");
  }
  const double sum = std::accumulate(odds.begin(), odds.end(), 0.0);
  require_deployment(order == Order::at_random
                         ? odds.size() == variants.size() && std::abs(sum - 1) < kMostError
                         : team.has_value() || !sequence.empty(),
                     "there must be a sequence, or odds that add up to 1");
  if (team) {
    team->check();
  }
}

double Deployment::share_of(std::size_t variant) const {
  return order == Order::at_random
             ? odds[variant]
             : static_cast<double>(std::count(sequence.begin(), sequence.end(), variant)) /
                   static_cast<double>(sequence.size());
}

std::optional<Cost> Deployment::mean_cost() const {
  if (team) {
    return std::nullopt;
  }
  Cost mean = variants.front().cost;  // For what is no mean: the kinds of messages, and memory.
  mean.compute = mean.up_time = mean.down_time = {};
  mean.up_bytes = mean.down_bytes = {};
  mean.energy = Joules(0);
  mean.money = 0;
  for (std::size_t i = 0; i < variants.size(); ++i) {
    const double share = share_of(i);
    const Cost& cost = variants[i].cost;
    add_share(mean.compute, cost.compute, share);
    add_share(mean.up_time, cost.up_time, share);
    add_share(mean.down_time, cost.down_time, share);
    add_share(mean.up_bytes, cost.up_bytes, share);
    add_share(mean.down_bytes, cost.down_bytes, share);
    for (std::size_t hop = 0; hop < cost.goes_up.size(); ++hop) {
      mean.goes_up[hop] = mean.goes_up[hop] || cost.goes_up[hop];
      mean.comes_down[hop] = mean.comes_down[hop] || cost.comes_down[hop];
    }
    mean.bottleneck = std::max(mean.bottleneck, cost.bottleneck);
    mean.energy += cost.energy * share;
    mean.money += cost.money * share;
  }
  return mean;
}

Seconds Deployment::latency() const { return team ? idle_latency(*team) : mean_cost()->latency(); }

std::string note_of(const Deployment& deployment) {
  const std::size_t variants = deployment.variants.size();
  if (deployment.team) {
    return deployment.team->machines == 1
               ? "the device works alone"
               : fmt::format("{} devices work on each request", deployment.team->machines);
  }
  switch (deployment.order) {
    case Deployment::Order::by_device:
      return "each device has its cut and its share of the server";
    case Deployment::Order::at_random:
      return fmt::format("requests leave in {}", counted(variants, "way"));
    case Deployment::Order::in_turn:
      break;
  }
  return variants == 1 ? fmt::format("all requests take '{}'", deployment.variants.front().name)
                       : fmt::format("requests take {} cuts in turn", variants);
}

Seconds measured(Measure measure, const CostTable& costs, const Cost& cost,
                 const Deployment* deployment) {
  switch (measure) {
    case Measure::latency:
    case Measure::mean_latency:
      break;
    case Measure::longest_latency: {
      Seconds longest;
      for (std::size_t i = 0; deployment != nullptr && i < deployment->variants.size(); ++i) {
        longest =
            std::max(longest, deployment->share_of(i) > 0 ? deployment->variants[i].cost.latency()
                                                          : Seconds(0));
      }
      return longest;
    }
    case Measure::makespan:
      return deployment != nullptr ? makespan_of_sequence(costs, *deployment) : cost.latency();
    case Measure::period:
      return deployment != nullptr && deployment->team ? longest_stage(*deployment->team)
                                                       : cost.bottleneck;
  }
  return deployment != nullptr ? deployment->latency() : cost.latency();
}

}  // namespace offcut::partition
