// Turns a linear objective into prices: seconds, bytes and messages are weighted with the latency,
// the device's power draw in that state, and the prices of tiers and hops.

#include "partition/solvers/linear_costs.h"

#include <cmath>
#include <numeric>

namespace offcut::partition {

double price_of_waiting(const CostTable& table, const Objective& objective) {
  return objective.latency + objective.energy * table.power.idle.si();
}

LinearCosts linear_costs(const CostTable& table, const Objective& objective,
                         std::vector<std::size_t> tiers) {
  const double waiting = price_of_waiting(table, objective);
  const auto on_air = [&](std::size_t hop, Watts power) {
    return hop == 0 ? objective.latency + objective.energy * power.si() : waiting;
  };
  LinearCosts costs{.tiers = std::move(tiers)};
  for (const std::size_t tier : costs.tiers) {
    const double busy = objective.latency + objective.energy * table.power.busy.si();
    const double price = table.price.empty() ? 0 : table.price[tier];
    costs.second.push_back((tier == 0 ? busy : waiting) + objective.money * price);
  }
  for (std::size_t i = 0; i + 1 < costs.tiers.size(); ++i) {
    costs.byte_up.push_back(0);
    costs.byte_down.push_back(0);
    costs.message.push_back(0);
    costs.reach.push_back(0);
    for (std::size_t h = costs.tiers[i]; h < costs.tiers[i + 1]; ++h) {
      const Hop& hop = table.hops[h];
      const double price = objective.money * hop.price;
      costs.byte_up.back() += on_air(h, table.power.send) / hop.rate(true).si() + price;
      costs.byte_down.back() += on_air(h, table.power.receive) / hop.rate(false).si() + price;
      costs.message.back() += waiting * hop.arrival_delay().si();
      const double tier_price = table.price.empty() ? 0 : table.price[h + 1];
      costs.reach.back() +=
          waiting * hop.opening(true).si() +
          (waiting + objective.money * tier_price) * table.per_request_on(h + 1).si();
    }
  }
  return costs;
}

LinearCosts linear_costs(const CostTable& table, const Objective& objective) {
  std::vector<std::size_t> all(table.tier_count());
  std::iota(all.begin(), all.end(), 0U);
  return linear_costs(table, objective, std::move(all));
}

double stall_cost(const CostTable& table, const Objective& objective, std::size_t hop, bool upwards,
                  Bytes bytes) {
  return price_of_waiting(table, objective) *
         stall_time(table.hops[hop].stalls(upwards), bytes).si();
}

std::vector<std::vector<double>> layer_costs(const Problem& problem, const LinearCosts& costs) {
  std::vector<std::vector<double>> cost(costs.tiers.size());
  for (std::size_t tier = 0; tier < cost.size(); ++tier) {
    for (const Seconds time : problem.seconds[costs.tiers[tier]]) {
      cost[tier].push_back(time.si() * costs.second[tier]);
    }
  }
  for (const CrossingTensor& tensor : problem.tensors) {
    double back = 0;
    for (std::size_t tier = 1; tensor.is_output && tensor.producer && tier < cost.size(); ++tier) {
      back += tensor.bytes.si() * costs.byte_down[tier - 1];
      cost[tier][*tensor.producer] += back;
    }
  }
  for (const LayerId layer : problem.goal.limits.pinned) {
    for (std::size_t tier = 1; tier < cost.size(); ++tier) {
      cost[tier][layer] = INFINITY;
    }
  }
  return cost;
}

}  // namespace offcut::partition
