// Translates the goal of a scenario's plan into the terms of the planner: the objective, the limits
// by layer and tier, prices per second and per byte, and the power draws of the device and its
// radio.

#include "sim/experiment/goal.h"

#include <fmt/format.h>

#include <algorithm>

#include "models/base/readable.h"
#include "partition/graph_problem.h"
#include "sim/experiment/tier_precisions.h"

namespace offcut::experiment {
namespace {

constexpr double kByteOfFloat = 0.25;  // The share of a float32 that an integer of int8 takes.

std::vector<LayerId> layers_between(std::size_t begin, std::size_t end) {
  std::vector<LayerId> layers;
  for (std::size_t layer = begin; layer < end; ++layer) {
    layers.push_back(layer);
  }
  return layers;
}

/// A request keeps one of the device's cores busy. A radio takes its power in addition to the idle
/// device.
void set_power(const scenario::TierChoice& device, const std::vector<scenario::HopChoice>& hops,
               partition::Problem& problem) {
  partition::DevicePower& power = problem.power;
  power.machine_known = device.power.is_known();
  power.idle = device.power.idle.value_or(Watts(0));
  power.busy = power.idle + (device.power.busy.value_or(Watts(0)) - power.idle) /
                                static_cast<double>(device.cores);
  if (problem.hops.empty()) {
    return;
  }
  const std::optional<cost::Radio>& radio = hops.front().radio;
  power.radio_known = radio.has_value();
  problem.radio = radio_overhead(radio);
  power.send = power.idle;
  power.receive = power.idle;
  if (radio) {
    power.send += cost::upload_power(*radio, problem.hops.front().rate(true));
    power.receive += cost::download_power(*radio, problem.hops.front().rate(false));
    power.base = radio->base;
  }
}

/// Sets the prices of direct hops, and the power of the device's radios for them.
void set_direct_hops(const std::vector<scenario::HopChoice>& hops, partition::Problem& problem) {
  for (std::size_t i = 0; i < problem.direct.size(); ++i) {
    const scenario::HopChoice& choice = hops[problem.hops.size() + i];
    partition::DirectHop& direct = problem.direct[i];
    direct.hop.price = choice.price / kBytesPerGigabyte;
    if (direct.from > 0) {
      continue;
    }
    direct.radio_known = choice.radio.has_value();
    direct.radio = radio_overhead(choice.radio);
    direct.send = direct.receive = problem.power.idle;
    if (choice.radio) {
      direct.send += cost::upload_power(*choice.radio, direct.hop.rate(true));
      direct.receive += cost::download_power(*choice.radio, direct.hop.rate(false));
      direct.base = choice.radio->base;
    }
  }
}

}  // namespace

partition::RadioOverhead radio_overhead(const std::optional<cost::Radio>& radio) {
  return radio ? partition::RadioOverhead{.promotion = radio->promotion.time,
                                          .promoting = radio->promotion.power,
                                          .waiting = cost::waiting_power(*radio),
                                          .tail = cost::tail_energy(*radio)}
               : partition::RadioOverhead{};
}

void set_goal(const Graph& graph, const std::vector<scenario::TierChoice>& tiers,
              const std::vector<scenario::HopChoice>& hops, const scenario::Scenario& scenario,
              std::size_t group, const scenario::PlanChoice& plan, partition::Problem& problem) {
  problem.goal.objective = plan.objective;
  set_power(tiers.front(), hops, problem);
  set_direct_hops(hops, problem);
  for (const scenario::TierChoice& tier : tiers) {
    problem.memory_share.push_back(computes_in_integers(tier) ? kByteOfFloat : 1);
    problem.price.push_back(tier.price / kSecondsPerHour);
    problem.per_request.push_back(tier.per_request);
  }
  for (std::size_t hop = 0; hop < problem.hops.size(); ++hop) {
    problem.hops[hop].price = hops[hop].price / kBytesPerGigabyte;
  }
  const scenario::LimitChoice& limits = plan.limits;
  const std::size_t layers = problem.layer_count();
  if (limits.pin_first + limits.pin_tail > layers) {
    throw InputError(limits.place,
                     fmt::format("{}: pin-first and pin-tail together are {}, the model has {}",
                                 plan.path_of("limits"),
                                 counted(limits.pin_first + limits.pin_tail, "layer"), layers));
  }
  for (std::size_t tier = 0; !limits.memory.empty() && tier < tiers.size(); ++tier) {
    problem.goal.limits.memory.push_back(
        limits.memory[engine::number_of(tier, group, scenario.groups)]);
  }
  problem.goal.limits.deadline = limits.deadline;
  problem.goal.limits.pinned = layers_between(0, limits.pin_first);
  problem.tail = layers_between(layers - limits.pin_tail, layers);
  if (limits.keep_input) {
    std::vector<LayerId> all;
    const std::vector<LayerId> raw = partition::layers_that_keep_inputs(graph);
    std::set_union(raw.begin(), raw.end(), problem.goal.limits.pinned.begin(),
                   problem.goal.limits.pinned.end(), std::back_inserter(all));
    problem.goal.limits.pinned = std::move(all);
    if (limits.pin_tail > 0 && !raw.empty() && raw.back() >= layers - limits.pin_tail) {
      throw InputError(limits.place,
                       fmt::format("{}: keep-input holds layer '{}' on the device, which "
                                   "pin-tail takes for the tail",
                                   plan.path_of("limits"), problem.layers[raw.back()]));
    }
  }
  problem.check();
}

}  // namespace offcut::experiment
