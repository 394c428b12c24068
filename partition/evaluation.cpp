// Evaluates an assignment tensor by tensor: each crosses the hops between its producer and its
// farthest reader once, and comes back over those before its producer if the device needs it.
// verify() computes the same costs in another way.

#include "partition/evaluation.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace offcut::partition {
namespace {

std::vector<bool> in_tail_of(const CostTable& costs) {
  std::vector<bool> in_tail(costs.layer_count(), false);
  for (const LayerId layer : costs.tail) {
    in_tail[layer] = true;
  }
  return in_tail;
}

/// Returns for each tier the parameters of its layers and the largest working memory of one.
std::vector<Bytes> memory_of(const CostTable& costs, const Assignment& tier_of) {
  if (costs.memory.empty()) {
    return {};
  }
  std::vector<Bytes> total(costs.tier_count());
  std::vector<Bytes> working(costs.tier_count());
  for (LayerId layer = 0; layer < costs.layer_count(); ++layer) {
    const std::size_t tier = tier_of[layer];
    total[tier] += costs.memory[layer].parameters;
    working[tier] = std::max(working[tier], costs.memory[layer].working);
  }
  for (std::size_t tier = 0; tier < total.size(); ++tier) {
    total[tier] += working[tier];
  }
  return total;
}

/// Adds the terms beside the latency, which follow from its parts.
void add_other_terms(const CostTable& costs, Cost& cost) {
  Seconds idle;  // The device's idle time.
  for (std::size_t tier = 0; tier < costs.tier_count(); ++tier) {
    cost.bottleneck = std::max(cost.bottleneck, cost.compute[tier]);
    idle += tier > 0 ? cost.compute[tier] : Seconds(0);
    cost.money += costs.price.empty() ? 0 : costs.price[tier] * cost.compute[tier].si();
  }
  for (std::size_t i = 0; i < costs.hops.size(); ++i) {
    const Hop& hop = costs.hops[i];
    const Seconds up = cost.up_bytes[i] / hop.rate(true);
    const Seconds down = cost.down_bytes[i] / hop.rate(false);
    cost.bottleneck = std::max({cost.bottleneck, up, down});
    cost.money += hop.price * (cost.up_bytes[i] + cost.down_bytes[i]).si();
    if (i == 0) {
      cost.energy = costs.power.send * up + costs.power.receive * down;
      idle += hop.overhead(true) * double(cost.goes_up[i]) +
              hop.overhead(false) * double(cost.comes_down[i]) +
              stall_time(hop.stalls(true), cost.up_bytes[i]) +
              stall_time(hop.stalls(false), cost.down_bytes[i]);
    } else {
      idle += cost.up_time[i] + cost.down_time[i];
    }
  }
  if (!cost.goes_up.empty() && cost.goes_up[0]) {
    const RadioOverhead& radio = costs.radio;
    cost.energy += radio.waiting * idle + radio.promoting * radio.promotion + radio.tail;
    idle += radio.promotion;
  }
  cost.energy += costs.power.busy * cost.compute[0] + costs.power.idle * idle;
}

/// Adds the times of encoding a tensor on tier `from` and of decoding it on the tiers that read it.
void add_coding(const CrossingTensor& tensor, const Assignment& tier_of, std::size_t from,
                std::vector<Seconds>& compute) {
  std::vector<bool> reads(compute.size(), false);
  for (const LayerId reader : tensor.consumers) {
    reads[tier_of[reader]] = true;
  }
  compute[from] += tensor.coding->encode[from];
  for (std::size_t tier = from + 1; tier < compute.size(); ++tier) {
    compute[tier] += reads[tier] ? tensor.coding->decode[tier] : Seconds(0);
  }
}

}  // namespace

Seconds Cost::compute_total() const {
  return std::accumulate(compute.begin(), compute.end(), Seconds(0));
}

Seconds Cost::transmission_total() const {
  return std::accumulate(up_time.begin(), up_time.end(), Seconds(0)) +
         std::accumulate(down_time.begin(), down_time.end(), Seconds(0));
}

