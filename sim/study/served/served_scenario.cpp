// Makes the settings of a node from a scenario: the part of its tier under the plan, the codecs of
// what it sends, its policies, and the failure rules of the requests that begin at it.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "models/base/comma_list.h"
#include "models/graph/subgraph.h"
#include "models/ops/batches.h"
#include "partition/cut_list.h"
#include "partition/placement.h"
#include "sim/engine/core/route.h"
#include "sim/experiment/coding.h"
#include "sim/experiment/compile.h"
#include "sim/experiment/experiment.h"
#include "sim/experiment/plan_runs.h"
#include "sim/study/served/served_node.h"

namespace offcut::study {
namespace {

using network::FailurePolicy;

/// Throws with all that a real system can't follow.
void refuse_what_cannot_be_served(const experiment::Experiment& experiment,
                                  const std::vector<partition::Plan>& plans) {
  const scenario::Scenario& scenario = experiment.scenario;
  std::vector<Diagnostic> diagnostics;
  const auto refuse = [&](const std::string& reason) {
    diagnostics.push_back({Place{scenario.path}, "can't be served: " + reason});
  };
  if (experiment.models.size() != 1) {
    refuse("it has several models, or groups of devices; expected one of each");
  }
  if (scenario.classes.size() != 1) {
    refuse("it has several classes of requests; expected one");
  }
  const engine::RequestClass& requests = scenario.classes.front();
  if (requests.failures.then == FailurePolicy::Then::next_tier) {
    refuse(
        "on-failure: cloud lets the next tier compute what a failed one would have; expected "
        "wait, local, drop or other-site");
  }
  if (std::isfinite(requests.time_out.after.si()) &&
      requests.time_out.counts != engine::TimeOut::Counts::unanswered) {
    refuse(
        "the patience of its requests ends in queues, which no device sees; expected a timeout "
        "that counts until the answer");
  }
  if (plans.front().deployment) {
    refuse("its plan has variants or teams of devices; expected a plan that all requests follow");
  }
  if (!experiment.models.front().problem.tail.empty()) {
    refuse("its plan has a tail, which the device computes when the answer is back");
  }
  if (!diagnostics.empty()) {
    throw InputError(std::move(diagnostics));
  }
}

std::size_t number_of_tier(const scenario::Scenario& scenario, const std::string& name) {
  std::vector<std::string> names;
  for (const scenario::TierChoice& tier : scenario.tiers) {
    names.push_back(tier.name);
  }
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) {
    throw InputError(
        {"--tier"},
        name.empty() ? fmt::format("expected one of the scenario's tiers{}", suggestion("", names))
                     : fmt::format("there is no tier '{}'{}", name, suggestion(name, names)));
  }
  return static_cast<std::size_t>(found - names.begin());
}

runtime::Part part_of(const Graph& network, const std::vector<LayerId>& layers,
                      const std::string& name, const codec::WireCodecs& codecs,
                      const Registry<ops::Operator>& operators) {
  runtime::Part part;
  part.results.emplace();
  if (layers.empty()) {
    return part;
  }
  part.graph = std::make_shared<const Graph>(subgraph(network, layers, name));
  for (const TensorId output : network.outputs()) {
    const auto& producer = network.tensor(output).producer;
    if (producer && std::binary_search(layers.begin(), layers.end(), *producer)) {
      part.results->insert(network.tensor(output).name);
    }
  }
  for (const auto& [tensor, codec] : codecs) {
    const TensorNode& node = network.tensor(tensor);
    if (node.type.type == DataType::float32) {
      part.codecs[node.name] = codec;
    }
  }
  part.in_batches = [graph = part.graph, &operators](std::int64_t size) {
    return ops::in_batches(*graph, size, operators);
  };
  return part;
}

/// Returns the time after each tier's computation that the plan predicts for an idle system.
std::vector<Seconds> rests_of(const experiment::Experiment& experiment,
                              const std::vector<partition::Plan>& plans) {
  const experiment::CompiledRun run = experiment::compile(experiment, plans, {.math = false});
  const engine::Legs legs(run.simulation);
  return engine::route_of(run.simulation, legs, run.simulation.itinerary_of(0)).rest;
}

/// Returns the tiers of layers under the plan, and under each of the cuts.
std::vector<partition::Assignment> assignments_of(const experiment::PreparedModel& model,
                                                  const partition::Plan& plan,
                                                  const std::vector<std::string>& cuts) {
  std::vector<partition::Assignment> all = {plan.tier_of};
  std::vector<Diagnostic> diagnostics;
  for (const std::string& cut : cuts) {
    const std::vector<std::string> names = comma_list(cut);
    if (names.size() >= model.problem.tiers.size()) {
      diagnostics.push_back(
          {Place{"--cut " + cut}, fmt::format("names {} layers, but there are {} tiers",
                                              names.size(), model.problem.tiers.size())});
      continue;
    }
    all.push_back(partition::cut_after(model.graph, names, {"--cut " + cut}, diagnostics).tier_of);
  }
  if (!diagnostics.empty()) {
    throw InputError(std::move(diagnostics));
  }
  return all;
}

std::string text_of(const partition::CodecOf& codecs) {
  std::string text;
  for (const auto& [tensor, codec] : codecs) {
    if (text.find(codec) == std::string::npos) {
      text += (text.empty() ? "" : ", ") + codec;
    }
  }
  return text;
}

/// The objects to which the settings of a node refer.
struct Owner {
  experiment::Experiment experiment;
  std::vector<partition::Plan> plans;
};

}  // namespace

