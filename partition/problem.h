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

/// What a plan minimises: the weighted sum of these terms of one request's cost. By default the
/// latency alone.
struct Objective {
  double latency = 1;     // per second
  double energy = 0;      // per joule that the device uses
  double money = 0;       // per unit of currency
  double bottleneck = 0;  // per second of the longest stage, see Cost

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

/// Devices that differ from the first tier's, with their own links to the second tier: for
/// algorithms that plan for several users.
struct DeviceClass {
  std::string name;
  std::size_t count = 1;
  std::vector<Seconds> seconds;  // per layer
  Hop hop;
};

/// What is known about a network's answers at one of its outputs.
struct ExitOdds {
  std::string output;                   // tensor
  std::optional<double> leaves = {};    // share of the requests that reach it and end there
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
/// 2. Limits are consistent: all that a pinned layer depends on is pinned, and none of it is in the
/// tail. A limit of memory needs each layer's memory.
/// 3. Other classes of devices have times and a hop like those of the cost table. Exits are
/// outputs; their shares and accuracies are from 0 to 1.
struct Problem : CostTable {
  Goal goal = {};
  Extras extras = {};

  void check() const;
};

/// The problem with these codecs: each named tensor keeps its coding if that has the codec's name,
/// and otherwise gets the candidate of that name. Throws std::logic_error if there is none.
Problem with_codecs(Problem problem, const CodecOf& codecs);

}  // namespace offcut::partition
