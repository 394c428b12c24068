// Recognises a chain with exits in a problem on two tiers: finds the trunk to the deepest output
// and the branch to each other one, and refuses anything else with the first reason found.

#include "partition/solvers/exit_network.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <set>
#include <utility>

#include "models/base/readable.h"
#include "partition/solvers/chain.h"

namespace offcut::partition {
namespace {

/// A branch before the branches are sorted.
struct Branch {
  std::string output;
  std::vector<LayerId> layers;
  ExitBranch exit;
};

class Builder {
 public:
  explicit Builder(const Problem& problem) : problem_(problem) {}

  std::variant<ExitNetwork, Declined> build() {
    check_kind();
    if (refusal_.empty()) {
      find_trunk();
    }
    std::vector<Branch> branches = refusal_.empty() ? find_branches() : std::vector<Branch>();
    check_all_placed();
    if (!refusal_.empty()) {
      return Declined{refusal_};
    }
    const auto position = [](const Branch& branch) {  // As in exits_in_order().
      return std::pair(branch.exit.after, branch.layers.size());
    };
    std::stable_sort(branches.begin(), branches.end(),
                     [&](const Branch& a, const Branch& b) { return position(a) < position(b); });
    for (Branch& branch : branches) {
      network_.chain.exits.push_back(branch.exit);
      network_.branches.push_back(std::move(branch.layers));
      network_.exits.push_back(std::move(branch.output));
    }
    return std::move(network_);
  }

 private:
  void refuse(std::string reason) {
    if (refusal_.empty()) {
      refusal_ = std::move(reason);
    }
  }

  void check_kind() {
    if (problem_.tier_count() != 2) {
      refuse(fmt::format("it needs a device and one other tier, not {}",
                         counted(problem_.tier_count(), "tier")));
    }
    for (const CrossingTensor& tensor : problem_.tensors) {
      if (tensor.coding) {
        refuse("it can't combine exits with codecs");
      }
    }
  }

  const ExitStatistics* statistics_of(const std::string& output) const {
    const auto it = std::find_if(problem_.extras.exits.begin(), problem_.extras.exits.end(),
                                 [&](const ExitStatistics& exit) { return exit.output == output; });
    return it == problem_.extras.exits.end() ? nullptr : &*it;
  }

  /// Returns 0 if the accuracy is unknown.
  double accuracy_of(const std::string& output) {
    const ExitStatistics* statistics = statistics_of(output);
    const bool is_known = statistics != nullptr && statistics->accuracy;
    network_.has_accuracy = network_.has_accuracy && is_known;
    return is_known ? *statistics->accuracy : 0;
  }

  void find_trunk() {
    std::size_t most = 0;
    ProblemPart trunk;
    for (std::size_t id = 0; id < problem_.tensors.size(); ++id) {
      if (problem_.tensors[id].is_output) {
        ProblemPart part = part_up_to(problem_, id);
        if (part.layers.size() > most) {
          most = part.layers.size();
          deepest_ = id;
          trunk = std::move(part);
        }
      }
    }
    const auto chain = chain_of(trunk.problem);
    if (most == 0 || !chain) {
      refuse(fmt::format("the layers up to '{}' are not a chain",
                         most == 0 ? "the output" : problem_.tensors[deepest_].name));
      return;
    }
    const auto boundaries = boundaries_of(trunk.problem, *chain);
    ExitChain& trunk_chain = network_.chain;
    for (std::size_t i = 0; i < chain->layers.size(); ++i) {
      const LayerId layer = trunk.layers[chain->layers[i]];
      network_.trunk.push_back(layer);
      trunk_chain.on_device.push_back(problem_.seconds[0][layer]);
      trunk_chain.on_server.push_back(problem_.seconds[1][layer]);
      trunk_chain.bytes.push_back(boundaries[i].up);
    }
    const CrossingTensor& answer = problem_.tensors[deepest_];
    trunk_chain.bytes.push_back(answer.bytes);
    trunk_chain.hop = problem_.hops[0];
    trunk_chain.hand_over = {problem_.per_request_on(0), problem_.per_request_on(1)};
    trunk_chain.promotion = problem_.radio.promotion;
    network_.has_accuracy = true;
    trunk_chain.accuracy = accuracy_of(answer.name);
  }

  std::vector<Branch> find_branches() {
    std::vector<Branch> branches;
    for (std::size_t id = 0; id < problem_.tensors.size(); ++id) {
      if (problem_.tensors[id].is_output && id != deepest_) {
        branches.push_back(branch_to(id));
      }
    }
    return branches;
  }

