#pragma once

#include <variant>
#include <vector>

#include "partition/algorithm.h"
#include "partition/solvers/early_exit.h"

namespace offcut::partition {

/// A network on two tiers as a chain with exits: the trunk leads to the deepest output, the one
/// that depends on most layers, and each other output is an exit at the end of a branch.
struct ExitNetwork {
  ExitChain chain;
  std::vector<LayerId> trunk;                  // in the order of the chain
  std::vector<std::vector<LayerId>> branches;  // per exit of the chain
  std::vector<std::string> exits;              // their outputs' names
  bool has_accuracy = false;                   // known of all outputs

  /// The trunk's first `cut` layers on the device, each branch where its exit is.
  Assignment cut_after(std::size_t cut) const;
};

/// The network with the odds of Extras::exits. Declined where that is not what the problem is: the
/// trunk must be a chain, and a branch must read one tensor of the trunk and share no layer with
/// another. REQUIRES: problem.check() holds.
std::variant<ExitNetwork, Declined> exit_network(const Problem& problem);

}  // namespace offcut::partition
