#pragma once

#include <vector>

#include "partition/problem.h"

namespace offcut::partition {

/// A linear objective as prices of a second of computing, of a byte and of a message, on some of
/// the problem's tiers. The hops between two of these count as one: a relay receives whole
/// messages, so times add up.
struct LinearCosts {
  std::vector<std::size_t> tiers;  // Indices in the problem, the device first.
  std::vector<double> second;      // Per tier.
  std::vector<double> byte_up;     // Per hop between these tiers.
  std::vector<double> byte_down;
  std::vector<double> message;  // Its latency, in either direction.
  double wake = 0;  // The radio's promotion and tail, for a request that leaves the device.

  std::size_t hop_count() const { return message.size(); }
  double message_up(std::size_t hop) const { return message[hop] + (hop == 0 ? wake : 0); }
};

/// REQUIRES: objective.is_linear(); `tiers` ascending, from 0.
LinearCosts linear_costs(const CostTable& table, const Objective& objective,
                         std::vector<std::size_t> tiers);
/// The same for all tiers.
LinearCosts linear_costs(const CostTable& table, const Objective& objective);

/// Returns the cost of each layer by itself, [tier][layer]: its time, and its outputs' way back.
/// For pinned layers, it is infinite on all tiers but the device.
std::vector<std::vector<double>> layer_costs(const Problem& problem, const LinearCosts& costs);

}  // namespace offcut::partition
