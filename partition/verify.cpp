// Verifies a plan: recomputes its validity and its cost from the problem, hop by hop, where
// evaluate() goes tensor by tensor, and compares every part. Runs on every plan of every algorithm,
// in all builds.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "partition/algorithm.h"

namespace offcut::partition {
namespace {

[[noreturn]] void fail(const Plan& plan, std::string reason) {
  throw InvalidPlan(plan, std::move(reason));
}

bool is_in(const std::vector<LayerId>& layers, LayerId layer) {
  return std::find(layers.begin(), layers.end(), layer) != layers.end();
}

void check_assignment(const Problem& problem, const Plan& plan) {
  if (plan.tier_of.size() != problem.layer_count()) {
    fail(plan, fmt::format("places {} layers, but the problem has {}", plan.tier_of.size(),
                           problem.layer_count()));
  }
  for (LayerId layer = 0; layer < problem.layer_count(); ++layer) {
    if (plan.tier_of[layer] >= problem.tier_count()) {
      fail(plan, fmt::format("puts layer '{}' on tier {}, but the last tier is {}",
                             problem.layers[layer], plan.tier_of[layer], problem.tier_count() - 1));
    }
  }
  for (const LayerId layer : problem.tail) {
    if (plan.tier_of[layer] != 0) {
      fail(plan, fmt::format("puts layer '{}' of the tail on '{}'", problem.layers[layer],
                             problem.tiers[plan.tier_of[layer]]));
    }
  }
  for (const CrossingTensor& tensor : problem.tensors) {
    for (const LayerId reader : tensor.consumers) {
      if (is_in(problem.tail, reader)) {
        continue;  // It waits for the answer.
      }
      if (tensor.producer && plan.tier_of[reader] < plan.tier_of[*tensor.producer]) {
        fail(plan, fmt::format("sends tensor '{}' back from '{}' to '{}'", tensor.name,
                               problem.tiers[plan.tier_of[*tensor.producer]],
                               problem.tiers[plan.tier_of[reader]]));
      }
    }
  }
}

void check_codecs(const Problem& problem, const Plan& plan) {
  for (const auto& [name, codec] : plan.codecs) {
    const auto tensor = std::find_if(problem.tensors.begin(), problem.tensors.end(),
                                     [&](const CrossingTensor& one) { return one.name == name; });
    if (tensor == problem.tensors.end()) {
      fail(plan, fmt::format("has a codec for '{}', which is not a tensor of the problem", name));
    }
    const auto is_chosen = [&](const Coding& coding) { return coding.codec == codec; };
    const auto& candidates = tensor->candidates;
    if (!(tensor->coding && is_chosen(*tensor->coding)) &&
        std::none_of(candidates.begin(), candidates.end(), is_chosen)) {
      fail(plan, fmt::format("gives tensor '{}' the codec '{}', which it can't have", name, codec));
    }
  }
}

/// The load of one hop for one request. Tensors that are on the near side and needed on the far
/// side go up; outputs that are made on the far side come down.
struct Traffic {
  int up_messages = 0;
  int down_messages = 0;
  double up_bytes = 0;
  double down_bytes = 0;
  double up_seconds = 0;
  double down_seconds = 0;
  double up_idle = 0;  // The part of the seconds in which the link is idle.
  double down_idle = 0;
};

/// Returns how long a message is under way while the link is idle. With TCP, it is followed round
/// by round: from a window's first byte to that of the next, or to the message's last byte.
double idle_seconds(const Hop& hop, double bytes, bool upwards) {
  const double fixed = hop.latency.si() + hop.per_message.si();
  if (!hop.tcp || !(hop.tcp->idle_restart || hop.tcp->handshake)) {
    return fixed;
  }
  const double rate = (upwards ? hop.up : hop.down).si() * hop.payload;
  const double round_trip = hop.latency.si() + hop.latency.si();
  double now = hop.tcp->handshake && upwards ? round_trip : 0;
  double left = bytes;
  double window = kSegment.si() * hop.tcp->initial_window;
  while (left > window && window / rate < round_trip) {
    now += round_trip;
    left -= window;
    window *= 2;
  }
  return fixed + (now - (bytes - left) / rate);  // Without the time of the bytes sent so far.
}

Traffic traffic_of(const Problem& problem, const Assignment& tier_of, std::size_t index) {
  const auto is_far = [&](LayerId layer) { return tier_of[layer] > index; };
  const auto is_used = [&](std::size_t tier) { return tier > index; };
  Traffic traffic{.up_messages = std::any_of(tier_of.begin(), tier_of.end(), is_used) ? 1 : 0};
  for (const CrossingTensor& tensor : problem.tensors) {
    const bool made_far = tensor.producer && is_far(*tensor.producer);
    if (!made_far && std::any_of(tensor.consumers.begin(), tensor.consumers.end(), is_far)) {
      traffic.up_bytes += tensor.outward_bytes().si();
    }
    const auto waits = [&](LayerId reader) { return is_in(problem.tail, reader); };
    if (made_far && (tensor.is_output ||
                     std::any_of(tensor.consumers.begin(), tensor.consumers.end(), waits))) {
      traffic.down_bytes += tensor.bytes.si();
      traffic.down_messages = 1;
    }
  }
  const Hop& hop = problem.hops[index];
  if (traffic.up_messages > 0) {
    const double promotion = index == 0 ? problem.radio.promotion.si() : 0;
    traffic.up_idle = idle_seconds(hop, traffic.up_bytes, true);
    traffic.up_seconds =
        promotion + traffic.up_idle + traffic.up_bytes / (hop.up.si() * hop.payload);
  }
  if (traffic.down_messages > 0) {
    traffic.down_idle = idle_seconds(hop, traffic.down_bytes, false);
    traffic.down_seconds = traffic.down_idle + traffic.down_bytes / (hop.down.si() * hop.payload);
  }
  return traffic;
}

bool agree(double stated, double recomputed) {
  return std::abs(stated - recomputed) <= kRounding * std::max(1e-300, recomputed);
}

void compare(const Plan& plan, double stated, double recomputed, std::string_view unit,
             const std::string& subject) {
  if (!agree(stated, recomputed)) {
    fail(plan,
         fmt::format("states {} {}{}, recomputed {} {}", stated, unit, subject, recomputed, unit));
  }
}

void check_size(const Problem& problem, const Plan& plan) {
  const Cost& cost = plan.cost;
  const std::size_t hops = problem.hops.size();
  if (cost.compute.size() != problem.tier_count() || cost.goes_up.size() != hops ||
      cost.comes_down.size() != hops || cost.up_bytes.size() != hops ||
      cost.down_bytes.size() != hops || cost.up_time.size() != hops ||
      cost.down_time.size() != hops ||
      (!problem.memory.empty() && cost.memory.size() != problem.tier_count())) {
    fail(plan, fmt::format("states costs of {} tiers and {} hops, the problem has {} and {}",
                           cost.compute.size(), cost.goes_up.size(), problem.tier_count(), hops));
  }
}

/// Returns the seconds of encoding and decoding on one tier. It encodes tensors that are made there
/// (or given, on the device) and read farther out, and decodes tensors that are made nearer and
/// read there.
double coding_on(const Problem& problem, const Assignment& tier_of, std::size_t tier) {
  double seconds = 0;
  for (const CrossingTensor& tensor : problem.tensors) {
    const std::size_t made = tensor.producer ? tier_of[*tensor.producer] : 0;
    const auto is_read_on = [&](auto wanted) {
      return std::any_of(tensor.consumers.begin(), tensor.consumers.end(),
                         [&](LayerId reader) { return wanted(tier_of[reader]); });
    };
    const auto is_farther = [&](std::size_t other) { return other > tier; };
    const auto is_here = [&](std::size_t other) { return other == tier; };
    if (tensor.coding && made == tier && is_read_on(is_farther)) {
      seconds += tensor.coding->encode[tier].si();
    }
    if (tensor.coding && made < tier && is_read_on(is_here)) {
      seconds += tensor.coding->decode[tier].si();
    }
  }
  return seconds;
}

std::vector<double> compute_of(const Problem& problem, const Assignment& tier_of) {
  std::vector<double> seconds(problem.tier_count());
  for (LayerId layer = 0; layer < problem.layer_count(); ++layer) {
    seconds[tier_of[layer]] += problem.seconds[tier_of[layer]][layer].si();
  }
  for (std::size_t tier = 0; tier < seconds.size(); ++tier) {
    const bool is_reached = tier == 0 || std::any_of(tier_of.begin(), tier_of.end(),
                                                     [&](std::size_t t) { return t >= tier; });
    seconds[tier] += coding_on(problem, tier_of, tier);
    seconds[tier] +=
        is_reached && !problem.per_request.empty() ? problem.per_request[tier].si() : 0;
  }
  return seconds;
}

void check_compute(const Problem& problem, const Plan& plan) {
  const std::vector<double> seconds = compute_of(problem, plan.tier_of);
  for (std::size_t tier = 0; tier < problem.tier_count(); ++tier) {
    compare(plan, plan.cost.compute[tier].si(), seconds[tier], "s",
            fmt::format(" of computing on '{}'", problem.tiers[tier]));
  }
}

void check_hop(const Problem& problem, const Plan& plan, const Traffic& traffic, std::size_t hop) {
  const Cost& cost = plan.cost;
  const std::string up = fmt::format(" up from '{}'", problem.tiers[hop]);
  const std::string down = fmt::format(" down to '{}'", problem.tiers[hop]);
  compare(plan, cost.goes_up[hop] ? 1 : 0, traffic.up_messages, "messages", up);
  compare(plan, cost.comes_down[hop] ? 1 : 0, traffic.down_messages, "messages", down);
  compare(plan, cost.up_bytes[hop].si(), traffic.up_bytes, "bytes", up);
  compare(plan, cost.down_bytes[hop].si(), traffic.down_bytes, "bytes", down);
  compare(plan, cost.up_time[hop].si(), traffic.up_seconds, "s", up);
  compare(plan, cost.down_time[hop].si(), traffic.down_seconds, "s", down);
}

/// Returns the radio's joules besides those of its bytes, for a request that uses it. It waits
/// while its hop is idle, and between its message and the answer for all that happens beyond it.
double radio_energy(const Problem& problem, const std::vector<double>& compute,
                    const std::vector<Traffic>& traffic) {
  double waits = traffic[0].up_idle + traffic[0].down_idle;
  for (std::size_t i = 1; i < compute.size(); ++i) {
    waits += compute[i];
    waits += i < traffic.size() ? traffic[i].up_seconds + traffic[i].down_seconds : 0;
  }
  const RadioOverhead& radio = problem.radio;
  return radio.promotion.si() * radio.promoting.si() + waits * radio.waiting.si() + radio.tail.si();
}

/// Checks the terms beside the latency, which follow from compute and traffic.
void check_other_terms(const Problem& problem, const Plan& plan,
                       const std::vector<Traffic>& traffic) {
  const std::vector<double> compute = compute_of(problem, plan.tier_of);
  const DevicePower& power = problem.power;
  double longest = *std::max_element(compute.begin(), compute.end());
  double money = 0;
  for (std::size_t tier = 0; tier < problem.price.size(); ++tier) {
    money += compute[tier] * problem.price[tier];
  }
  double energy = compute[0] * power.busy.si();
  for (std::size_t tier = 1; tier < compute.size(); ++tier) {
    energy += compute[tier] * power.idle.si();
  }
  for (std::size_t i = 0; i < traffic.size(); ++i) {
    const Hop& hop = problem.hops[i];
    const double up = traffic[i].up_bytes / (hop.up.si() * hop.payload);
    const double down = traffic[i].down_bytes / (hop.down.si() * hop.payload);
    longest = std::max({longest, up, down});
    money += (traffic[i].up_bytes + traffic[i].down_bytes) * hop.price;
    energy +=
        i == 0 ? up * power.send.si() + down * power.receive.si() : (up + down) * power.idle.si();
    energy += (traffic[i].up_idle + traffic[i].down_idle) * power.idle.si();
  }
  if (!traffic.empty() && traffic[0].up_messages > 0) {
    energy +=
        problem.radio.promotion.si() * power.idle.si() + radio_energy(problem, compute, traffic);
  }
  compare(plan, plan.cost.bottleneck.si(), longest, "s", " for its longest stage");
  compare(plan, plan.cost.money, money, "units", " of money");
  compare(plan, plan.cost.energy.si(), energy, "J", " of the device");
}

double memory_on(const Problem& problem, const Assignment& tier_of, std::size_t tier) {
  double parameters = 0;
  double working = 0;
  for (LayerId layer = 0; layer < problem.memory.size(); ++layer) {
    if (tier_of[layer] == tier) {
      parameters += problem.memory[layer].parameters.si();
      working = std::max(working, problem.memory[layer].working.si());
    }
  }
  return parameters + working;
}

void verify_memory(const Problem& problem, const Plan& plan) {
  for (std::size_t tier = 0; tier < plan.cost.memory.size(); ++tier) {
    const double bytes = memory_on(problem, plan.tier_of, tier);
    compare(plan, plan.cost.memory[tier].si(), bytes, "bytes",
            fmt::format(" of memory on '{}'", problem.tiers[tier]));
  }
}

void check_limits(const Problem& problem, const Plan& plan) {
  const Limits& limits = problem.goal.limits;
  for (const LayerId layer : limits.pinned) {
    if (plan.tier_of[layer] != 0) {
      fail(plan, fmt::format("moves the pinned layer '{}'", problem.layers[layer]));
    }
  }
  // Of a deployment, solve() checks the latencies of its variants or of its team.
  if (!plan.deployment && limits.deadline &&
      plan.cost.latency().si() > limits.deadline->si() * (1 + kRounding)) {
    fail(plan, "misses the deadline");
  }
  for (std::size_t tier = 0; tier < limits.memory.size(); ++tier) {
    if (limits.memory[tier] &&
        memory_on(problem, plan.tier_of, tier) > limits.memory[tier]->si() * (1 + kRounding)) {
      fail(plan, fmt::format("does not fit the memory of '{}'", problem.tiers[tier]));
    }
  }
}

void check_bound(const Problem& problem, const Plan& plan) {
  const double value = weigh(problem.goal.objective, plan.cost);
  if (plan.bound && !(*plan.bound <= value * (1 + kRounding))) {  // Refutes NaN, too.
    fail(plan, fmt::format("costs {}, less than its bound {}", value, *plan.bound));
  }
}

}  // namespace

InvalidPlan::InvalidPlan(const Plan& plan, std::string reason)
    : std::logic_error(fmt::format("plan of '{}': {}", plan.algorithm, reason)),
      reason_(std::move(reason)) {}

void check_answer(const Problem& problem, const Plan& plan) {
  check_assignment(problem, plan);
  check_codecs(problem, plan);
}

void verify(const Problem& given, const Plan& plan) {
  check_answer(given, plan);
  const Problem problem = with_codecs(given, plan.codecs);
  double seconds = 0;
  for (const double on_tier : compute_of(problem, plan.tier_of)) {
    seconds += on_tier;
  }
  std::vector<Traffic> traffic;
  for (std::size_t hop = 0; hop < problem.hops.size(); ++hop) {
    traffic.push_back(traffic_of(problem, plan.tier_of, hop));
    seconds += traffic.back().up_seconds + traffic.back().down_seconds;
  }
  const double stated = plan.cost.latency().si();
  if (!agree(stated, seconds)) {
    fail(plan, fmt::format("states a latency of {} s, recomputed {} s", stated, seconds));
  }
  check_size(problem, plan);
  check_compute(problem, plan);
  for (std::size_t hop = 0; hop < traffic.size(); ++hop) {
    check_hop(problem, plan, traffic[hop], hop);
  }
  double tail = 0;
  for (const LayerId layer : problem.tail) {
    tail += problem.seconds[0][layer].si();
  }
  compare(plan, plan.cost.tail.si(), tail, "s", " after the answer");
  check_other_terms(problem, plan, traffic);
  verify_memory(problem, plan);
  check_limits(problem, plan);
  check_bound(problem, plan);
}

}  // namespace offcut::partition
