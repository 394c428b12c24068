#include "sim/cli/plan_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>

#include "partition/placement.h"

namespace offcut::cli {

namespace {

/// Returns the layers of each tier that has any, each followed by a note in brackets.
std::string layers_by_tier(const partition::Problem& problem, const partition::Assignment& tier_of,
                           const std::function<std::string(std::size_t, std::size_t)>& note) {
  std::string text;
  const auto of_tiers = partition::Placement{problem.tiers, tier_of}.layers();
  for (std::size_t tier = 0; tier < of_tiers.size(); ++tier) {
    const std::vector<LayerId>& layers = of_tiers[tier];
    if (layers.empty()) {
      continue;
    }
    const std::string& first = problem.layers[layers.front()];
    const std::string& last = problem.layers[layers.back()];
    const std::string in_brackets = note(tier, layers.size());
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", problem.tiers[tier], first);
    text += layers.size() == 1 ? "" : ".." + last;
    text += in_brackets.empty() ? "" : fmt::format(" ({})", in_brackets);
  }
  return text;
}

std::string codecs_text(const partition::CodecOf& codecs) {
  std::map<std::string, std::string> tensors;  // By codec.
  for (const auto& [tensor, codec] : codecs) {
    tensors[codec] += (tensors[codec].empty() ? "" : ", ") + tensor;
  }
  std::string text;
  for (const auto& [codec, names] : tensors) {
    text += fmt::format("; {} as {}", names, codec);
  }
  return text;
}

}  // namespace

std::string placement(const partition::Problem& problem, const partition::Assignment& tier_of,
                      const partition::CodecOf& codecs) {
  const auto note = [](std::size_t, std::size_t layers) {
    return layers == 1 ? "" : fmt::format("{}", layers);
  };
  return layers_by_tier(problem, tier_of, note) + codecs_text(codecs);
}

std::string placement(const partition::Problem& problem, const partition::Plan& plan) {
  return placement(problem, plan.tier_of, plan.codecs);
}

std::string placement_with_memory(const partition::Problem& problem, const partition::Plan& plan) {
  const auto note = [&](std::size_t tier, std::size_t layers) {
    return plan.cost.memory.empty()
               ? fmt::format("{}", layers)
               : fmt::format("{}, {}", layers, to_readable(plan.cost.memory[tier]));
  };
  return layers_by_tier(problem, plan.tier_of, note) + codecs_text(plan.codecs);
}

std::string measure_text(const partition::Plan& plan) {
  using partition::Measure;
  const bool is_latency = plan.measure == Measure::latency || plan.measure == Measure::mean_latency;
  return is_latency
             ? ""
             : fmt::format("{} {}", partition::name_of(plan.measure), to_readable(plan.promise));
}

std::string objective_name(const partition::Objective& objective) {
  static const std::vector<std::pair<partition::Objective, std::string>> kNames = {
      {{1, 0, 0, 0}, "latency"},
      {{0, 1, 0, 0}, "energy"},
      {{0, 0, 1, 0}, "money"},
      {{0, 0, 0, 1}, "longest stage"}};
  const auto it = std::find_if(kNames.begin(), kNames.end(),
                               [&](const auto& entry) { return entry.first == objective; });
  return it == kNames.end() ? "weighted sum" : it->second;
}

}  // namespace offcut::cli
