#pragma once

#include <variant>
#include <vector>

#include "partition/algorithm.h"
#include "partition/solvers/early_exit.h"

namespace offcut::partition {

/// A network on two tiers as a chain with exits: the trunk leads to the deepest output, the one
/// that depends on the most layers (the first of several), and each other output is an exit at the
/// end of a branch.
struct ExitNetwork {
  ExitChain chain;
  std::vector<LayerId> trunk;                  // In the order of the chain.
  std::vector<std::vector<LayerId>> branches;  // Per exit of the chain.
  std::vector<std::string> exits;              // The names of their outputs.
  bool has_accuracy = false;                   // The accuracy of all outputs is known.

  /// Returns the assignment with the trunk's first `cut` layers on the device, and each branch on
  /// the tier of the layer that it reads.
  Assignment cut_after(std::size_t cut) const;
  /// Returns the number of ways to leave the network: at each exit, and last at the end.
  std::size_t ways() const { return exits.size() + 1; }
  /// Returns the layers that a request does not run which leaves in that way, ascending.
  std::vector<LayerId> skipped(std::size_t way) const;
};

/// Returns the network with the statistics of Extras::exits. Declined if the problem has another
/// form: the trunk must be a chain, and a branch must read one tensor of the trunk and share no
/// layer with another branch. REQUIRES: problem.check() holds.
std::variant<ExitNetwork, Declined> exit_network(const Problem& problem);

}  // namespace offcut::partition
