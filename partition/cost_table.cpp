// Checks the invariants of a cost table, and answers simple questions about it: which tensors cross
// under an assignment, what a slower tier would cost.

#include "partition/cost_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "partition/amount.h"
#include "partition/legs.h"

namespace offcut::partition {
namespace {

void require_cost_table(bool holds, const std::string& invariant) {
  if (!holds) {
    throw std::logic_error("partition problem: " + invariant);
  }
}

void check_coding(const Coding& coding, std::size_t tiers) {
  require_cost_table(is_amount(coding.bytes), "encoded bytes must be finite and not negative");
  for (const auto& times : {coding.encode, coding.decode}) {
    require_cost_table(times.size() == tiers, "each tier needs a time of coding");
    for (const Seconds time : times) {
      require_cost_table(is_amount(time), "times of coding must be finite and not negative");
    }
  }
}

void check_prices(const CostTable& costs) {
  require_cost_table(costs.price.empty() || costs.price.size() == costs.tiers.size(),
                     "expected a price per tier, or none");
  for (const double price : costs.price) {
    require_cost_table(is_amount(price), "prices must be finite and not negative");
  }
  for (const Watts power :
       {costs.power.busy, costs.power.send, costs.power.receive, costs.power.idle}) {
    require_cost_table(is_amount(power), "powers must be finite and not negative");
  }
  const RadioOverhead& radio = costs.radio;
  require_cost_table(is_amount(radio.promotion) && is_amount(radio.promoting) &&
                         is_amount(radio.waiting) && is_amount(radio.tail),
                     "times and energies of the radio must be finite and not negative");
}

void check_routes(const CostTable& costs) {
  require_cost_table(costs.forwards.empty() || costs.forwards.size() == costs.tiers.size(),
                     "expected for each tier whether it forwards packets, or for none");
  for (std::size_t i = 0; i < costs.direct.size(); ++i) {
    const DirectHop& hop = costs.direct[i];
    check_hop(hop.hop);
    require_cost_table(hop.from + 1 < hop.to && hop.to < costs.tiers.size(),
                       "a direct hop must go outward and leave out a tier");
    for (const Watts power : {hop.send, hop.receive, hop.base}) {
      require_cost_table(is_amount(power), "powers must be finite and not negative");
    }
    for (std::size_t j = 0; j < i; ++j) {
      require_cost_table(hop.from != costs.direct[j].from || hop.to != costs.direct[j].to,
                         "expected at most one direct hop between two tiers");
    }
  }
}

void check_engines(const CostTable& costs) {
  require_cost_table(costs.parallel.empty() || costs.parallel.size() == costs.tiers.size(),
                     "expected a number of engines per tier, or none");
  require_cost_table(std::count(costs.parallel.begin(), costs.parallel.end(), 0U) == 0,
                     "a tier needs an engine");
}

void check_memory_needs(const CostTable& costs) {
  require_cost_table(costs.memory.empty() || costs.memory.size() == costs.layers.size(),
                     "expected the memory of each layer, or none");
  for (const LayerMemory& memory : costs.memory) {
    require_cost_table(is_amount(memory.parameters) && is_amount(memory.working),
                       "memory must be finite and not negative");
  }
}

void check_tail(const CostTable& costs) {
  std::vector<bool> is_tail(costs.layer_count(), false);
  for (const LayerId layer : costs.tail) {
    require_cost_table(layer < is_tail.size(), "the tail must name layers of the problem");
    is_tail[layer] = true;
  }
  for (const CrossingTensor& tensor : costs.tensors) {
    for (const LayerId reader : tensor.consumers) {
      require_cost_table(
          !tensor.producer || !is_tail[*tensor.producer] || is_tail[reader],
          fmt::format("a reader of tensor '{}' must be in the tail with its producer",
                      tensor.name));
    }
  }
}

}  // namespace

std::vector<Stall> Hop::stalls(bool upwards) const {
  return tcp && (tcp->idle_restart || tcp->handshake)
             ? slow_start_stalls(*tcp, rate(upwards), round_trip())
             : std::vector<Stall>();
}

Seconds Hop::message_time(bool upwards, Bytes bytes) const {
  const Seconds time = overhead(upwards) + bytes / rate(upwards);
  return tcp ? time + stall_time(stalls(upwards), bytes) : time;
}

bool CostTable::has_stalls() const {
  const auto stalls = [](const Hop& hop) {
    return !hop.stalls(true).empty() || !hop.stalls(false).empty();
  };
  if (!has_routes()) {
    return std::any_of(hops.begin(), hops.end(), stalls);
  }
  for (std::size_t from = 0; from < tier_count(); ++from) {
    for (std::size_t to = from + 1; to < tier_count(); ++to) {
      for (const Leg& leg : legs_between(*this, from, to)) {
        if (stalls(joined(*this, leg))) {
          return true;
        }
      }
    }
  }
  return false;
}

std::string CostTable::hop_name(std::size_t number) const {
  const bool is_direct = number >= hops.size();
  const std::size_t from = is_direct ? direct[number - hops.size()].from : number;
  const std::size_t to = is_direct ? direct[number - hops.size()].to : number + 1;
  return fmt::format("{}-{}", tiers[from], tiers[to]);
}

bool CostTable::has_routes() const {
  if (!direct.empty()) {
    return true;
  }
  for (std::size_t tier = 1; tier + 1 < forwards.size(); ++tier) {
    if (forwards[tier]) {
      return true;
    }
  }
  return false;
}

bool CostTable::is_parallel() const {
  return std::any_of(parallel.begin(), parallel.end(),
                     [](std::size_t engines) { return engines > 1; });
}

void check_hop(const Hop& hop) {
  require_cost_table(hop.up.si() > 0 && hop.down.si() > 0, "bandwidths must be positive");
  require_cost_table(is_amount(hop.latency) && is_amount(hop.per_message),
                     "latencies and times per message must be finite and not negative");
  require_cost_table(hop.payload > 0 && hop.payload <= 1,
                     "the share of payload must be above 0 and at most 1");
  require_cost_table(
      !hop.tcp || (is_amount(hop.tcp->initial_window) && hop.tcp->initial_window >= 1),
      "an initial window must be at least 1 and finite");
  require_cost_table(is_amount(hop.price), "prices must be finite and not negative");
}

void check_times(const std::vector<Seconds>& times, std::size_t layers) {
  require_cost_table(times.size() == layers, "each layer needs a time");
  for (const Seconds time : times) {
    require_cost_table(is_amount(time), "times must be finite and not negative");
  }
}

std::optional<std::size_t> CostTable::find_tier(const std::string& name) const {
  const auto it = std::find(tiers.begin(), tiers.end(), name);
  return it == tiers.end() ? std::nullopt
                           : std::optional(static_cast<std::size_t>(it - tiers.begin()));
}

void CostTable::check() const {
  require_cost_table(!tiers.empty() && hops.size() + 1 == tiers.size(),
                     "expected one hop between each two tiers");
  require_cost_table(seconds.size() == tiers.size(), "each tier needs a row of times");
  for (const auto& row : seconds) {
    check_times(row, layers.size());
  }
  for (const Hop& hop : hops) {
    check_hop(hop);
  }
  check_routes(*this);
  for (const CrossingTensor& tensor : tensors) {
    require_cost_table(is_amount(tensor.bytes), "bytes must be finite and not negative");
    if (tensor.coding) {
      check_coding(*tensor.coding, tiers.size());
    }
    for (const Coding& candidate : tensor.candidates) {
      check_coding(candidate, tiers.size());
    }
    require_cost_table(
        !tensor.producer || *tensor.producer < layers.size(),
        fmt::format("the producer of tensor '{}' must be a layer of the problem", tensor.name));
    for (const LayerId reader : tensor.consumers) {
      require_cost_table(
          reader < layers.size(),
          fmt::format("a reader of tensor '{}' must be a layer of the problem", tensor.name));
      require_cost_table(
          !tensor.producer || *tensor.producer < reader,
          fmt::format("a reader of tensor '{}' must come after its producer", tensor.name));
    }
  }
  check_prices(*this);
  if (!per_request.empty()) {
    check_times(per_request, tiers.size());
  }
  check_engines(*this);
  check_memory_needs(*this);
  check_tail(*this);
}

std::vector<std::size_t> crossing(const CostTable& costs, const Assignment& tier_of) {
  std::vector<std::size_t> ids;
  for (std::size_t id = 0; id < costs.tensors.size(); ++id) {
    const CrossingTensor& tensor = costs.tensors[id];
    const std::size_t from = tensor.producer ? tier_of[*tensor.producer] : 0;
    if (std::any_of(tensor.consumers.begin(), tensor.consumers.end(),
                    [&](LayerId reader) { return tier_of[reader] > from; })) {
      ids.push_back(id);
    }
  }
  return ids;
}

void slow_down(CostTable& costs, std::size_t tier, double factor) {
  const auto scale = [&](Seconds& time) { time = time * factor; };
  const auto scale_coding = [&](Coding& coding) {
    scale(coding.encode[tier]);
    scale(coding.decode[tier]);
  };
  std::for_each(costs.seconds[tier].begin(), costs.seconds[tier].end(), scale);
  if (!costs.per_request.empty()) {
    scale(costs.per_request[tier]);
  }
  for (CrossingTensor& tensor : costs.tensors) {
    if (tensor.coding) {
      scale_coding(*tensor.coding);
    }
    std::for_each(tensor.candidates.begin(), tensor.candidates.end(), scale_coding);
  }
}

}  // namespace offcut::partition