ServedNode served_scenario(const std::string& path,
                           const std::vector<scenario::Override>& overrides,
                           const std::vector<std::string>& cuts, const std::string& tier,
                           const scenario::Registries& registries) {
  auto owner =
      std::make_shared<Owner>(Owner{experiment::read_experiment(path, overrides, registries), {}});
  owner->plans = experiment::own_plans(owner->experiment);
  refuse_what_cannot_be_served(owner->experiment, owner->plans);
  const scenario::Scenario& scenario = owner->experiment.scenario;
  const std::size_t number = number_of_tier(scenario, tier);
  const experiment::PreparedModel& model = owner->experiment.models.front();
  const partition::Plan& plan = owner->plans.front();
  const codec::WireCodecs codecs = experiment::wire_codecs(
      model.graph, owner->experiment.choice_of(model).plan.codec, plan.codecs);
  const scenario::ClassChoice& requests = scenario.classes.front();

  ServedNode node;
  node.owner = owner;
  node.scenario = path;
  node.network = std::shared_ptr<const Graph>(owner, &model.graph);
  node.settings.tier = tier;
  node.settings.model = model.name;
  node.settings.scheduling = scenario.tiers[number].scheduling;
  node.workers.cores = scenario.tiers[number].cores;
  const Seconds rest = rests_of(owner->experiment, owner->plans).at(number);
  for (const partition::Assignment& tier_of : assignments_of(model, plan, cuts)) {
    const auto layers = partition::Placement{model.problem.tiers, tier_of}.layers().at(number);
    node.settings.cuts.push_back(
        {.part = part_of(model.graph, layers, fmt::format("{}-{}", model.name, tier), codecs,
                         registries.operators),
         .service = {Seconds(0)},
         .rest = rest});
    node.codecs.push_back(text_of(plan.codecs));
    node.needs_next =
        node.needs_next || std::any_of(tier_of.begin(), tier_of.end(),
                                       [&](std::size_t other) { return other > number; });
  }
  node.seed = scenario.seed;
  for (const scenario::HopChoice& hop : experiment::hops_of(scenario, 0)) {
    node.hops.push_back(hop.name);
  }
  if (number + 1 < scenario.tiers.size()) {
    node.settings.next.emplace();
    node.settings.next->dispatch = scenario.tiers[number + 1].scheduling.dispatch;
    node.settings.next->may_leave_site = requests.failures.then == FailurePolicy::Then::other_site;
  }
  if (number > 0) {
    return node;
  }
  node.settings.rules = {.failures = requests.failures,
                         .gives_up_after = requests.time_out.after,
                         .deadline = requests.deadline,
                         .priority = requests.priority};
  if (requests.failures.then == FailurePolicy::Then::local ||
      requests.failures.local_when_rejected) {
    std::vector<LayerId> all(model.graph.layer_count());
    for (LayerId id = 0; id < all.size(); ++id) {
      all[id] = id;
    }
    node.settings.whole = {.part = part_of(model.graph, all, model.name, {}, registries.operators),
                           .service = {Seconds(0)},
                           .rest = Seconds(0)};
  }
  if (scenario.adapt && !cuts.empty()) {
    const scenario::Adaptation& own = scenario.adapt->own;
    node.adaptation = {.policy = own.policy,
                       .estimator = own.estimator,
                       .load = own.load,
                       .hysteresis = own.hysteresis,
                       .rate = scenario.hops.front().hop.rate(true),
                       .deadline = requests.deadline,
                       .seed = scenario.seed};
  }
  node.arrivals = requests.process;
  node.closed_loop = requests.arrival_kind->closed_loop;
  node.requests = scenario.stop.requests;
  return node;
}

}  // namespace offcut::study
