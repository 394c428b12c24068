// Translates the goal of a scenario's plan into the terms of the planner: the objective, the limits
// by layer and tier, prices per second and per byte, and the power draw of the device.

#include "sim/experiment/goal.h"

#include <fmt/format.h>

#include <algorithm>

#include "partition/graph_problem.h"

namespace offcut::experiment {
namespace {

constexpr double kSecondsPerHour = 3600;
constexpr double kBytesPerGigabyte = 1e9;

std::vector<LayerId> layers_between(std::size_t begin, std::size_t end) {
  std::vector<LayerId> layers;
  for (std::size_t layer = begin; layer < end; ++layer) {
    layers.push_back(layer);
  }
  return layers;
}

}  // namespace

void set_goal(const Graph& graph, const scenario::Scenario& scenario,
              const scenario::PlanChoice& plan, partition::Problem& problem) {
  problem.goal.objective = plan.objective;
  if (const auto* device = std::get_if<cost::Device>(&scenario.tiers.front().is)) {
    problem.power.busy = device->busy;
  }
  if (!scenario.hops.empty() && scenario.hops.front().radio) {
    const scenario::HopChoice& hop = scenario.hops.front();
    problem.power.send = cost::upload_power(*hop.radio, problem.hops.front().rate(true));
    problem.power.receive = cost::download_power(*hop.radio, problem.hops.front().rate(false));
  }
  for (const scenario::TierChoice& tier : scenario.tiers) {
    problem.price.push_back(tier.price / kSecondsPerHour);
    problem.per_request.push_back(tier.per_request);
  }
  for (std::size_t hop = 0; hop < problem.hops.size(); ++hop) {
    problem.hops[hop].price = scenario.hops[hop].price / kBytesPerGigabyte;
  }
  const scenario::LimitChoice& limits = plan.limits;
  const std::size_t layers = problem.layer_count();
  if (limits.pin_first + limits.pin_tail > layers) {
    throw InputError(
        limits.place,
        fmt::format("{}: pin-first and pin-tail together are {} layers, the "
                    "model has {}",
                    plan.path_of("limits"), limits.pin_first + limits.pin_tail, layers));
  }
  problem.goal.limits.memory = limits.memory;
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
