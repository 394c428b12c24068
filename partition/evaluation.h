#pragma once

#include "partition/problem.h"

namespace offcut::partition {

/// Relative: what two sums of the same costs may differ by, in another order.
inline constexpr double kRounding = 1e-9;

/// What one request costs in an idle system: layers of one tier run one after the other, tiers and
/// hops in turn.
struct Cost {
  std::vector<Seconds> compute;   // per tier: its layers, encoding, decoding
  std::vector<Bytes> up_bytes;    // per hop: tensors that cross it, each once
  std::vector<Bytes> down_bytes;  // per hop: the answer's part made beyond it
  /// Per hop: something runs beyond it, so a message is sent (even of 0 bytes).
  std::vector<bool> goes_up;
  std::vector<bool> comes_down;  // per hop: some output is made beyond it
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
/// REQUIRES: costs.check() holds and the assignment is monotone (see verify()).
Cost evaluate(const CostTable& costs, const Assignment& tier_of);

/// What the objective makes of a cost.
double weigh(const Objective& objective, const Cost& cost);

/// A limit that a plan breaks.
struct BrokenLimit {
  enum class Kind { pin, memory, deadline };

  Kind kind;
  std::string reason;  // "it takes 4 s, the deadline is 3 s"
};

/// The first limit that a plan breaks; none if it keeps them all, to rounding.
std::optional<BrokenLimit> broken_limit(const Problem& problem, const Assignment& tier_of,
                                        const Cost& cost);

/// The cost of an assignment that keeps the limits; none of one that breaks one.
std::optional<Cost> cost_within_limits(const Problem& problem, const Assignment& tier_of);

/// Its objective alone.
std::optional<double> value_within_limits(const Problem& problem, const Assignment& tier_of);

}  // namespace offcut::partition
