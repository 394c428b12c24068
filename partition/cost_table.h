#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/base/units.h"
#include "models/graph/ids.h"

namespace offcut::partition {

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
  double price = 0;  // of a byte in either direction, in currency
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

/// What a request costs, wherever its layers run: evaluate() makes a Cost of it.
///
/// Invariants (check() throws std::logic_error):
/// 1. tiers >= 1, hops.size() == tiers - 1; tier 0 is the device, the last one is farthest away.
/// 2. Layer ids are a topological order: a tensor's consumers come after its producer.
/// 3. A coding, chosen or not, has a time for each tier. seconds[tier][layer], times of coding,
/// latencies, bytes, memory, powers and prices are finite and not negative; bandwidths are
/// positive.
/// 4. What depends on a layer of the tail is in the tail, too.
struct CostTable {
  std::vector<std::string> tiers;
  std::vector<std::string> layers;
  std::vector<std::vector<Seconds>> seconds;
  std::vector<CrossingTensor> tensors;
  std::vector<Hop> hops;
  std::vector<LayerMemory> memory;  // per layer; empty: not known
  DevicePower power;
  std::vector<double> price;  // per tier: of a second of its time, in currency; empty: free
  /// Layers that run on the device when the answer is back, ascending: post-processing. What they
  /// read comes down as outputs do.
  std::vector<LayerId> tail;

  std::size_t tier_count() const { return tiers.size(); }
  std::size_t layer_count() const { return layers.size(); }
  std::optional<std::size_t> find_tier(const std::string& name) const;
  void check() const;
};

/// Checks a message's way and the times of all layers, of a tier or of other devices.
void check_hop(const Hop& hop);
void check_times(const std::vector<Seconds>& times, std::size_t layers);

/// The tier of each layer. Monotone: a layer is never on an earlier tier than one whose tensor it
/// reads, since data moves outward and only the answer comes back. The tail is on the device.
using Assignment = std::vector<std::size_t>;

/// The tensors that leave the tier where they are made, as their ids, ascending.
std::vector<std::size_t> crossing(const CostTable& costs, const Assignment& tier_of);

/// Lets all that the tier computes, encodes and decodes take `factor` times as long.
void slow_down(CostTable& costs, std::size_t tier, double factor);

}  // namespace offcut::partition