Cost evaluate(const CostTable& costs, const Assignment& tier_of) {
  const std::size_t hops = costs.hops.size();
  Cost cost{.compute = std::vector<Seconds>(costs.tier_count()),
            .up_bytes = std::vector<Bytes>(hops),
            .down_bytes = std::vector<Bytes>(hops),
            .goes_up = std::vector<bool>(hops),
            .comes_down = std::vector<bool>(hops),
            .up_time = std::vector<Seconds>(hops),
            .down_time = std::vector<Seconds>(hops)};
  const std::vector<bool> in_tail = in_tail_of(costs);
  std::size_t farthest = 0;
  for (LayerId layer = 0; layer < costs.layer_count(); ++layer) {
    cost.compute[tier_of[layer]] += costs.seconds[tier_of[layer]][layer];
    cost.tail += in_tail[layer] ? costs.seconds[0][layer] : Seconds(0);
    farthest = std::max(farthest, tier_of[layer]);
  }
  std::fill_n(cost.goes_up.begin(), farthest, true);
  for (std::size_t tier = 0; tier <= farthest; ++tier) {
    cost.compute[tier] += costs.per_request_on(tier);
  }
  for (const CrossingTensor& tensor : costs.tensors) {
    const std::size_t from = tensor.producer ? tier_of[*tensor.producer] : 0;
    std::size_t to = from;
    bool comes_back = tensor.is_output;
    for (const LayerId reader : tensor.consumers) {
      to = std::max(to, tier_of[reader]);
      comes_back = comes_back || in_tail[reader];
    }
    for (std::size_t hop = from; hop < to; ++hop) {
      cost.up_bytes[hop] += tensor.outward_bytes();
    }
    if (tensor.coding && to > from) {
      add_coding(tensor, tier_of, from, cost.compute);
    }
    for (std::size_t hop = 0; comes_back && hop < from; ++hop) {
      cost.down_bytes[hop] += tensor.bytes;
      cost.comes_down[hop] = true;
    }
  }
  for (std::size_t i = 0; i < hops; ++i) {
    const Hop& hop = costs.hops[i];
    if (cost.goes_up[i]) {
      const Seconds promotion = i == 0 ? costs.radio.promotion : Seconds(0);
      cost.up_time[i] = promotion + hop.message_time(true, cost.up_bytes[i]);
    }
    if (cost.comes_down[i]) {
      cost.down_time[i] = hop.message_time(false, cost.down_bytes[i]);
    }
  }
  add_other_terms(costs, cost);
  cost.memory = memory_of(costs, tier_of);
  return cost;
}

void add_derived_terms(const CostTable& costs, Cost& cost) { add_other_terms(costs, cost); }

std::string unknown_power(const CostTable& costs, const Cost* plan) {
  if (!costs.power.machine_known) {
    return fmt::format("the power draw of '{}' is unknown", costs.tiers.front());
  }
  const bool sends =
      plan == nullptr ? !costs.hops.empty() : !plan->goes_up.empty() && plan->goes_up.front();
  return sends && !costs.power.radio_known
             ? fmt::format("the power draw of the radio from '{}' to '{}' is unknown",
                           costs.tiers[0], costs.tiers[1])
             : "";
}

double weigh(const Objective& objective, const Cost& cost) {
  return objective.latency * cost.latency().si() + objective.energy * cost.energy.si() +
         objective.money * cost.money + objective.bottleneck * cost.bottleneck.si();
}

std::string objective_text(const Objective& objective, double value) {
  constexpr Objective kBottleneck{.latency = 0, .bottleneck = 1};
  constexpr Objective kEnergy{.latency = 0, .energy = 1};
  if (objective == Objective() || objective == kBottleneck) {
    return to_readable(Seconds(value));
  }
  return objective == kEnergy ? to_readable(Joules(value)) : fmt::format("{:.4g}", value);
}

std::optional<BrokenLimit> broken_limit(const Problem& problem, const Assignment& tier_of,
                                        const Cost& cost) {
  constexpr double kMost = 1 + kRounding;
  using Kind = BrokenLimit::Kind;
  const Limits& limits = problem.goal.limits;
  for (const LayerId layer : limits.pinned) {
    if (tier_of[layer] != 0) {
      return BrokenLimit{Kind::pin, fmt::format("layer '{}' leaves '{}'", problem.layers[layer],
                                                problem.tiers[0])};
    }
  }
  for (std::size_t tier = 0; tier < limits.memory.size(); ++tier) {
    if (limits.memory[tier] && cost.memory[tier] > *limits.memory[tier] * kMost) {
      return BrokenLimit{
          Kind::memory,
          fmt::format("'{}' needs {} of memory and has {}", problem.tiers[tier],
                      to_readable(cost.memory[tier]), to_readable(*limits.memory[tier]))};
    }
  }
  if (limits.deadline && cost.latency() > *limits.deadline * kMost) {
    return BrokenLimit{Kind::deadline,
                       fmt::format("it takes {}, the deadline is {}", to_readable(cost.latency()),
                                   to_readable(*limits.deadline))};
  }
  return std::nullopt;
}

std::optional<Cost> cost_within_limits(const Problem& problem, const Assignment& tier_of) {
  Cost cost = evaluate(problem, tier_of);
  return broken_limit(problem, tier_of, cost) ? std::nullopt : std::optional(std::move(cost));
}

std::optional<double> value_within_limits(const Problem& problem, const Assignment& tier_of) {
  const auto cost = cost_within_limits(problem, tier_of);
  return cost ? std::optional(weigh(problem.goal.objective, *cost)) : std::nullopt;
}

}  // namespace offcut::partition