  Branch branch_to(std::size_t output) {
    const CrossingTensor& tensor = problem_.tensors[output];
    const ExitStatistics* statistics = statistics_of(tensor.name);
    if (statistics == nullptr || !statistics->leaves) {
      refuse(fmt::format("the share of requests that leave at '{}' is unknown", tensor.name));
      return {};
    }
    Branch branch{.output = tensor.name,
                  .layers = {},
                  .exit = {.answer = tensor.bytes,
                           .leaves = *statistics->leaves,
                           .accuracy = accuracy_of(tensor.name)}};
    for (const LayerId layer : part_up_to(problem_, output).layers) {
      if (!is_trunk(layer)) {
        branch.layers.push_back(layer);
        branch.exit.on_device += problem_.seconds[0][layer];
        branch.exit.on_server += problem_.seconds[1][layer];
        if (!in_branches_.insert(layer).second) {
          refuse(fmt::format("layer '{}' leads to two exits", problem_.layers[layer]));
        }
      }
    }
    branch.exit.after = origin_of(branch, tensor);
    return branch;
  }

  bool is_trunk(LayerId layer) const {
    return std::find(network_.trunk.begin(), network_.trunk.end(), layer) != network_.trunk.end();
  }

  /// Returns the layer of the trunk that makes the tensor that the branch reads, or the output
  /// itself.
  std::size_t origin_of(const Branch& branch, const CrossingTensor& output) {
    std::set<const CrossingTensor*> reads;
    if (branch.layers.empty()) {
      reads.insert(&output);
    }
    for (const CrossingTensor& tensor : problem_.tensors) {
      const bool is_read =
          std::any_of(tensor.consumers.begin(), tensor.consumers.end(), [&](LayerId reader) {
            return std::find(branch.layers.begin(), branch.layers.end(), reader) !=
                   branch.layers.end();
          });
      if (is_read && (!tensor.producer || is_trunk(*tensor.producer))) {
        reads.insert(&tensor);
      }
    }
    if (reads.size() != 1 || !(*reads.begin())->producer) {
      refuse(fmt::format("the branch to '{}' must read exactly one of the tensors up to '{}'",
                         output.name, problem_.tensors[deepest_].name));
      return 0;
    }
    const auto& trunk = network_.trunk;
    return static_cast<std::size_t>(
        std::find(trunk.begin(), trunk.end(), *(*reads.begin())->producer) - trunk.begin());
  }

  void check_all_placed() {
    for (LayerId layer = 0; layer < problem_.layer_count(); ++layer) {
      if (!is_trunk(layer) && !in_branches_.contains(layer)) {
        refuse(fmt::format("layer '{}' leads to no output", problem_.layers[layer]));
      }
    }
  }

  const Problem& problem_;
  ExitNetwork network_;
  std::size_t deepest_ = 0;  // Tensor.
  std::set<LayerId> in_branches_;
  std::string refusal_;  // The first reason why the problem is no chain with exits.
};

}  // namespace

Assignment ExitNetwork::cut_after(std::size_t cut) const {
  std::size_t layers = trunk.size();
  for (const auto& branch : branches) {
    layers += branch.size();
  }
  Assignment tier_of(layers, 0);
  for (std::size_t i = cut; i < trunk.size(); ++i) {
    tier_of[trunk[i]] = 1;
  }
  for (std::size_t exit = 0; exit < branches.size(); ++exit) {
    for (const LayerId layer : branches[exit]) {
      tier_of[layer] = chain.exits[exit].after < cut ? 0 : 1;
    }
  }
  return tier_of;
}

std::vector<LayerId> ExitNetwork::skipped(std::size_t way) const {
  std::vector<LayerId> layers;
  if (way == exits.size()) {
    return layers;
  }
  const std::size_t last = chain.exits[way].after;
  layers.assign(trunk.begin() + static_cast<std::ptrdiff_t>(last) + 1, trunk.end());
  for (std::size_t exit = way + 1; exit < branches.size(); ++exit) {
    layers.insert(layers.end(), branches[exit].begin(), branches[exit].end());
  }
  std::sort(layers.begin(), layers.end());
  return layers;
}

std::variant<ExitNetwork, Declined> exit_network(const Problem& problem) {
  return Builder(problem).build();
}

}  // namespace offcut::partition
