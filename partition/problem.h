#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/base/units.h"
#include "models/graph/ids.h"
#include "partition/accuracy_table.h"

namespace offcut {

class Graph;  // models/graph/graph.h

/// Relative: what two sums of the same costs may differ by, in another order.
inline constexpr double kRounding = 1e-9;

/// How a tensor crosses encoded: once encoded where it is made, decoded on each tier that reads it.
struct Coding {
  Bytes bytes;                  // on the wire
  std::vector<Seconds> encode;  // per tier
  std::vector<Seconds> decode;  // per tier
  std::string codec = {};       // its name, as users write it
};

/// A tensor of the problem: made by a layer or given on the device, read by layers.
struct CrossingTensor {
  std::string name;
  std::optional<LayerId> producer;      // none: an input, which is on the device
  std::vector<LayerId> consumers;       // ascending
  Bytes bytes;                          // as it would cross a cut
  bool is_output = false;               // must be on the device in the end
  std::optional<Coding> coding;         // on its way outward; an answer comes back as it is
  std::vector<Coding> candidates = {};  // codings that an algorithm may choose from instead

  Bytes outward_bytes() const { return coding ? coding->bytes : bytes; }
};

/// The way between one tier and the next. Latency is one-way.
struct Hop {
  BytesPerSecond up;
  BytesPerSecond down;
  Seconds latency;
  double price = 0;  // of a byte, either way, in units of money
};

/// What a layer needs of the memory of the tier that it runs on. A tier needs the parameters of all
/// its layers and the most that one of them works on: layers run one after the other.
struct LayerMemory {
  Bytes parameters;
  Bytes working;  // tensors that are kept while it runs
};

/// What the device draws. With `idle` at 0, waiting for the answer is free.
struct DevicePower {
  Watts busy;     // while it computes, encodes or decodes
  Watts send;     // while the bytes of its messages go out, by its radio
  Watts receive;  // while those of the answer come in
  Watts idle;     // in the rest of the request's latency
};

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
  /// Layers that run on the device when the answer is back, ascending: post-processing. With a
  /// layer, all that depends on it. What they read comes down as outputs do.
  std::vector<LayerId> tail;
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

/// Where to run each layer, so that the objective of one request in an idle system is least.
///
/// Invariants (check() throws std::logic_error):
/// 1. tiers >= 1, hops.size() == tiers - 1; tier 0 is the device, the last one is farthest away.
/// 2. Layer ids are a topological order: a tensor's consumers come after its producer.
/// 3. A coding, chosen or not, has a time for each tier. seconds[tier][layer], times of coding,
/// latencies, bytes, powers, prices and weights are finite and not negative; bandwidths are
/// positive.
/// 4. The same holds of other classes of devices. Exits are outputs, their odds from 0 to 1.
/// 5. Limits hold together: pinned layers have all before them with them, the tail all behind it,
/// and no layer is in both. A limit of memory needs each layer's memory.
struct Problem {
  std::vector<std::string> tiers;
  std::vector<std::string> layers;
  const Graph* graph = nullptr;  // the network, for algorithms that take layers apart; may be none
  std::vector<std::vector<Seconds>> seconds;
  std::vector<CrossingTensor> tensors;
  std::vector<Hop> hops;
  AccuracyTable accuracy = {};      // what the candidate codings cost; empty without candidates
  std::vector<LayerMemory> memory;  // per layer; empty: not known
  DevicePower power;
  std::vector<double> price;  // per tier: of a second of its time, in units of money; empty: free
  Objective objective;
  Limits limits;
  std::vector<DeviceClass> classes = {};  // beside the first tier's devices
  std::vector<ExitOdds> exits = {};

  std::size_t tier_count() const { return tiers.size(); }
  std::size_t layer_count() const { return layers.size(); }
  std::optional<std::size_t> find_tier(const std::string& name) const;
  void check() const;
};

/// The tier of each layer. Monotone: a layer is never on an earlier tier than one whose tensor it
/// reads, since data moves outward and only the answer comes back. The tail is on the device.
using Assignment = std::vector<std::size_t>;

/// The tensors that leave the tier where they are made, as their ids in the problem, ascending.
std::vector<std::size_t> crossing(const Problem& problem, const Assignment& tier_of);

/// The problem with these codecs: each tensor that is named gets the one of its candidates that has
/// the codec's name, or keeps its coding where that has it. Throws std::logic_error where neither
/// has.
Problem with_codecs(Problem problem, const CodecOf& codecs);

/// Lets all that the tier computes, encodes and decodes take `factor` times as long.
void slow_down(Problem& problem, std::size_t tier, double factor);

/// What one request costs in an idle system: layers of one tier run one after the other, tiers and
/// hops in turn.
struct Cost {
  std::vector<Seconds> compute;   // per tier: its layers, encoding, decoding
  std::vector<Bytes> up_bytes;    // per hop: tensors that cross it, each once
  std::vector<Bytes> down_bytes;  // per hop: the answer's part made behind it
  std::vector<bool>
      goes_up;  // per hop: something runs behind it, so a message is sent (even of 0 bytes)
  std::vector<bool> comes_down;  // per hop: some output is made behind it
  std::vector<Seconds> up_time;  // latency + bytes / bandwidth, 0 where nothing is sent
  std::vector<Seconds> down_time;
  Seconds tail;  // the part of the device's compute that comes after the answer
  /// The longest stage, where requests follow close on each other: a tier's compute, or a
  /// message's bytes / bandwidth (its latency holds up nobody). One server a tier, links both ways
  /// at once.
  Seconds bottleneck;
  Joules energy;  // of the device
  double money = 0;
  std::vector<Bytes> memory;  // per tier; empty where the layers' is not known

  Seconds compute_total() const;
  Seconds transmission_total() const;
  Seconds latency() const { return compute_total() + transmission_total(); }
};

/// The cost of an assignment (design: "What a plan means"). O(tensors * tiers).
/// REQUIRES: problem.check() holds and the assignment is monotone (see verify()).
Cost evaluate(const Problem& problem, const Assignment& tier_of);

/// What the objective makes of a cost.
double weigh(const Objective& objective, const Cost& cost);

/// Which limit a plan breaks and by how much, for a person to read; empty where it keeps them all,
/// to rounding.
std::string broken_limit(const Problem& problem, const Assignment& tier_of, const Cost& cost);

/// The cost of an assignment that keeps the limits; none of one that breaks one.
std::optional<Cost> cost_within_limits(const Problem& problem, const Assignment& tier_of);

/// Its objective alone.
std::optional<double> value_within_limits(const Problem& problem, const Assignment& tier_of);

}  // namespace offcut
