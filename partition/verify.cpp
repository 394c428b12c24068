// Verifies a plan: recomputes its validity and its cost from the problem, stop by stop and hop by
// hop, where evaluate() goes tensor by tensor, and compares every part. Runs on every plan of every
// algorithm, in all builds.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>

#include "partition/algorithm.h"
#include "partition/dependence.h"
#include "partition/passages.h"

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
  double whole_up = 0;  // The seconds of the message of which a hop has a part.
  double whole_down = 0;
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

/// Returns the traffic of a passage, whose hops all carry the same messages.
Traffic traffic_of(const Problem& problem, const Assignment& tier_of, const Passage& passage,
                   double promotion) {
  const auto is_far = [&](LayerId layer) { return tier_of[layer] > passage.from; };
  Traffic traffic{.up_messages = 1};
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
  const Hop& hop = passage.as_one;
  traffic.up_idle = idle_seconds(hop, traffic.up_bytes, true);
  traffic.up_seconds = promotion + traffic.up_idle + traffic.up_bytes / hop.up.si();
  if (traffic.down_messages > 0) {
    traffic.down_idle = idle_seconds(hop, traffic.down_bytes, false);
    traffic.down_seconds = traffic.down_idle + traffic.down_bytes / hop.down.si();
  }
  return traffic;
}

/// `scale` is at least the size of sums whose difference the value may be.
bool agree(double stated, double recomputed, double scale = 1e-300) {
  return std::abs(stated - recomputed) <= kRounding * std::max(scale, recomputed);
}

void compare(const Plan& plan, double stated, double recomputed, std::string_view unit,
             const std::string& subject, double scale = 1e-300) {
  if (!agree(stated, recomputed, scale)) {
    fail(plan,
         fmt::format("states {} {}{}, recomputed {} {}", stated, unit, subject, recomputed, unit));
  }
}

