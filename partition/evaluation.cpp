// Evaluates an assignment tensor by tensor: each crosses the legs between its producer and its
// farthest reader once, and comes back over those before its producer if the device needs it.
// verify() computes the same costs in another way.

#include "partition/evaluation.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "models/base/readable.h"
#include "partition/legs.h"
#include "partition/list_schedule.h"

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
    total[tier] = (total[tier] + working[tier]) * costs.memory_share_on(tier);
  }
  return total;
}

/// The legs of a request, with the hop that each amounts to. Without routes, every hop is one,
/// those beyond the request's farthest tier included.
class Legs {
 public:
  Legs(const CostTable& costs, const Assignment& tier_of) : first_{costs.power, costs.radio} {
    if (!costs.has_routes()) {
      for (const Hop& hop : costs.hops) {
        hops_.push_back(&hop);
      }
      return;
    }
    legs_ = legs_of(costs, tier_of);
    number_.assign(costs.tier_count(), legs_.size());
    joined_.reserve(legs_.size());
    for (const Leg& leg : legs_) {
      number_[leg.from] = joined_.size();
      joined_.push_back(joined(costs, leg));
      hops_.push_back(&joined_.back());
    }
    if (!legs_.empty()) {
      first_ = radio_of(costs, legs_.front(), joined_.front());
    }
  }

  std::size_t count() const { return hops_.size(); }
  const Hop& operator[](std::size_t leg) const { return *hops_[leg]; }
  /// Returns the number of the leg that begins on a tier. REQUIRES: the tier is a stop.
  std::size_t from(std::size_t tier) const { return number_.empty() ? tier : number_[tier]; }
  /// Returns the tier at which a leg ends.
  std::size_t end(std::size_t leg) const { return legs_.empty() ? leg + 1 : legs_[leg].to; }
  const LegRadio& radio() const { return first_; }
  const std::vector<Leg>& routes() const { return legs_; }

 private:
  std::vector<Leg> legs_;  // Empty without routes.
  std::vector<Hop> joined_;
  std::vector<const Hop*> hops_;
  std::vector<std::size_t> number_;  // By tier; empty without routes.
  LegRadio first_;
};

/// Adds the terms beside the latency, which follow from its parts. The cost is by leg.
void set_other_terms(const CostTable& costs, const Legs& legs, Cost& cost) {
  cost.bottleneck = Seconds(0);
  cost.energy = Joules(0);
  cost.money = 0;
  const auto& [power, radio] = legs.radio();
  Seconds idle;  // The device's idle time.
  for (std::size_t tier = 0; tier < costs.tier_count(); ++tier) {
    cost.bottleneck = std::max(cost.bottleneck, cost.compute[tier]);
    idle += tier > 0 ? cost.compute[tier] : Seconds(0);
    cost.money += costs.price.empty() ? 0 : costs.price[tier] * cost.compute[tier].si();
  }
  for (std::size_t i = 0; i < legs.count(); ++i) {
    const Hop& hop = legs[i];
    const Seconds up = cost.up_bytes[i] / hop.rate(true);
    const Seconds down = cost.down_bytes[i] / hop.rate(false);
    cost.bottleneck = std::max({cost.bottleneck, up, down});
    cost.money += hop.price * (cost.up_bytes[i] + cost.down_bytes[i]).si();
    if (i == 0) {
      cost.energy = power.send * up + power.receive * down;
      idle += hop.overhead(true) * double(cost.goes_up[i]) +
              hop.overhead(false) * double(cost.comes_down[i]) +
              stall_time(hop.stalls(true), cost.up_bytes[i]) +
              stall_time(hop.stalls(false), cost.down_bytes[i]);
    } else {
      idle += cost.up_time[i] + cost.down_time[i];
    }
  }
  if (!cost.goes_up.empty() && cost.goes_up[0]) {
    cost.energy += radio.waiting * idle + radio.promoting * radio.promotion + radio.tail;
    idle += radio.promotion;
  }
  cost.radio = cost.energy;
  cost.energy += costs.power.busy * cost.compute[0] + costs.power.idle * idle;
}

