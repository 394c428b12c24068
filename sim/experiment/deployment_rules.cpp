// The machines of deployments. Helpers are further machines of the first tier, which send no
// requests; a shared server becomes one server for each device, at a site of its own, whose speed
// is in the itineraries. Keys that such machines can't have are refused before a run is compiled.

#include "sim/experiment/deployment_rules.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string>

#include "models/base/readable.h"
#include "sim/experiment/exits.h"

namespace offcut::experiment {
namespace {

using partition::Declined;
using partition::Deployment;

/// The keys of a tier that are set.
std::vector<std::string> keys_of(const scenario::TierChoice& tier) {
  std::vector<std::string> keys;
  const auto add = [&](const char* key, bool is_set) {
    if (is_set) {
      keys.emplace_back(key);
    }
  };
  add("failures", tier.faults.any_outages());
  add("availability", !tier.availability.empty());
  add("capacity", !tier.slowness.empty());
  add("battery", tier.battery.has_value());
  add("autoscale", tier.autoscaler.has_value());
  add("cold-start", tier.cold_start.has_value());
  add("model-memory", tier.memory.has_value());
  add("batch", bool(tier.scheduling.batching));
  add("admission", bool(tier.scheduling.admission));
  return keys;
}

std::optional<Declined> refusal_of_users(const scenario::TierChoice& devices,
                                         const Deployment& deployment) {
  if (deployment.sequence.size() == devices.servers) {
    return std::nullopt;
  }
  return Declined{fmt::format("a run needs a device for each of the {}, and '{}' has {}; set "
                              "tiers.{}.count to {}, or leave 'users' out",
                              counted(deployment.sequence.size(), "user"), devices.name,
                              devices.servers, devices.name, deployment.sequence.size()),
                  "users"};
}

std::optional<Declined> refusal_of_share(const scenario::TierChoice& server) {
  std::vector<std::string> keys = keys_of(server);
  if (server.servers > 1) {
    keys.insert(keys.begin(), "count above 1");
  }
  if (keys.empty()) {
    return std::nullopt;
  }
  return Declined{fmt::format("its users share one machine of '{}', which can have no {}",
                              server.name, fmt::join(keys, ", "))};
}

std::optional<Declined> refusal_of_team(const scenario::Scenario& scenario) {
  const std::vector<std::string> keys = keys_of(scenario.tiers.front());
  if (!keys.empty()) {
    return Declined{fmt::format("the devices of '{}' that work on one request can have no {}",
                                scenario.tiers.front().name, fmt::join(keys, ", "))};
  }
  for (const scenario::ClassChoice& requests : scenario.classes) {
    if (requests.time_out.after < engine::kNever) {
      return Declined{"requests that several devices work on can't give up ('timeout')"};
    }
  }
  const bool has_sites =
      std::any_of(scenario.tiers.begin(), scenario.tiers.end(),
                  [](const scenario::TierChoice& tier) { return tier.sites > 1; });
  if (has_sites || (!scenario.hops.empty() && scenario.hops.front().site)) {
    return Declined{"devices that work on one request can't be spread over sites"};
  }
  return std::nullopt;
}

std::optional<Declined> refusal_of_exits(const scenario::Scenario& scenario,
                                         const PreparedModel& model,
                                         const scenario::ModelChoice& choice) {
  if (choice.math != scenario::ModelChoice::Math::off) {
    if (std::string reason = math_refusal(model, choice); !reason.empty()) {
      return Declined{std::move(reason)};
    }
  }
  for (const scenario::ClassChoice& requests : scenario.classes) {
    if (requests.model_index() == model.choice && model.tiers.size() > 2 &&
        requests.failures.then == network::FailurePolicy::Then::next_tier) {
      return Declined{
          "requests that leave at an exit can't fail over to the next tier "
          "('on-failure: {then: cloud}')"};
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<Declined> deployment_refusal(const Experiment& experiment, const PreparedModel& model,
                                           const partition::Plan& plan) {
  const scenario::Scenario& scenario = experiment.scenario;
  if (!plan.deployment) {
    return std::nullopt;
  }
  const Deployment& deployment = *plan.deployment;
  if (experiment.models.size() > 1 && (deployment.team || deployment.shares_server)) {
    return Declined{"a run can simulate its plan only if there is one model"};
  }
  if (scenario.groups > 1 && (deployment.team || deployment.shares_server)) {
    return Declined{"a run can simulate its plan only if all devices are alike, in one group"};
  }
  if (scenario.mobility && (deployment.team || deployment.shares_server)) {
    return Declined{"a run can simulate its plan only if devices do not move ('mobility')"};
  }
  const bool is_unlike =
      std::any_of(scenario.tiers.begin(), scenario.tiers.end(),
                  [](const scenario::TierChoice& tier) { return !tier.machines.empty(); });
  if (is_unlike &&
      (!deployment.variants.empty() && deployment.order != Deployment::Order::in_turn)) {
    return Declined{"a run can simulate its plan only if the machines of each tier are alike"};
  }
  const scenario::ModelChoice& choice = experiment.choice_of(model);
  const bool skips =
      std::any_of(deployment.variants.begin(), deployment.variants.end(),
                  [](const partition::Variant& variant) { return !variant.skipped.empty(); });
  const bool leaves = deployment.order == Deployment::Order::at_random;
  const bool encodes = !deployment.variants.empty() && !choice.plan.codec.none();
  if (choice.math != scenario::ModelChoice::Math::off && !leaves && (skips || encodes)) {
    return Declined{fmt::format("a run can't compute the math of requests that {}; turn 'math' off",
                                skips ? "leave at an exit" : "are cut differently and encoded")};
  }
  if (leaves) {
    if (auto refusal = refusal_of_exits(scenario, model, choice)) {
      return refusal;
    }
  }
  std::optional<Declined> refusal;
  if (deployment.order == Deployment::Order::by_device) {
    refusal = refusal_of_users(scenario.tiers.front(), deployment);
  }
  if (!refusal && deployment.shares_server) {
    refusal = refusal_of_share(scenario.tiers[1]);
  }
  return !refusal && deployment.team ? refusal_of_team(scenario) : refusal;
}

void deploy(const std::vector<partition::Plan>& plans, engine::Simulation& simulation) {
  for (const partition::Plan& plan : plans) {
    if (!plan.deployment) {
      continue;
    }
    if (const auto& team = plan.deployment->team) {
      simulation.teams = {team->machines, team->bandwidth, team->latency};
      simulation.tiers.front().servers *= team->machines;
    }
    if (plan.deployment->shares_server) {
      engine::Tier& server = simulation.tiers[1];
      server.servers = server.sites = server.parts = simulation.tiers.front().servers;
      server.scheduling.dispatch = {};
      for (std::optional<Watts>* power : {&server.power.idle, &server.power.busy}) {
        if (*power) {
          **power = **power / static_cast<double>(server.parts);
        }
      }
    }
  }
}

}  // namespace offcut::experiment
