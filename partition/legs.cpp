// Finds the ways between stops: counts the hops that are left from each tier, and follows the
// longest hop of those that leave the fewest. A leg ends at a tier that takes whole messages.

#include "partition/legs.h"

#include <algorithm>

namespace offcut::partition {
namespace {

struct End {
  std::size_t hop;
  std::size_t to;
};

/// Calls `visit` with each hop from the tier and its far end, direct ones first.
template <class Visit>
void each_hop_from(const CostTable& costs, std::size_t from, Visit visit) {
  for (std::size_t i = 0; i < costs.direct.size(); ++i) {
    if (costs.direct[i].from == from && costs.direct[i].is_open) {
      visit(End{costs.hops.size() + i, costs.direct[i].to});
    }
  }
  visit(End{from, from + 1});
}

/// Returns the hops of the way with the ends of each.
std::vector<End> way(const CostTable& costs, std::size_t from, std::size_t to) {
  std::vector<std::size_t> left(to + 1, 0);  // Hops from each tier to the end.
  std::vector<End> next(to + 1);
  for (std::size_t tier = to; tier-- > from;) {
    left[tier] = to + 1;
    each_hop_from(costs, tier, [&](End end) {
      if (end.to > to) {
        return;
      }
      const std::size_t count = left[end.to] + 1;
      if (count < left[tier] || (count == left[tier] && end.to > next[tier].to)) {
        left[tier] = count;
        next[tier] = end;
      }
    });
  }
  std::vector<End> hops;
  for (std::size_t tier = from; tier < to; tier = next[tier].to) {
    hops.push_back(next[tier]);
  }
  return hops;
}

void add_legs(const CostTable& costs, std::size_t from, std::size_t to, std::vector<Leg>& legs) {
  bool begins = true;
  for (const End& end : way(costs, from, to)) {
    if (begins) {
      legs.push_back({.from = from, .to = from, .hops = {}});
    }
    legs.back().hops.push_back(end.hop);
    legs.back().to = from = end.to;
    begins = costs.forwards.empty() || !costs.forwards[end.to];
  }
}

double slowness(const Hop& hop, bool upwards) { return 1 / hop.rate(upwards).si(); }

}  // namespace

std::vector<Leg> legs_between(const CostTable& costs, std::size_t from, std::size_t to) {
  std::vector<Leg> legs;
  add_legs(costs, from, to, legs);
  return legs;
}

std::vector<Leg> legs_of(const CostTable& costs, const Assignment& tier_of) {
  std::vector<bool> has_layers(costs.tier_count(), false);
  for (const std::size_t tier : tier_of) {
    has_layers[tier] = true;
  }
  std::vector<Leg> legs;
  std::size_t last = 0;
  for (std::size_t tier = 1; tier < has_layers.size(); ++tier) {
    if (has_layers[tier]) {
      add_legs(costs, last, tier, legs);
      last = tier;
    }
  }
  return legs;
}

Hop joined(const std::vector<Hop>& hops) {
  Hop all = hops.front();
  if (hops.size() == 1) {
    return all;
  }
  all.up = all.rate(true);
  all.down = all.rate(false);
  all.payload = 1;
  for (auto hop = hops.begin() + 1; hop != hops.end(); ++hop) {
    all.up = std::min(all.up, hop->rate(true));
    all.down = std::min(all.down, hop->rate(false));
    all.latency += hop->latency;
    all.price += hop->price;
    all.per_message = std::max(all.per_message, hop->per_message);
    if (all.tcp && hop->tcp) {
      all.tcp->initial_window = std::min(all.tcp->initial_window, hop->tcp->initial_window);
      all.tcp->idle_restart = all.tcp->idle_restart || hop->tcp->idle_restart;
      all.tcp->handshake = all.tcp->handshake || hop->tcp->handshake;
    } else if (hop->tcp) {
      all.tcp = hop->tcp;
    }
  }
  return all;
}

Hop joined(const CostTable& costs, const Leg& leg) {
  std::vector<Hop> hops;
  for (const std::size_t number : leg.hops) {
    hops.push_back(costs.hop(number));
  }
  return joined(hops);
}

LegRadio radio_of(const CostTable& costs, const Leg& leg, const Hop& hop) {
  LegRadio radio{costs.power, costs.radio};
  const std::size_t number = leg.hops.front();
  if (number >= costs.hops.size()) {
    const DirectHop& direct = costs.direct[number - costs.hops.size()];
    radio.power.send = direct.send;
    radio.power.receive = direct.receive;
    radio.power.base = direct.base;
    radio.power.radio_known = direct.radio_known;
    radio.overhead = direct.radio;
  }
  if (leg.hops.size() > 1) {  // The bytes take longer; the part for each byte stays.
    const Hop& first = costs.hop(number);
    const Watts fixed = radio.power.idle + radio.power.base;
    const auto slowed = [&](Watts power, bool up) {
      return fixed + (power - fixed) * (hop.rate(up).si() / first.rate(up).si());
    };
    radio.power.send = slowed(radio.power.send, true);
    radio.power.receive = slowed(radio.power.receive, false);
  }
  return radio;
}

std::vector<Seconds> divided(const CostTable& costs, const Leg& leg, bool upwards, Seconds time) {
  if (leg.hops.size() == 1) {
    return {time};
  }
  std::vector<Seconds> parts;
  std::size_t slowest = 0;
  Seconds rest = time;
  for (std::size_t i = 0; i < leg.hops.size(); ++i) {
    const Hop& hop = costs.hop(leg.hops[i]);
    parts.push_back(hop.latency);
    rest -= hop.latency;
    if (slowness(hop, upwards) > slowness(costs.hop(leg.hops[slowest]), upwards)) {
      slowest = i;
    }
  }
  parts[slowest] += std::max(rest, Seconds(0));  // It may be below 0 by rounding.
  return parts;
}

}  // namespace offcut::partition
