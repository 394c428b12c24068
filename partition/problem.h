#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/base/units.h"

namespace offcut {

class Graph;  // models/graph/graph.h

using LayerId = std::size_t;

/// How a tensor crosses encoded: once encoded where it is made, decoded on each tier that reads it.
struct Coding {
  Bytes bytes;                  // on the wire
  std::vector<Seconds> encode;  // per tier
  std::vector<Seconds> decode;  // per tier
};

/// A tensor of the problem: made by a layer or given on the device, read by layers.
struct CrossingTensor {
  std::string name;
  std::optional<LayerId> producer;  // none: an input, which is on the device
  std::vector<LayerId> consumers;   // ascending
  Bytes bytes;                      // as it would cross a cut
  bool is_output = false;           // must be on the device in the end
  std::optional<Coding> coding;     // on its way outward; an answer comes back as it is

  Bytes outward_bytes() const { return coding ? coding->bytes : bytes; }
};

/// The way between one tier and the next. Latency is one-way.
struct Hop {
  BytesPerSecond up;
  BytesPerSecond down;
  Seconds latency;
};

/// Where to run each layer, so that one request in an idle system is answered soonest.
///
/// Invariants (check() throws std::logic_error):
/// 1. tiers >= 1, hops.size() == tiers - 1; tier 0 is the device, the last one is farthest away.
/// 2. Layer ids are a topological order: a tensor's consumers come after its producer.
/// 3. A coding has a time for each tier. seconds[tier][layer], times of coding, latencies and bytes
/// are finite and not negative; bandwidths are positive.
struct Problem {
  std::vector<std::string> tiers;
  std::vector<std::string> layers;
  const Graph* graph = nullptr;  // the network, for algorithms that take layers apart; may be none
  std::vector<std::vector<Seconds>> seconds;
  std::vector<CrossingTensor> tensors;
  std::vector<Hop> hops;

  std::size_t tier_count() const { return tiers.size(); }
  std::size_t layer_count() const { return layers.size(); }
  std::optional<std::size_t> find_tier(const std::string& name) const;
  void check() const;
};

/// The tier of each layer. Monotone: a layer is never on an earlier tier than one whose tensor it
/// reads, since data moves outward and only the answer comes back.
using Assignment = std::vector<std::size_t>;

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

  Seconds compute_total() const;
  Seconds transmission_total() const;
  Seconds latency() const { return compute_total() + transmission_total(); }
};

/// The cost of an assignment (design: "What a plan means"). O(tensors * tiers).
/// REQUIRES: problem.check() holds and the assignment is monotone (see verify()).
Cost evaluate(const Problem& problem, const Assignment& tier_of);

}  // namespace offcut
