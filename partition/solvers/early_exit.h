#pragma once

#include <optional>
#include <string>
#include <vector>

#include "partition/evaluation.h"

namespace offcut::partition {

/// A part of a problem's layers, as a problem of its own.
struct ProblemPart {
  Problem problem;
  std::vector<LayerId> layers;  // ids in the whole problem, ascending
};

/// What it takes to make one tensor, which is then the only output: the layers that it depends on.
/// REQUIRES: problem.check() holds, tensor < problem.tensors.size().
ProblemPart part_up_to(const Problem& problem, std::size_t tensor);

/// A network that stops at one of its exits.
struct NetworkExit {
  std::string name;
  double accuracy = 0;  // of the answers there
  Problem problem;      // the layers that it takes
};

/// An exit, and where the layers up to it run.
struct ExitPlan {
  std::size_t exit;
  Assignment tier_of;
  Cost cost;
};

/// The exit of the highest accuracy whose best cut answers within the deadline; among equally
/// accurate ones the fastest. None where no exit does. Li, Zeng, Zhou, Chen, "Edge AI: on-demand
/// accelerating deep neural network inference via edge computing", IEEE Transactions on Wireless
/// Communications 19(1), 2020, algorithm 1 (Edgent, static network). Exact: each exit's cut is the
/// cheapest of any DAG on any number of tiers, where the paper tries the cuts of a chain on two.
/// O(exits) minimum cuts. REQUIRES: each problem's check() and can_cut() hold.
std::optional<ExitPlan> most_accurate_exit(const std::vector<NetworkExit>& exits, Seconds deadline);

/// A branch that leads from the trunk to an exit, and runs before the trunk goes on.
struct ExitBranch {
  std::size_t after = 0;  // the trunk's layer that it reads
  Seconds on_device;
  Seconds on_server;
  Bytes answer;
  double leaves = 0;    // the part of the requests that get there and are sure enough to leave
  double accuracy = 0;  // of those
};

/// A chain of layers with exits, cut between the device and one server.
///
/// Invariants (check() throws std::logic_error): layers as many as times of both; one size of a
/// tensor more, the input's first, the answer's last; exits in the order of the layers; `leaves`
/// from 0 to 1.
struct ExitChain {
  std::vector<Seconds> on_device;  // per layer of the trunk
  std::vector<Seconds> on_server;
  std::vector<Bytes> bytes;
  std::vector<ExitBranch> exits;
  double accuracy = 0;  // of the requests that go all the way
  Hop hop;

  void check() const;
};

/// What a request takes on the average.
struct ExpectedCost {
  Seconds latency;
  Bytes upload;
  double crosses = 0;  // the part of the requests that goes to the server
  double accuracy = 0;
};

/// The first `cut` layers run on the device, with the exits after them. With reach_i the part of
/// the requests that gets to layer i, the product of (1 - leaves) of the exits before,
/// E[T] = sum_i reach_i t_i + reach_cut (latency + bytes_cut / up) + the answers' way back, each
/// with its part of the requests (Pacheco, Couto, "Inference time optimization using BranchyNet
/// partitioning", IEEE ISCC 2020, for any number of exits and with branches that take
/// time). O(layers + exits). REQUIRES: check() holds, cut <= layers.
ExpectedCost expected_cost(const ExitChain& chain, std::size_t cut);

/// The cut of least expected latency; among equals the one with the most on the device. All are
/// tried: O(layers * (layers + exits)).
std::size_t best_expected_cut(const ExitChain& chain);

}  // namespace offcut::partition
