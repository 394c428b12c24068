#include "partition/problem.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace offcut::partition {
namespace {

void require_problem(bool holds, const std::string& what) {
  if (!holds) {
    throw std::logic_error("partition problem: " + what);
  }
}

void check_weights(const Objective& objective) {
  for (const double weight :
       {objective.latency, objective.energy, objective.money, objective.bottleneck}) {
    require_problem(std::isfinite(weight) && weight >= 0, "weights are finite and not negative");
  }
}

void check_exits(const Problem& problem) {
  const auto is_part = [](const std::optional<double>& part) {
    return !part || (*part >= 0 && *part <= 1);
  };
  for (const ExitOdds& exit : problem.extras.exits) {
    require_problem(std::any_of(problem.tensors.begin(), problem.tensors.end(),
                                [&](const CrossingTensor& tensor) {
                                  return tensor.name == exit.output && tensor.is_output;
                                }),
                    fmt::format("exit '{}' is an output", exit.output));
    require_problem(is_part(exit.leaves) && is_part(exit.accuracy),
                    "odds of exits are from 0 to 1");
  }
}

void check_memory_limits(const Problem& problem) {
  const auto& limits = problem.goal.limits.memory;
  require_problem(limits.empty() || limits.size() == problem.tiers.size(),
                  "a limit per tier, or none");
  require_problem(limits.empty() || !problem.memory.empty(),
                  "a limit of memory needs each layer's memory");
}

void check_pins(const Problem& problem) {
  std::vector<bool> is_pinned(problem.layer_count(), false);
  for (const LayerId layer : problem.goal.limits.pinned) {
    require_problem(layer < is_pinned.size(), "limits name layers of the problem");
    require_problem(!std::binary_search(problem.tail.begin(), problem.tail.end(), layer),
                    "no layer is pinned and in the tail");
    is_pinned[layer] = true;
  }
  for (const CrossingTensor& tensor : problem.tensors) {
    for (const LayerId reader : tensor.consumers) {
      require_problem(!tensor.producer || !is_pinned[reader] || is_pinned[*tensor.producer],
                      fmt::format("what makes tensor '{}' is pinned with its reader", tensor.name));
    }
  }
}

}  // namespace

void Problem::check() const {
  CostTable::check();
  for (const DeviceClass& other : extras.classes) {
    check_times(other.seconds, layers.size());
    check_hop(other.hop);
  }
  check_exits(*this);
  check_weights(goal.objective);
  check_memory_limits(*this);
  check_pins(*this);
}

Problem with_codecs(Problem problem, const CodecOf& codecs) {
  std::size_t found = 0;
  for (CrossingTensor& tensor : problem.tensors) {
    const auto codec = codecs.find(tensor.name);
    if (codec == codecs.end()) {
      continue;
    }
    ++found;
    const auto candidate =
        std::find_if(tensor.candidates.begin(), tensor.candidates.end(),
                     [&](const Coding& coding) { return coding.codec == codec->second; });
    if (candidate != tensor.candidates.end()) {
      tensor.coding = *candidate;
    } else {
      require_problem(
          tensor.coding && tensor.coding->codec == codec->second,
          fmt::format("tensor '{}' can have the codec '{}'", tensor.name, codec->second));
    }
  }
  require_problem(found == codecs.size(), "codecs are of the problem's tensors");
  return problem;
}

}  // namespace offcut::partition