void check_size(const Problem& problem, const Plan& plan) {
  const Cost& cost = plan.cost;
  const std::size_t hops = problem.hop_count();
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

/// Returns how long the engines of a tier need for some layers, ascending. It places them one by
/// one: always the layer that can start first, of several the one with the longest path, and of
/// these the first one.
double seconds_on_engines(const Problem& problem, std::size_t tier, std::vector<LayerId> left) {
  const std::vector<std::vector<LayerId>> makers = makers_of(problem);
  std::vector<double> path(problem.layer_count(), 0);
  std::vector<double> done(problem.layer_count(), 0);  // Infinite until the layer is placed.
  for (auto layer = left.rbegin(); layer != left.rend(); ++layer) {
    done[*layer] = INFINITY;
    path[*layer] += problem.seconds[tier][*layer].si();
    for (const LayerId maker : makers[*layer]) {
      path[maker] = std::max(path[maker], path[*layer]);
    }
  }
  std::vector<double> engines(problem.engines_on(tier), 0);  // When each is free.
  double end = 0;
  while (!left.empty()) {
    const auto engine = std::min_element(engines.begin(), engines.end());
    const auto start_of = [&](LayerId layer) {
      double start = problem.seconds[tier][layer].si() > 0 ? *engine : 0;
      for (const LayerId maker : makers[layer]) {
        start = std::max(start, done[maker]);
      }
      return start;
    };
    const auto next = std::min_element(left.begin(), left.end(), [&](LayerId a, LayerId b) {
      const double first = start_of(a);
      const double second = start_of(b);
      return first != second ? first < second : path[a] > path[b];
    });
    const double seconds = problem.seconds[tier][*next].si();
    done[*next] = start_of(*next) + seconds;
    *engine = seconds > 0 ? done[*next] : *engine;
    end = std::max(end, done[*next]);
    left.erase(next);
  }
  return end;
}

/// Returns the seconds of a tier's layers, those of the tail or the others.
double layers_on(const Problem& problem, const Assignment& tier_of, std::size_t tier,
                 bool are_tail) {
  std::vector<LayerId> layers;
  for (LayerId layer = 0; layer < problem.layer_count(); ++layer) {
    if (tier_of[layer] == tier && is_in(problem.tail, layer) == are_tail) {
      layers.push_back(layer);
    }
  }
  if (problem.engines_on(tier) > 1) {
    return seconds_on_engines(problem, tier, std::move(layers));
  }
  return std::accumulate(layers.begin(), layers.end(), 0.0, [&](double sum, LayerId layer) {
    return sum + problem.seconds[tier][layer].si();
  });
}

std::vector<double> compute_of(const Problem& problem, const Assignment& tier_of,
                               const std::vector<Passage>& passages) {
  std::vector<double> seconds(problem.tier_count());
  for (std::size_t tier = 0; tier < seconds.size(); ++tier) {
    seconds[tier] =
        layers_on(problem, tier_of, tier, false) + layers_on(problem, tier_of, tier, true);
    const bool is_reached =
        tier == 0 || std::any_of(passages.begin(), passages.end(),
                                 [&](const Passage& passage) { return passage.to == tier; });
    seconds[tier] += coding_on(problem, tier_of, tier);
    seconds[tier] +=
        is_reached && !problem.per_request.empty() ? problem.per_request[tier].si() : 0;
  }
  return seconds;
}

void check_compute(const Problem& problem, const Plan& plan, const std::vector<double>& seconds) {
  for (std::size_t tier = 0; tier < problem.tier_count(); ++tier) {
    compare(plan, plan.cost.compute[tier].si(), seconds[tier], "s",
            fmt::format(" of computing on '{}'", problem.tiers[tier]));
  }
}

/// Checks what the plan states of one hop: of its passage's messages, or that nothing crosses it.
void check_hop(const Problem& problem, const Plan& plan, const Traffic& traffic, std::size_t hop) {
  const Cost& cost = plan.cost;
  const bool is_direct = hop >= problem.hops.size();
  const std::string name = problem.hop_name(hop);
  const std::string up = is_direct ? fmt::format(" up over '{}'", name)
                                   : fmt::format(" up from '{}'", problem.tiers[hop]);
  const std::string down = is_direct ? fmt::format(" down over '{}'", name)
                                     : fmt::format(" down to '{}'", problem.tiers[hop]);
  compare(plan, cost.goes_up[hop] ? 1 : 0, traffic.up_messages, "messages", up);
  compare(plan, cost.comes_down[hop] ? 1 : 0, traffic.down_messages, "messages", down);
  compare(plan, cost.up_bytes[hop].si(), traffic.up_bytes, "bytes", up);
  compare(plan, cost.down_bytes[hop].si(), traffic.down_bytes, "bytes", down);
  compare(plan, cost.up_time[hop].si(), traffic.up_seconds, "s", up, traffic.whole_up);
  compare(plan, cost.down_time[hop].si(), traffic.down_seconds, "s", down, traffic.whole_down);
}

/// Returns a hop's part of the traffic of its passage: all bytes, its own latency, and if it is the
/// slowest of the passage, the first of equally slow ones, what the latencies of the others leave.
Traffic part_of(const Problem& problem, const Passage& passage, std::size_t hop, Traffic traffic) {
  const auto part = [&](double seconds, bool upwards) {
    std::size_t slowest = passage.hops.front();
    double others = 0;
    for (const std::size_t other : passage.hops) {
      const double least = problem.hop(slowest).rate(upwards).si();
      slowest = problem.hop(other).rate(upwards).si() < least ? other : slowest;
      others += other == hop ? 0 : problem.hop(other).latency.si();
    }
    return hop == slowest ? seconds - others : problem.hop(hop).latency.si();
  };
  if (passage.hops.size() > 1) {
    traffic.whole_up = traffic.up_seconds;
    traffic.whole_down = traffic.down_seconds;
    traffic.up_seconds = part(traffic.up_seconds, true);
    traffic.down_seconds = traffic.down_messages > 0 ? part(traffic.down_seconds, false) : 0;
  }
  return traffic;
}

void check_hops(const Problem& problem, const Plan& plan, const std::vector<Passage>& passages,
                const std::vector<Traffic>& traffic) {
  for (std::size_t hop = 0; hop < problem.hop_count(); ++hop) {
    Traffic expected;
    for (std::size_t i = 0; i < passages.size(); ++i) {
      const std::vector<std::size_t>& hops = passages[i].hops;
      if (std::find(hops.begin(), hops.end(), hop) != hops.end()) {
        expected = part_of(problem, passages[i], hop, traffic[i]);
      }
    }
    check_hop(problem, plan, expected, hop);
  }
}

/// Returns the radio's joules besides those of its bytes, for a request that uses it. It waits
/// while its passage is idle, and between its message and the answer for all that happens beyond.
double radio_energy(const RadioOverhead& radio, const std::vector<double>& compute,
                    const std::vector<Traffic>& traffic) {
  double waits = traffic[0].up_idle + traffic[0].down_idle;
  for (std::size_t i = 1; i < compute.size(); ++i) {
    waits += compute[i];
  }
  for (std::size_t i = 1; i < traffic.size(); ++i) {
    waits += traffic[i].up_seconds + traffic[i].down_seconds;
  }
  return radio.promotion.si() * radio.promoting.si() + waits * radio.waiting.si() + radio.tail.si();
}

/// Checks the terms beside the latency, which follow from compute and traffic.
void check_other_terms(const Problem& problem, const Plan& plan, const std::vector<double>& compute,
                       const std::vector<Passage>& passages, const std::vector<Traffic>& traffic) {
  const DevicePower& power = problem.power;
  const PlanRadio radio = plan_radio(problem, passages);
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
    const double up = traffic[i].up_bytes / passages[i].as_one.up.si();
    const double down = traffic[i].down_bytes / passages[i].as_one.down.si();
    longest = std::max({longest, up, down});
    for (const std::size_t hop : passages[i].hops) {
      money += (traffic[i].up_bytes + traffic[i].down_bytes) * problem.hop(hop).price;
    }
    energy += i == 0 ? up * radio.send + down * radio.receive : (up + down) * power.idle.si();
    energy += (traffic[i].up_idle + traffic[i].down_idle) * power.idle.si();
  }
  if (!traffic.empty()) {
    energy += radio.overhead.promotion.si() * power.idle.si() +
              radio_energy(radio.overhead, compute, traffic);
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
  return (parameters + working) * problem.memory_share_on(tier);
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
  const std::vector<Passage> passages = passages_of(problem, plan.tier_of);
  const RadioOverhead radio = plan_radio(problem, passages).overhead;
  const std::vector<double> compute = compute_of(problem, plan.tier_of, passages);
  double seconds = 0;
  for (const double on_tier : compute) {
    seconds += on_tier;
  }
  std::vector<Traffic> traffic;
  for (const Passage& passage : passages) {
    const double promotion = traffic.empty() ? radio.promotion.si() : 0;
    traffic.push_back(traffic_of(problem, plan.tier_of, passage, promotion));
    seconds += traffic.back().up_seconds + traffic.back().down_seconds;
  }
  const double stated = plan.cost.latency().si();
  if (!agree(stated, seconds)) {
    fail(plan, fmt::format("states a latency of {} s, recomputed {} s", stated, seconds));
  }
  check_size(problem, plan);
  check_compute(problem, plan, compute);
  check_hops(problem, plan, passages, traffic);
  compare(plan, plan.cost.tail.si(), layers_on(problem, plan.tier_of, 0, true), "s",
          " after the answer");
  check_other_terms(problem, plan, compute, passages, traffic);
  verify_memory(problem, plan);
  check_limits(problem, plan);
  check_bound(problem, plan);
}

}  // namespace offcut::partition
