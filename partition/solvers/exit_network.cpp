#include "partition/solvers/exit_network.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <set>

#include "partition/solvers/chain.h"

namespace offcut::partition {
namespace {

/// A branch before it is put in order.
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
    if (why_.empty()) {
      find_trunk();
    }
    std::vector<Branch> branches = why_.empty() ? find_branches() : std::vector<Branch>();
    check_all_placed();
    if (!why_.empty()) {
      return Declined{why_};
    }
    std::stable_sort(branches.begin(), branches.end(),
                     [](const Branch& a, const Branch& b) { return a.exit.after < b.exit.after; });
    for (Branch& branch : branches) {
      network_.chain.exits.push_back(branch.exit);
      network_.branches.push_back(std::move(branch.layers));
      network_.exits.push_back(std::move(branch.output));
    }
    return std::move(network_);
  }

 private:
  void refuse(std::string why) { why_ = why_.empty() ? std::move(why) : why_; }

  void check_kind() {
    if (problem_.tier_count() != 2) {
      refuse(fmt::format("needs a device and one other tier, not {} tiers", problem_.tier_count()));
    }
    for (const CrossingTensor& tensor : problem_.tensors) {
      if (tensor.coding) {
        refuse("with exits it takes no codecs");
      }
    }
  }

  const ExitStatistics* odds_of(const std::string& output) const {
    const auto it = std::find_if(problem_.extras.exits.begin(), problem_.extras.exits.end(),
                                 [&](const ExitStatistics& odds) { return odds.output == output; });
    return it == problem_.extras.exits.end() ? nullptr : &*it;
  }

  /// Zero where it is not known.
  double accuracy_of(const std::string& output) {
    const ExitStatistics* odds = odds_of(output);
    network_.has_accuracy = network_.has_accuracy && odds != nullptr && odds->accuracy;
    return odds != nullptr ? odds->accuracy.value_or(0) : 0;
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
      refuse(fmt::format("the layers up to '{}' are no chain",
                         most == 0 ? "the output" : problem_.tensors[deepest_].name));
      return;
    }
    const auto boundaries = boundaries_of(trunk.problem, *chain);
    ExitChain& of_trunk = network_.chain;
    for (std::size_t i = 0; i < chain->layers.size(); ++i) {
      const LayerId layer = trunk.layers[chain->layers[i]];
      network_.trunk.push_back(layer);
      of_trunk.on_device.push_back(problem_.seconds[0][layer]);
      of_trunk.on_server.push_back(problem_.seconds[1][layer]);
      of_trunk.bytes.push_back(boundaries[i].up);
    }
    const CrossingTensor& answer = problem_.tensors[deepest_];
    of_trunk.bytes.push_back(answer.bytes);
    of_trunk.hop = problem_.hops[0];
    network_.has_accuracy = true;
    of_trunk.accuracy = accuracy_of(answer.name);
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
    const ExitStatistics* odds = odds_of(tensor.name);
    if (odds == nullptr || !odds->leaves) {
      refuse(fmt::format("it is not known which part of the requests leaves at '{}'", tensor.name));
      return {};
    }
    Branch branch{
        .output = tensor.name,
        .layers = {},
        .exit = {
            .answer = tensor.bytes, .leaves = *odds->leaves, .accuracy = accuracy_of(tensor.name)}};
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
    branch.exit.after = place_behind(branch, tensor);
    return branch;
  }

  bool is_trunk(LayerId layer) const {
    return std::find(network_.trunk.begin(), network_.trunk.end(), layer) != network_.trunk.end();
  }

  /// The trunk's layer that makes what the branch reads, or the output itself.
  std::size_t place_behind(const Branch& branch, const CrossingTensor& output) {
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
      refuse(fmt::format("the way to '{}' reads other than one tensor of those up to '{}'",
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
  std::size_t deepest_ = 0;  // tensor
  std::set<LayerId> in_branches_;
  std::string why_;  // the problem is no such network; the first reason
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

std::variant<ExitNetwork, Declined> exit_network(const Problem& problem) {
  return Builder(problem).build();
}

}  // namespace offcut::partition