/// Turns a cost by leg into one by hop.
void divide_among_hops(const CostTable& costs, const std::vector<Leg>& legs, Cost& cost) {
  const std::size_t hops = costs.hop_count();
  const Cost by_leg = cost;
  cost.up_bytes.assign(hops, Bytes(0));
  cost.down_bytes.assign(hops, Bytes(0));
  cost.goes_up.assign(hops, false);
  cost.comes_down.assign(hops, false);
  cost.up_time.assign(hops, Seconds(0));
  cost.down_time.assign(hops, Seconds(0));
  for (std::size_t i = 0; i < legs.size(); ++i) {
    const std::vector<Seconds> up = divided(costs, legs[i], true, by_leg.up_time[i]);
    const std::vector<Seconds> down = divided(costs, legs[i], false, by_leg.down_time[i]);
    for (std::size_t j = 0; j < legs[i].hops.size(); ++j) {
      const std::size_t hop = legs[i].hops[j];
      cost.up_bytes[hop] = by_leg.up_bytes[i];
      cost.down_bytes[hop] = by_leg.down_bytes[i];
      cost.goes_up[hop] = true;
      cost.comes_down[hop] = by_leg.comes_down[i];
      cost.up_time[hop] = up[j];
      cost.down_time[hop] = by_leg.comes_down[i] ? down[j] : Seconds(0);
    }
  }
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

/// Replaces the sums of the layers' times by the lengths of their schedules on tiers that compute
/// several layers at once. `cost` has no other computing time yet.
void schedule_layers(const CostTable& costs, const Assignment& tier_of,
                     const std::vector<bool>& in_tail, Cost& cost) {
  const auto length = [&](std::size_t tier, bool is_tail) {
    std::vector<bool> is_here(tier_of.size());
    for (LayerId layer = 0; layer < tier_of.size(); ++layer) {
      is_here[layer] = tier_of[layer] == tier && in_tail[layer] == is_tail;
    }
    return schedule_end(costs, costs.seconds[tier], is_here, costs.engines_on(tier));
  };
  for (std::size_t tier = 0; tier < costs.tier_count(); ++tier) {
    if (costs.engines_on(tier) > 1) {
      cost.tail = tier == 0 ? length(0, true) : cost.tail;
      cost.compute[tier] = length(tier, false) + (tier == 0 ? cost.tail : Seconds(0));
    }
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
  const Legs legs(costs, tier_of);
  const std::size_t count = legs.count();
  Cost cost{.compute = std::vector<Seconds>(costs.tier_count()),
            .up_bytes = std::vector<Bytes>(count),
            .down_bytes = std::vector<Bytes>(count),
            .goes_up = std::vector<bool>(count),
            .comes_down = std::vector<bool>(count),
            .up_time = std::vector<Seconds>(count),
            .down_time = std::vector<Seconds>(count)};
  const std::vector<bool> in_tail = in_tail_of(costs);
  std::size_t farthest = 0;
  for (LayerId layer = 0; layer < costs.layer_count(); ++layer) {
    cost.compute[tier_of[layer]] += costs.seconds[tier_of[layer]][layer];
    cost.tail += in_tail[layer] ? costs.seconds[0][layer] : Seconds(0);
    farthest = std::max(farthest, tier_of[layer]);
  }
  if (!costs.parallel.empty()) {
    schedule_layers(costs, tier_of, in_tail, cost);
  }
  std::fill_n(cost.goes_up.begin(), legs.from(farthest), true);
  cost.compute[0] += costs.per_request_on(0);
  for (std::size_t leg = 0; leg < legs.from(farthest); ++leg) {
    cost.compute[legs.end(leg)] += costs.per_request_on(legs.end(leg));
  }
  for (const CrossingTensor& tensor : costs.tensors) {
    const std::size_t from = tensor.producer ? tier_of[*tensor.producer] : 0;
    std::size_t to = from;
    bool comes_back = tensor.is_output;
    for (const LayerId reader : tensor.consumers) {
      to = std::max(to, tier_of[reader]);
      comes_back = comes_back || in_tail[reader];
    }
    for (std::size_t leg = legs.from(from); leg < legs.from(to); ++leg) {
      cost.up_bytes[leg] += tensor.outward_bytes();
    }
    if (tensor.coding && to > from) {
      add_coding(tensor, tier_of, from, cost.compute);
    }
    for (std::size_t leg = 0; comes_back && leg < legs.from(from); ++leg) {
      cost.down_bytes[leg] += tensor.bytes;
      cost.comes_down[leg] = true;
    }
  }
  for (std::size_t i = 0; i < count; ++i) {
    if (cost.goes_up[i]) {
      const Seconds promotion = i == 0 ? legs.radio().overhead.promotion : Seconds(0);
      cost.up_time[i] = promotion + legs[i].message_time(true, cost.up_bytes[i]);
    }
    if (cost.comes_down[i]) {
      cost.down_time[i] = legs[i].message_time(false, cost.down_bytes[i]);
    }
  }
  set_other_terms(costs, legs, cost);
  if (costs.has_routes()) {
    divide_among_hops(costs, legs.routes(), cost);
  }
  cost.memory = memory_of(costs, tier_of);
  return cost;
}

void add_derived_terms(const CostTable& costs, const Assignment& tier_of, Cost& cost) {
  const Legs legs(costs, tier_of);
  if (!costs.has_routes()) {
    set_other_terms(costs, legs, cost);
    return;
  }
  Cost by_leg = cost;
  by_leg.up_bytes.clear();
  by_leg.down_bytes.clear();
  by_leg.goes_up.clear();
  by_leg.comes_down.clear();
  by_leg.up_time.assign(legs.count(), Seconds(0));
  by_leg.down_time.assign(legs.count(), Seconds(0));
  for (std::size_t i = 0; i < legs.count(); ++i) {
    const std::vector<std::size_t>& hops = legs.routes()[i].hops;
    const std::size_t first = hops.front();  // All of them carry the same.
    by_leg.up_bytes.push_back(cost.up_bytes[first]);
    by_leg.down_bytes.push_back(cost.down_bytes[first]);
    by_leg.goes_up.push_back(cost.goes_up[first]);
    by_leg.comes_down.push_back(cost.comes_down[first]);
    for (const std::size_t hop : hops) {
      by_leg.up_time[i] += cost.up_time[hop];
      by_leg.down_time[i] += cost.down_time[hop];
    }
  }
  set_other_terms(costs, legs, by_leg);
  cost.bottleneck = by_leg.bottleneck;
  cost.money = by_leg.money;
  cost.energy = by_leg.energy;
  cost.radio = by_leg.radio;
}

std::string unknown_power(const CostTable& costs, const Cost* plan) {
  if (!costs.power.machine_known) {
    return fmt::format("the power draw of '{}' is unknown", costs.tiers.front());
  }
  for (std::size_t hop = 0; hop < costs.hop_count(); ++hop) {
    const DirectHop* direct =
        hop < costs.hops.size() ? nullptr : &costs.direct[hop - costs.hops.size()];
    const bool leaves_device = direct != nullptr ? direct->from == 0 : hop == 0;
    const bool is_known = direct != nullptr ? direct->radio_known : costs.power.radio_known;
    const bool sends = plan == nullptr || plan->goes_up[hop];
    if (leaves_device && sends && !is_known) {
      return fmt::format("the power draw of the radio from '{}' to '{}' is unknown", costs.tiers[0],
                         costs.tiers[direct != nullptr ? direct->to : 1]);
    }
  }
  return "";
}

Bytes bytes_sent(const CostTable& costs, const Cost& cost) {
  Bytes sum;
  for (std::size_t hop = 0; hop < cost.up_bytes.size(); ++hop) {
    const bool is_direct = hop >= costs.hops.size();
    const bool leaves_device =
        is_direct ? costs.direct[hop - costs.hops.size()].from == 0 : hop == 0;
    sum += leaves_device ? cost.up_bytes[hop] : Bytes(0);
  }
  return sum;
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
  return objective == kEnergy ? to_readable(Joules(value)) : significant(value, 4);
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
