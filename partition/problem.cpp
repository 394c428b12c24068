// Checks the invariants of a problem beside those of its cost table, and chooses among the codings
// of its tensors.

#include "partition/problem.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace offcut::partition {
namespace {

void require_problem(bool holds, const std::string& invariant) {
  if (!holds) {
    throw std::logic_error("partition problem: " + invariant);
  }
}

void check_weights(const Objective& objective) {
  for (const double weight :
       {objective.latency, objective.energy, objective.money, objective.bottleneck}) {
    require_problem(std::isfinite(weight) && weight >= 0,
                    "weights must be finite and not negative");
  }
}

void check_exits(const Problem& problem) {
  const auto is_share = [](const std::optional<double>& share) {
    return !share || (*share >= 0 && *share <= 1);
  };
  for (const ExitStatistics& exit : problem.extras.exits) {
    require_problem(std::any_of(problem.tensors.begin(), problem.tensors.end(),
                                [&](const CrossingTensor& tensor) {
                                  return tensor.name == exit.output && tensor.is_output;
                                }),
                    fmt::format("exit '{}' must be an output", exit.output));
    require_problem(is_share(exit.leaves) && is_share(exit.accuracy),
                    "exit probabilities and accuracies must be from 0 to 1");
  }
}

void check_memory_limits(const Problem& problem) {
  const auto& limits = problem.goal.limits.memory;
  require_problem(limits.empty() || limits.size() == problem.tiers.size(),
                  "expected a memory limit per tier, or none");
  require_problem(limits.empty() || !problem.memory.empty(),
                  "a memory limit needs the memory of each layer");
}

void check_pins(const Problem& problem) {
  std::vector<bool> is_pinned(problem.layer_count(), false);
  for (const LayerId layer : problem.goal.limits.pinned) {
    require_problem(layer < is_pinned.size(), "pins must name layers of the problem");
    require_problem(!std::binary_search(problem.tail.begin(), problem.tail.end(), layer),
                    "a pinned layer can't be in the tail");
    is_pinned[layer] = true;
  }
  for (const CrossingTensor& tensor : problem.tensors) {
    for (const LayerId reader : tensor.consumers) {
      require_problem(
          !tensor.producer || !is_pinned[reader] || is_pinned[*tensor.producer],
          fmt::format("the producer of tensor '{}' must be pinned with its reader", tensor.name));
    }
  }
}

}  // namespace

void Problem::check() const {
  CostTable::check();
  for (const DeviceClass& other : extras.classes) {
    check_times(other.seconds, layers.size());
    check_hop(other.hop);
    check_times({other.per_request}, 1);
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
          fmt::format("tensor '{}' can't have the codec '{}'", tensor.name, codec->second));
    }
  }
  require_problem(found == codecs.size(), "codecs must name tensors of the problem");
  return problem;
}

}  // namespace offcut::partition
