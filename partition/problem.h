#pragma once

#include <optional>
#include <string>
#include <vector>

#include "partition/accuracy_table.h"
#include "partition/cost_table.h"

namespace offcut {
class Graph;  // models/graph/graph.h
}  // namespace offcut

namespace offcut::partition {

/// What a plan shall make small: the sum of these terms of one request's cost, each times its
/// weight. Latency alone, unless it says otherwise.
struct Objective {
  double latency = 1;     // a second
  double energy = 0;      // a joule of the device
  double money = 0;       // a unit of money
  double bottleneck = 0;  // a second of the longest stage, see Cost

  /// A sum over layers and tensors: all but the longest stage are.
  bool is_linear() const { return bottleneck == 0; }
  bool operator==(const Objective&) const = default;
};

/// What a plan must keep to.
struct Limits {
  std::vector<std::optional<Bytes>> memory;  // per tier; empty: none
  std::optional<Seconds> deadline;           // of the latency
  /// Layers that run on the device, ascending. With a layer, all that it depends on.
  std::vector<LayerId> pinned;
};

/// What a plan is for.
struct Goal {
  Objective objective;
  Limits limits;
};

/// Devices of another kind than the first tier's, with links of their own to the second tier: for
/// algorithms that plan for several users.
struct DeviceClass {
  std::string name;
  std::size_t count = 1;
  std::vector<Seconds> seconds;  // per layer
  Hop hop;
};

/// What is known of a network's answers at one of its outputs.
struct ExitOdds {
  std::string output;                   // tensor
  std::optional<double> leaves = {};    // part of the requests that get there and go no deeper
  std::optional<double> accuracy = {};  // of those
};

/// What only some algorithms take into account; each declares which of these it does (see Takes).
struct Extras {
  const Graph* graph = nullptr;           // the network, to take layers apart; may be none
  AccuracyTable accuracy = {};            // what candidate codings cost; empty without candidates
  std::vector<DeviceClass> classes = {};  // users beside the first tier's devices
  std::vector<ExitOdds> exits = {};
};

/// Where to run each layer, so that the goal's objective of one request in an idle system is least.
///
/// Invariants beside the cost table's (check() throws std::logic_error):
/// 1. Weights are finite and not negative.
/// 2. Limits hold together: pinned layers have all before them with them, and none is in the tail.
/// A limit of memory needs each layer's memory.
/// 3. Other classes of devices have times and a hop like those of the cost table. Exits are
/// outputs, their odds from 0 to 1.
struct Problem : CostTable {
  Goal goal = {};
  Extras extras = {};

  void check() const;
};

/// The problem with these codecs: each tensor that is named gets the one of its candidates that has
/// the codec's name, or keeps its coding where that has it. Throws std::logic_error where neither
/// has.
Problem with_codecs(Problem problem, const CodecOf& codecs);

}  // namespace offcut::partition
