#include "partition/problem.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>

namespace offcut {
namespace {

void require(bool holds, const std::string& what) {
  if (!holds) {
    throw std::logic_error("partition problem: " + what);
  }
}

std::vector<bool> flags(const std::vector<LayerId>& layers, std::size_t count) {
  std::vector<bool> is(count, false);
  for (const LayerId layer : layers) {
    require(layer < count, "limits name layers of the problem");
    is[layer] = true;
  }
  return is;
}

/// Seconds of a message on one way of a hop.
Seconds message_time(Bytes bytes, BytesPerSecond bandwidth, Seconds latency) {
  return latency + bytes / bandwidth;
}

void check_coding(const Coding& coding, std::size_t tiers) {
  require(std::isfinite(coding.bytes.si()) && coding.bytes.si() >= 0,
          "encoded bytes are finite and not negative");
  for (const auto& times : {coding.encode, coding.decode}) {
    require(times.size() == tiers, "a time of coding per tier");
    for (const Seconds time : times) {
      require(std::isfinite(time.si()) && time.si() >= 0,
              "times of coding are finite and not negative");
    }
  }
}

bool is_amount(double value) { return std::isfinite(value) && value >= 0; }

void check_prices(const Problem& problem) {
  require(problem.price.empty() || problem.price.size() == problem.tiers.size(),
          "a price per tier, or none");
  for (const double price : problem.price) {
    require(is_amount(price), "prices are finite and not negative");
  }
  for (const Watts power :
       {problem.power.busy, problem.power.send, problem.power.receive, problem.power.idle}) {
    require(is_amount(power.si()), "powers are finite and not negative");
  }
  const Objective& objective = problem.objective;
  for (const double weight :
       {objective.latency, objective.energy, objective.money, objective.bottleneck}) {
    require(is_amount(weight), "weights are finite and not negative");
  }
}

void check_hop(const Hop& hop) {
  require(hop.up.si() > 0 && hop.down.si() > 0, "bandwidths are positive");
  require(is_amount(hop.latency.si()), "latencies are finite and not negative");
  require(is_amount(hop.price), "prices are finite and not negative");
}

void check_times(const std::vector<Seconds>& times, std::size_t layers) {
  require(times.size() == layers, "a time per layer");
  for (const Seconds time : times) {
    require(is_amount(time.si()), "times are finite and not negative");
  }
}

void check_exits(const Problem& problem) {
  const auto is_part = [](const std::optional<double>& part) {
    return !part || (*part >= 0 && *part <= 1);
  };
  for (const ExitOdds& exit : problem.exits) {
    require(std::any_of(problem.tensors.begin(), problem.tensors.end(),
                        [&](const CrossingTensor& tensor) {
                          return tensor.name == exit.output && tensor.is_output;
                        }),
            fmt::format("exit '{}' is an output", exit.output));
    require(is_part(exit.leaves) && is_part(exit.accuracy), "odds of exits are from 0 to 1");
  }
}

void check_memory(const Problem& problem) {
  require(problem.memory.empty() || problem.memory.size() == problem.layers.size(),
          "memory per layer, or none");
  for (const LayerMemory& memory : problem.memory) {
    require(is_amount(memory.parameters.si()) && is_amount(memory.working.si()),
            "memory is finite and not negative");
  }
  const auto& limits = problem.limits.memory;
  require(limits.empty() || limits.size() == problem.tiers.size(), "a limit per tier, or none");
  require(limits.empty() || !problem.memory.empty(), "a limit of memory needs each layer's memory");
}

void check_pins(const Problem& problem) {
  const std::vector<bool> pinned = flags(problem.limits.pinned, problem.layer_count());
  const std::vector<bool> tail = flags(problem.limits.tail, problem.layer_count());
  for (LayerId layer = 0; layer < problem.layer_count(); ++layer) {
    require(!pinned[layer] || !tail[layer], "no layer is pinned and in the tail");
  }
  for (const CrossingTensor& tensor : problem.tensors) {
    for (const LayerId reader : tensor.consumers) {
      require(!tensor.producer || !pinned[reader] || pinned[*tensor.producer],
              fmt::format("what makes tensor '{}' is pinned with its reader", tensor.name));
      require(!tensor.producer || !tail[*tensor.producer] || tail[reader],
              fmt::format("what reads tensor '{}' is in the tail with its maker", tensor.name));
    }
  }
}

/// Of each tier: the parameters of its layers, and the most that one of them works on.
std::vector<Bytes> memory_of(const Problem& problem, const Assignment& tier_of) {
  if (problem.memory.empty()) {
    return {};
  }
  std::vector<Bytes> total(problem.tier_count());
  std::vector<Bytes> working(problem.tier_count());
  for (LayerId layer = 0; layer < problem.layer_count(); ++layer) {
    const std::size_t tier = tier_of[layer];
    total[tier] += problem.memory[layer].parameters;
    working[tier] = std::max(working[tier], problem.memory[layer].working);
  }
  for (std::size_t tier = 0; tier < total.size(); ++tier) {
    total[tier] += working[tier];
  }
  return total;
}

/// The terms beside the latency, from its parts.
void add_other_terms(const Problem& problem, Cost& cost) {
  Seconds idle;  // the device's
  for (std::size_t tier = 0; tier < problem.tier_count(); ++tier) {
    cost.bottleneck = std::max(cost.bottleneck, cost.compute[tier]);
    idle += tier > 0 ? cost.compute[tier] : Seconds(0);
    cost.money += problem.price.empty() ? 0 : problem.price[tier] * cost.compute[tier].si();
  }
  for (std::size_t i = 0; i < problem.hops.size(); ++i) {
    const Hop& hop = problem.hops[i];
    const Seconds up = cost.up_bytes[i] / hop.up;
    const Seconds down = cost.down_bytes[i] / hop.down;
    cost.bottleneck = std::max({cost.bottleneck, up, down});
    cost.money += hop.price * (cost.up_bytes[i] + cost.down_bytes[i]).si();
    if (i == 0) {
      cost.energy = problem.power.send * up + problem.power.receive * down;
      idle += hop.latency * (double(cost.goes_up[i]) + double(cost.comes_down[i]));
    } else {
      idle += cost.up_time[i] + cost.down_time[i];
    }
  }
  cost.energy += problem.power.busy * cost.compute[0] + problem.power.idle * idle;
}

/// Adds what a tensor that goes out from tier `from` takes of each tier's time.
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

std::optional<std::size_t> Problem::find_tier(const std::string& name) const {
  const auto it = std::find(tiers.begin(), tiers.end(), name);
  return it == tiers.end() ? std::nullopt
                           : std::optional(static_cast<std::size_t>(it - tiers.begin()));
}

void Problem::check() const {
  require(!tiers.empty() && hops.size() + 1 == tiers.size(), "one hop between each two tiers");
  require(seconds.size() == tiers.size(), "a row of times per tier");
  for (const auto& row : seconds) {
    check_times(row, layers.size());
  }
  for (const Hop& hop : hops) {
    check_hop(hop);
  }
  for (const DeviceClass& other : classes) {
    check_times(other.seconds, layers.size());
    check_hop(other.hop);
  }
  for (const CrossingTensor& tensor : tensors) {
    require(std::isfinite(tensor.bytes.si()) && tensor.bytes.si() >= 0,
            "bytes are finite and not negative");
    if (tensor.coding) {
      check_coding(*tensor.coding, tiers.size());
    }
    for (const Coding& candidate : tensor.candidates) {
      check_coding(candidate, tiers.size());
    }
    require(!tensor.producer || *tensor.producer < layers.size(),
            fmt::format("tensor '{}' is made by a layer of the problem", tensor.name));
    for (const LayerId reader : tensor.consumers) {
      require(reader < layers.size(),
              fmt::format("tensor '{}' is read by a layer of the problem", tensor.name));
      require(!tensor.producer || *tensor.producer < reader,
              fmt::format("tensor '{}' is read after it is made", tensor.name));
    }
  }
  check_exits(*this);
  check_prices(*this);
  check_memory(*this);
  check_pins(*this);
}

Seconds Cost::compute_total() const {
  return std::accumulate(compute.begin(), compute.end(), Seconds(0));
}

Seconds Cost::transmission_total() const {
  return std::accumulate(up_time.begin(), up_time.end(), Seconds(0)) +
         std::accumulate(down_time.begin(), down_time.end(), Seconds(0));
}

std::vector<std::size_t> crossing(const Problem& problem, const Assignment& tier_of) {
  std::vector<std::size_t> ids;
  for (std::size_t id = 0; id < problem.tensors.size(); ++id) {
    const CrossingTensor& tensor = problem.tensors[id];
    const std::size_t from = tensor.producer ? tier_of[*tensor.producer] : 0;
    if (std::any_of(tensor.consumers.begin(), tensor.consumers.end(),
                    [&](LayerId reader) { return tier_of[reader] > from; })) {
      ids.push_back(id);
    }
  }
  return ids;
}

Problem with_codecs(Problem problem, const CodecOf& codecs) {
  std::size_t found = 0;
  for (CrossingTensor& tensor : problem.tensors) {
    const auto codec = codecs.find(tensor.name);
    if (codec == codecs.end()) {
      continue;
    }
    ++found;
    const auto candidate =
        std::find_if(tensor.candidates.begin(), tensor.candidates.end(),
                     [&](const Coding& coding) { return coding.codec == codec->second; });
    if (candidate != tensor.candidates.end()) {
      tensor.coding = *candidate;
    } else {
      require(tensor.coding && tensor.coding->codec == codec->second,
              fmt::format("tensor '{}' can have the codec '{}'", tensor.name, codec->second));
    }
  }
  require(found == codecs.size(), "codecs are of the problem's tensors");
  return problem;
}

void slow_down(Problem& problem, std::size_t tier, double factor) {
  const auto scale = [&](Seconds& time) { time = time * factor; };
  const auto scale_coding = [&](Coding& coding) {
    scale(coding.encode[tier]);
    scale(coding.decode[tier]);
  };
  std::for_each(problem.seconds[tier].begin(), problem.seconds[tier].end(), scale);
  for (CrossingTensor& tensor : problem.tensors) {
    if (tensor.coding) {
      scale_coding(*tensor.coding);
    }
    std::for_each(tensor.candidates.begin(), tensor.candidates.end(), scale_coding);
  }
}

Cost evaluate(const Problem& problem, const Assignment& tier_of) {
  const std::size_t hops = problem.hops.size();
  Cost cost{.compute = std::vector<Seconds>(problem.tier_count()),
            .up_bytes = std::vector<Bytes>(hops),
            .down_bytes = std::vector<Bytes>(hops),
            .goes_up = std::vector<bool>(hops),
            .comes_down = std::vector<bool>(hops),
            .up_time = std::vector<Seconds>(hops),
            .down_time = std::vector<Seconds>(hops)};
  const std::vector<bool> in_tail = flags(problem.limits.tail, problem.layer_count());
  std::size_t farthest = 0;
  for (LayerId layer = 0; layer < problem.layer_count(); ++layer) {
    cost.compute[tier_of[layer]] += problem.seconds[tier_of[layer]][layer];
    cost.tail += in_tail[layer] ? problem.seconds[0][layer] : Seconds(0);
    farthest = std::max(farthest, tier_of[layer]);
  }
  std::fill_n(cost.goes_up.begin(), farthest, true);
  for (const CrossingTensor& tensor : problem.tensors) {
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
    const Hop& hop = problem.hops[i];
    if (cost.goes_up[i]) {
      cost.up_time[i] = message_time(cost.up_bytes[i], hop.up, hop.latency);
    }
    if (cost.comes_down[i]) {
      cost.down_time[i] = message_time(cost.down_bytes[i], hop.down, hop.latency);
    }
  }
  add_other_terms(problem, cost);
  cost.memory = memory_of(problem, tier_of);
  return cost;
}

double weigh(const Objective& objective, const Cost& cost) {
  return objective.latency * cost.latency().si() + objective.energy * cost.energy.si() +
         objective.money * cost.money + objective.bottleneck * cost.bottleneck.si();
}

std::string broken_limit(const Problem& problem, const Assignment& tier_of, const Cost& cost) {
  constexpr double kMost = 1 + kRounding;
  const Limits& limits = problem.limits;
  for (const LayerId layer : limits.pinned) {
    if (tier_of[layer] != 0) {
      return fmt::format("layer '{}' leaves '{}'", problem.layers[layer], problem.tiers[0]);
    }
  }
  for (std::size_t tier = 0; tier < limits.memory.size(); ++tier) {
    if (limits.memory[tier] && cost.memory[tier] > *limits.memory[tier] * kMost) {
      return fmt::format("'{}' needs {} of memory and has {}", problem.tiers[tier],
                         to_readable(cost.memory[tier]), to_readable(*limits.memory[tier]));
    }
  }
  if (limits.deadline && cost.latency() > *limits.deadline * kMost) {
    return fmt::format("it takes {}, the deadline is {}", to_readable(cost.latency()),
                       to_readable(*limits.deadline));
  }
  return "";
}

std::optional<Cost> cost_within_limits(const Problem& problem, const Assignment& tier_of) {
  Cost cost = evaluate(problem, tier_of);
  return broken_limit(problem, tier_of, cost).empty() ? std::optional(std::move(cost))
                                                      : std::nullopt;
}

std::optional<double> value_within_limits(const Problem& problem, const Assignment& tier_of) {
  const auto cost = cost_within_limits(problem, tier_of);
  return cost ? std::optional(weigh(problem.objective, *cost)) : std::nullopt;
}

}  // namespace offcut
