// Finds the passages between a request's stops by trying all ways, for verify().

#include "partition/passages.h"

#include <algorithm>
#include <optional>

namespace offcut::partition {
namespace {

/// Returns the fewest hops between two tiers, by trying all ways; of those, the one that is first
/// in the order of the tiers at which hops end, farthest ones first.
std::vector<std::size_t> fewest_hops(const CostTable& costs, std::size_t from, std::size_t to) {
  if (from == to) {
    return {};
  }
  std::optional<std::vector<std::size_t>> best;
  for (std::size_t end = to; end > from; --end) {
    std::optional<std::size_t> hop = end == from + 1 ? std::optional(from) : std::nullopt;
    for (std::size_t i = 0; i < costs.direct.size(); ++i) {
      if (costs.direct[i].is_open && costs.direct[i].from == from && costs.direct[i].to == end) {
        hop = costs.hops.size() + i;
      }
    }
    if (hop) {
      std::vector<std::size_t> all = {*hop};
      const std::vector<std::size_t> rest = fewest_hops(costs, end, to);
      all.insert(all.end(), rest.begin(), rest.end());
      best = !best || all.size() < best->size() ? all : *best;
    }
  }
  return *best;
}

/// Adds a hop to a passage over which packets are forwarded.
void lengthen(Hop& all, const Hop& hop) {
  all.up = BytesPerSecond(std::min(all.up.si(), hop.up.si() * hop.payload));
  all.down = BytesPerSecond(std::min(all.down.si(), hop.down.si() * hop.payload));
  all.latency = Seconds(all.latency.si() + hop.latency.si());
  all.price += hop.price;
  all.per_message = std::max(all.per_message, hop.per_message);
  if (hop.tcp) {
    Tcp tcp = all.tcp.value_or(*hop.tcp);
    tcp.initial_window = std::min(tcp.initial_window, hop.tcp->initial_window);
    tcp.idle_restart |= hop.tcp->idle_restart;
    tcp.handshake |= hop.tcp->handshake;
    all.tcp = tcp;
  }
}

}  // namespace

std::vector<Passage> passages_of(const CostTable& costs, const Assignment& tier_of) {
  const auto is_used = [&](std::size_t tier) {
    return std::find(tier_of.begin(), tier_of.end(), tier) != tier_of.end();
  };
  const auto is_last = [&](std::size_t tier) {
    return std::all_of(tier_of.begin(), tier_of.end(), [&](std::size_t t) { return t <= tier; });
  };
  std::vector<Passage> all;
  for (std::size_t from = 0; !is_last(from);) {
    std::size_t next = from + 1;
    while (!is_used(next)) {
      ++next;
    }
    for (const std::size_t number : fewest_hops(costs, from, next)) {
      const bool is_direct = number >= costs.hops.size();
      const std::size_t begin = is_direct ? costs.direct[number - costs.hops.size()].from : number;
      const bool goes_on = begin != from && costs.forwards.size() > begin && costs.forwards[begin];
      if (!goes_on) {
        all.push_back({.from = begin, .to = begin, .hops = {}, .as_one = costs.hop(number)});
        all.back().as_one.up = all.back().as_one.rate(true);
        all.back().as_one.down = all.back().as_one.rate(false);
        all.back().as_one.payload = 1;
      } else {
        lengthen(all.back().as_one, costs.hop(number));
      }
      all.back().hops.push_back(number);
      all.back().to = is_direct ? costs.direct[number - costs.hops.size()].to : number + 1;
    }
    from = next;
  }
  return all;
}

PlanRadio plan_radio(const CostTable& costs, const std::vector<Passage>& passages) {
  if (passages.empty()) {
    return {};
  }
  const Passage& first = passages.front();
  const std::size_t number = first.hops.front();
  PlanRadio radio{costs.power.send.si(), costs.power.receive.si(), costs.radio};
  double base = costs.power.base.si();
  if (number >= costs.hops.size()) {
    const DirectHop& direct = costs.direct[number - costs.hops.size()];
    radio = {direct.send.si(), direct.receive.si(), direct.radio};
    base = direct.base.si();
  }
  const double still = costs.power.idle.si() + base;
  const Hop& own = costs.hop(number);
  if (first.hops.size() > 1) {  // Joules for each byte stay the same; the time for it is longer.
    const double up_share = first.as_one.up.si() / (own.up.si() * own.payload);
    const double down_share = first.as_one.down.si() / (own.down.si() * own.payload);
    radio.send = still + (radio.send - still) * up_share;
    radio.receive = still + (radio.receive - still) * down_share;
  }
  return radio;
}

}  // namespace offcut::partition
