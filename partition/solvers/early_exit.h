#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "partition/evaluation.h"

namespace offcut::partition {

/// A part of a problem's layers, as a problem of its own.
struct ProblemPart {
  Problem problem;
  std::vector<LayerId> layers;  // Ids in the whole problem, ascending.
};

/// Returns the layers that one tensor depends on, as a problem whose only output is that tensor.
/// REQUIRES: problem.check() holds, tensor < problem.tensors.size().
ProblemPart part_up_to(const Problem& problem, std::size_t tensor);

/// A network that stops at one of its exits.
struct NetworkExit {
  std::string name;
  double accuracy = 0;  // The share of correct answers there.
  Problem problem;      // The layers up to the exit.
};

/// An exit, and the placement of the layers up to it.
struct ExitPlan {
  std::size_t exit;
  Assignment tier_of;
  Cost cost;
};

/// Returns the exit of the highest accuracy whose best cut answers within the deadline, and among
/// equally accurate ones the fastest; none if no exit is in time. Li, Zeng, Zhou, Chen, "Edge AI:
/// on-demand accelerating deep neural network inference via edge computing", IEEE Transactions on
/// Wireless Communications 19(1), 2020, algorithm 1 (Edgent, static network). Exact: each exit's
/// cut is the cheapest of any DAG on any number of tiers, while the paper tries the cuts of a chain
/// on two. If messages have stalls, each exit's cut is the cheapest without them, and the exit
/// counts if this cut is in time with them. O(exits) minimum cuts. REQUIRES: each problem's check()
/// and can_cut() hold.
std::optional<ExitPlan> most_accurate_exit(const std::vector<NetworkExit>& exits, Seconds deadline);

/// A branch that leads from the trunk to an exit, and runs before the trunk continues.
struct ExitBranch {
  std::size_t after = 0;  // The layer of the trunk that it reads.
  Seconds on_device;
  Seconds on_server;
  Bytes answer;
  double leaves = 0;    // Share of the requests there whose answer is confident enough to leave.
  double accuracy = 0;  // Their share of correct answers.
};

/// A chain of layers with exits, cut between the device and one server.
///
/// Invariants (check() throws std::logic_error): each layer has a time on both; there is one tensor
/// more than layers, the input first, the answer last; exits are in the order of the layers;
/// `leaves` is from 0 to 1.
struct ExitChain {
  std::vector<Seconds> on_device;  // Per layer of the trunk.
  std::vector<Seconds> on_server;
  std::vector<Bytes> bytes;
  std::vector<ExitBranch> exits;
  double accuracy = 0;  // The share of correct answers at the end.
  Hop hop;
  /// The time of handing a request over to the device, and to the server if it goes there.
  std::array<Seconds, 2> hand_over = {};
  Seconds promotion = {};  // Of the device's radio, before it sends.

  void check() const;
};

/// The mean cost of a request.
struct ExpectedCost {
  Seconds latency;
  Bytes upload;
  double crosses = 0;  // Share of the requests that go to the server.
  double accuracy = 0;
};

/// Returns the expected cost if the first `cut` layers run on the device, with the exits after
/// them. Let reach_i be the share of requests that reach layer i, the product of (1 - leaves) over
/// the exits before it. Then E[T] = sum_i reach_i t_i + reach_cut (time of the message) + the
/// answers' way back, each weighted with its share of requests (Pacheco, Couto, "Inference time
/// optimization using BranchyNet partitioning", IEEE ISCC 2020, here for any number of exits and
/// with branches that take time). O(layers + exits). REQUIRES: check() holds, cut <= layers.
ExpectedCost expected_cost(const ExitChain& chain, std::size_t cut);

/// Returns the share of the requests that leave in each way: at each exit, and last at the end.
std::vector<double> shares_of_ways(const ExitChain& chain);

/// Returns the cost of a request that leaves in that way if the first `cut` layers run on the
/// device: the times and messages of both tiers, without money, energy and memory. expected_cost()
/// is the mean over all ways. O(layers + exits). REQUIRES: check() holds, cut <= layers.
Cost cost_of_way(const ExitChain& chain, std::size_t cut, std::size_t way);

/// Returns the cut of least expected latency, and among equals the one with the most layers on the
/// device. Tries all cuts: O(layers * (layers + exits)).
std::size_t best_expected_cut(const ExitChain& chain);

}  // namespace offcut::partition
