#include "sim/cli/plan_text.h"

#include <fmt/format.h>

#include <map>

namespace offcut::cli {

std::string placement(const Problem& problem, const Assignment& tier_of) {
  std::string text;
  for (std::size_t tier = 0; tier < problem.tier_count(); ++tier) {
    std::vector<LayerId> layers;
    for (LayerId id = 0; id < tier_of.size(); ++id) {
      if (tier_of[id] == tier) {
        layers.push_back(id);
      }
    }
    if (layers.empty()) {
      continue;
    }
    const std::string& first = problem.layers[layers.front()];
    const std::string& last = problem.layers[layers.back()];
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", problem.tiers[tier], first);
    text += layers.size() == 1 ? "" : fmt::format("..{} ({})", last, layers.size());
  }
  return text;
}

std::string placement(const Problem& problem, const Plan& plan) {
  std::string text = placement(problem, plan.tier_of);
  std::map<std::string, std::string> tensors;  // by codec
  for (const auto& [tensor, codec] : plan.codecs) {
    tensors[codec] += (tensors[codec].empty() ? "" : ", ") + tensor;
  }
  for (const auto& [codec, names] : tensors) {
    text += fmt::format("; {} as {}", names, codec);
  }
  return text;
}

}  // namespace offcut::cli
