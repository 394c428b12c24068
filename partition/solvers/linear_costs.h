#pragma once

#include <vector>

#include "partition/problem.h"

namespace offcut::partition {

/// A linear objective as prices of a second of computing, of a byte and of a message, on some of
/// the problem's tiers. The hops between two of these count as one: a relay receives whole
/// messages, so times add up. Stalls of a transport are not linear and have no price; they only add
/// to the cost.
struct LinearCosts {
  std::vector<std::size_t> tiers;  // Indices in the problem, the device first.
  std::vector<double> second;      // Per tier.
  std::vector<double> byte_up;     // Per hop between these tiers.
  std::vector<double> byte_down;
  std::vector<double> message;  // Its latency and time per message, in either direction.
  /// The cost of a message up beside that: the opening of its connection, and the time per request
  /// on the tiers that it reaches. Empty: nothing. That of the device is in no price, since all
  /// plans have it.
  std::vector<double> reach = {};

  double message_up(std::size_t hop) const {
    return message[hop] + (reach.empty() ? 0 : reach[hop]);
  }
  std::size_t hop_count() const { return message.size(); }
};

/// REQUIRES: objective.is_linear(); `tiers` ascending, from 0.
LinearCosts linear_costs(const CostTable& table, const Objective& objective,
                         std::vector<std::size_t> tiers);
/// The same for all tiers.
LinearCosts linear_costs(const CostTable& table, const Objective& objective);

/// Returns the price of a second in which the device waits, as it does during stalls.
double price_of_waiting(const CostTable& table, const Objective& objective);
/// Returns the cost of the stalls of a message over a hop of the table, which is not linear in its
/// bytes.
double stall_cost(const CostTable& table, const Objective& objective, std::size_t hop, bool upwards,
                  Bytes bytes);

/// Returns the cost of each layer by itself, [tier][layer]: its time, and its outputs' way back.
/// For pinned layers, it is infinite on all tiers but the device.
std::vector<std::vector<double>> layer_costs(const Problem& problem, const LinearCosts& costs);

}  // namespace offcut::partition
