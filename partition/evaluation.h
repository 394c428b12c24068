#pragma once

#include "partition/problem.h"

namespace offcut::partition {

/// The relative difference by which two sums of the same costs, in another order, may differ.
inline constexpr double kRounding = 1e-9;

/// The cost of one request in an idle system: layers of one tier run one after the other, unless it
/// has several engines (list_schedule.h), and so do tiers and messages. The request and its answer
/// go from stop to stop: see legs.h. Hops are those between neighbouring tiers, then direct ones.
struct Cost {
  std::vector<Seconds> compute;   // Per tier: its layers, encoding, decoding, time per request.
  std::vector<Bytes> up_bytes;    // Per hop: the tensors that cross it, each once.
  std::vector<Bytes> down_bytes;  // Per hop: the part of the answer that is made beyond it.
  /// Per hop: a layer runs beyond it, so that a message is sent, even if it has 0 bytes.
  std::vector<bool> goes_up;
  std::vector<bool> comes_down;  // Per hop: an output is made beyond it.
  /// Hop::message_time(), on the first hop after the promotion of the radio; 0 without a message.
  /// The time of a message over several hops at once is divided among them, see divided().
  std::vector<Seconds> up_time;
  std::vector<Seconds> down_time;
  Seconds tail;  // The part of the device's compute that comes after the answer.
  /// The longest stage when requests follow each other closely: a tier's compute, or a message's
  /// bytes / rate (its latency delays no other message, and busy connections have no stalls). There
  /// is one server per tier, and links carry both directions at once.
  Seconds bottleneck;
  Joules energy;  // The device's energy, its radio's overhead included.
  /// The part of it for messages: the radio, and the idle device while it sends and receives.
  Joules radio;
  double money = 0;
  std::vector<Bytes> memory;  // Per tier; empty if the layers' memory is unknown.

  Seconds compute_total() const;
  Seconds transmission_total() const;
  Seconds latency() const { return compute_total() + transmission_total(); }
};

/// Returns the cost of an assignment. O(tensors * tiers).
/// REQUIRES: costs.check() holds and the assignment is monotone (see verify()).
Cost evaluate(const CostTable& costs, const Assignment& tier_of);

/// Fills in the terms that follow from the times and bytes of a cost: the longest stage, the money
/// and the energy. The layers of the assignment that are run decide on the tiers that it uses.
void add_derived_terms(const CostTable& costs, const Assignment& tier_of, Cost& cost);

/// Returns the clause that names the first power draw that a plan needs and that is unknown: "the
/// power draw of 'phone' is unknown". Empty if the plan's energy is known. Without a plan, all
/// draws must be known.
std::string unknown_power(const CostTable& costs, const Cost* plan = nullptr);

/// Returns the bytes that leave the device, over any hop.
Bytes bytes_sent(const CostTable& costs, const Cost& cost);

/// Returns the value of the objective.
double weigh(const Objective& objective, const Cost& cost);

/// Returns the value in seconds or joules if the objective is one term of weight 1; a sum has no
/// unit.
std::string objective_text(const Objective& objective, double value);

/// A limit that a plan breaks.
struct BrokenLimit {
  enum class Kind { pin, memory, deadline };

  Kind kind;
  std::string reason;  // "it takes 4 s, the deadline is 3 s"
};

/// Returns the first limit that a plan breaks; none if it keeps them all, to rounding.
std::optional<BrokenLimit> broken_limit(const Problem& problem, const Assignment& tier_of,
                                        const Cost& cost);

/// Returns the cost of an assignment, or none if it breaks a limit.
std::optional<Cost> cost_within_limits(const Problem& problem, const Assignment& tier_of);

/// Returns the objective of an assignment, or none if it breaks a limit.
std::optional<double> value_within_limits(const Problem& problem, const Assignment& tier_of);

}  // namespace offcut::partition
