// Early exits of any assignment. Each way through the network is evaluated as a problem of its own,
// in which the layers that are not run take no time and are on no farther tier than the exit.

#include "partition/solvers/exit_ways.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "partition/dependence.h"

namespace offcut::partition {
namespace {

const ExitStatistics* statistics_of(const Problem& problem, const std::string& output) {
  const auto& exits = problem.extras.exits;
  const auto it = std::find_if(exits.begin(), exits.end(),
                               [&](const ExitStatistics& exit) { return exit.output == output; });
  return it == exits.end() ? nullptr : &*it;
}

/// Returns the layers that a tensor depends on.
std::vector<bool> layers_below(const Problem& problem, std::size_t tensor) {
  const auto producer = problem.tensors[tensor].producer;
  return producer ? up_to(problem, *producer) : std::vector<bool>(problem.layer_count(), false);
}

std::size_t tier_of_output(const CrossingTensor& tensor, const Assignment& tier_of) {
  return tensor.producer ? tier_of[*tensor.producer] : 0;
}

/// Returns why requests can't leave at the exits; empty if they can.
std::string refusal(const Problem& problem, const Assignment& tier_of,
                    const std::vector<std::size_t>& exits) {
  if (exits.size() < 2) {
    return "the network has no early exit: it has one output";
  }
  if (!problem.tail.empty()) {
    return "it can't plan layers that run after the answer is back ('pin-tail')";
  }
  for (std::size_t i = 0; i + 1 < exits.size(); ++i) {
    const CrossingTensor& exit = problem.tensors[exits[i]];
    const CrossingTensor& next = problem.tensors[exits[i + 1]];
    const ExitStatistics* statistics = statistics_of(problem, exit.name);
    if (statistics == nullptr || !statistics->leaves) {
      return fmt::format("the share of requests that leave at '{}' is unknown", exit.name);
    }
    if (tier_of_output(exit, tier_of) > tier_of_output(next, tier_of)) {
      return fmt::format("the exit '{}' is on a later tier than '{}', which follows it", exit.name,
                         next.name);
    }
  }
  return "";
}

std::vector<LayerId> skipped_layers(const Problem& problem, const Assignment& tier_of,
                                    const std::vector<bool>& needed, std::size_t last_tier) {
  std::vector<LayerId> skipped;
  for (LayerId layer = 0; layer < problem.layer_count(); ++layer) {
    if (tier_of[layer] > last_tier || (tier_of[layer] == last_tier && !needed[layer])) {
      skipped.push_back(layer);
    }
  }
  return skipped;
}

}  // namespace

std::vector<std::size_t> exits_in_order(const Problem& problem) {
  struct Exit {
    std::size_t tensor;
    std::vector<bool> needed;
    std::ptrdiff_t depth;
  };
  std::vector<Exit> exits;
  for (std::size_t id = 0; id < problem.tensors.size(); ++id) {
    if (problem.tensors[id].is_output) {
      std::vector<bool> needed = layers_below(problem, id);
      const auto depth = std::count(needed.begin(), needed.end(), true);
      exits.push_back({id, std::move(needed), depth});
    }
  }
  if (exits.empty()) {
    return {};
  }
  const auto end = std::max_element(exits.begin(), exits.end(),
                                    [](const Exit& a, const Exit& b) { return a.depth < b.depth; });
  const Exit last = *end;
  exits.erase(end);
  const auto shared = [&](const Exit& exit) {
    std::size_t count = 0;
    for (std::size_t layer = 0; layer < exit.needed.size(); ++layer) {
      count += static_cast<std::size_t>(exit.needed[layer] && last.needed[layer]);
    }
    return std::pair(count, exit.depth);
  };
  std::stable_sort(exits.begin(), exits.end(),
                   [&](const Exit& a, const Exit& b) { return shared(a) < shared(b); });
  exits.push_back(last);
  std::vector<std::size_t> order;
  for (const Exit& exit : exits) {
    order.push_back(exit.tensor);
  }
  return order;
}

WayCosts costs_of_way(const Problem& problem, const Assignment& tier_of,
                      const std::vector<LayerId>& skipped) {
  const auto is_skipped = [&](LayerId layer) {
    return std::binary_search(skipped.begin(), skipped.end(), layer);
  };
  WayCosts way{problem, tier_of};
  std::size_t last = 0;
  for (LayerId layer = 0; layer < tier_of.size(); ++layer) {
    last = is_skipped(layer) ? last : std::max(last, tier_of[layer]);
  }
  for (const LayerId layer : skipped) {
    way.tier_of[layer] = std::min(way.tier_of[layer], last);
    for (std::vector<Seconds>& seconds : way.problem.seconds) {
      seconds[layer] = Seconds(0);
    }
  }
  for (CrossingTensor& tensor : way.problem.tensors) {
    tensor.is_output = tensor.is_output && !(tensor.producer && is_skipped(*tensor.producer));
    const bool is_read =
        std::any_of(tensor.consumers.begin(), tensor.consumers.end(),
                    [&](LayerId reader) { return tier_of[reader] == last && !is_skipped(reader); });
    if (tensor.coding && !is_read) {
      tensor.coding->decode[last] = Seconds(0);
    }
  }
  return way;
}

std::variant<Deployment, Declined> leaving_at_exits(const Problem& problem,
                                                    const Assignment& tier_of) {
  const std::vector<std::size_t> exits = exits_in_order(problem);
  if (std::string reason = refusal(problem, tier_of, exits); !reason.empty()) {
    return Declined{std::move(reason)};
  }
  Deployment deployment{.order = Deployment::Order::at_random};
  const Cost whole = evaluate(problem, tier_of);
  std::vector<bool> needed(problem.layer_count(), false);
  double reach = 1;
  for (std::size_t i = 0; i < exits.size(); ++i) {
    const CrossingTensor& exit = problem.tensors[exits[i]];
    const bool is_end = i + 1 == exits.size();
    const std::vector<bool> below = layers_below(problem, exits[i]);
    for (LayerId layer = 0; layer < needed.size(); ++layer) {
      needed[layer] = needed[layer] || below[layer];
    }
    Variant variant{.name = is_end ? kLastWay : exit.name, .tier_of = tier_of, .cost = {}};
    if (!is_end) {
      variant.skipped = skipped_layers(problem, tier_of, needed, tier_of_output(exit, tier_of));
    }
    WayCosts way = costs_of_way(problem, tier_of, variant.skipped);
    for (const std::size_t other : exits) {
      way.problem.tensors[other].is_output = other == exits[i];
    }
    variant.cost = evaluate(way.problem, way.tier_of);
    variant.cost.memory = whole.memory;
    deployment.variants.push_back(std::move(variant));
    const double leaves = is_end ? 1 : *statistics_of(problem, exit.name)->leaves;
    deployment.odds.push_back(reach * leaves);
    reach *= 1 - leaves;
  }
  return deployment;
}

Outcome with_exits(const Problem& problem, Plan plan) {
  if (plan.deployment) {
    if (plan.deployment->order == Deployment::Order::at_random) {
      return plan;
    }
    return Declined{"its plan has another rule by which requests differ than exits"};
  }
  auto found = leaving_at_exits(with_codecs(problem, plan.codecs), plan.tier_of);
  if (auto* declined = std::get_if<Declined>(&found)) {
    return std::move(*declined);
  }
  plan.deployment = std::get<Deployment>(std::move(found));
  plan.deployment->check(problem);
  plan.measure = Measure::mean_latency;
  plan.promise = measured(plan.measure, problem, plan.cost, &*plan.deployment);
  plan.note += (plan.note.empty() ? "" : "; ") + note_of(*plan.deployment);
  plan.figures.push_back({"expected_latency", "s", plan.deployment->latency().si()});
  const std::vector<std::size_t> exits = exits_in_order(problem);
  double accuracy = 0;
  bool has_accuracy = true;
  for (std::size_t i = 0; i < exits.size(); ++i) {
    const CrossingTensor& exit = problem.tensors[exits[i]];
    const ExitStatistics* statistics = statistics_of(problem, exit.name);
    has_accuracy = has_accuracy && statistics != nullptr && statistics->accuracy;
    accuracy += has_accuracy ? plan.deployment->odds[i] * *statistics->accuracy : 0;
    if (i + 1 < exits.size()) {
      plan.figures.push_back({.name = fmt::format("exit {}", exit.name),
                              .value = problem.tiers[tier_of_output(exit, plan.tier_of)],
                              .details = {{*statistics->leaves, "leave"}}});
    }
  }
  if (has_accuracy) {
    plan.figures.push_back({"expected_accuracy", "", accuracy});
  }
  return plan;
}

}  // namespace offcut::partition
