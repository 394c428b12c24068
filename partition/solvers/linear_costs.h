#pragma once

#include <vector>

#include "partition/problem.h"

namespace offcut::partition {

/// A linear objective as prices: what a second of computing, a byte and a message cost, on some of
/// the problem's tiers. Between two of these, the hops in between count as one: a relay receives
/// whole messages, so times add up.
struct LinearCosts {
  std::vector<std::size_t> tiers;  // of the problem, the device first
  std::vector<double> second;      // per tier
  std::vector<double> byte_up;     // per hop between them
  std::vector<double> byte_down;
  std::vector<double> message;  // either way: its latency

  std::size_t hop_count() const { return message.size(); }
};

/// REQUIRES: objective.is_linear(); `tiers` ascending, from 0.
LinearCosts linear_costs(const CostTable& table, const Objective& objective,
                         std::vector<std::size_t> tiers);
/// On all tiers.
LinearCosts linear_costs(const CostTable& table, const Objective& objective);

/// What each layer costs by itself, [tier][layer]: its time, and its outputs' way back. Endless on
/// all tiers but the device where it is pinned there.
std::vector<std::vector<double>> layer_costs(const Problem& problem, const LinearCosts& costs);

}  // namespace offcut::partition
