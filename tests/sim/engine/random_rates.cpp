// Random rates and latencies over time. Means take the place of the constant figures, as they do in
// scenarios.

#include <algorithm>

#include "random_parts.h"
#include "sim/network/rates/stepped.h"

namespace offcut::engine {
namespace {

using network::Stepped;
using network::Steps;

/// Draws steps around a value, at least `least` times that, with outages if `may_stop`. The last
/// one is none.
std::shared_ptr<const Steps> random_steps(Draws& draws, double value, double least, bool may_stop) {
  std::vector<double> from, values;
  double time = 0;
  const double length = draws.between(0.05, 3);
  for (std::size_t i = draws.from_one_to(8); i > 0; --i) {
    from.push_back(time);
    values.push_back(may_stop && i > 1 && draws.one_in(6) ? 0 : value * draws.between(least, 4));
    time += length * draws.between(0.2, 1);
  }
  return std::make_shared<Steps>(std::move(from), std::move(values), time);
}

/// Draws the figures of links: common to all, or one for each.
std::optional<network::Rates> random_rates(Draws& draws, std::size_t links, double value,
                                           double least, bool may_stop) {
  if (draws.one_in(4)) {
    return std::nullopt;
  }
  const bool is_common = draws.one_in(2);
  std::vector<network::Rate> rates;
  for (std::size_t link = 0; link < (is_common ? 1 : links); ++link) {
    rates.emplace_back(
        std::make_shared<Stepped>(random_steps(draws, value, least, may_stop),
                                  draws.one_in(3) ? Stepped::AtEnd::hold : Stepped::AtEnd::repeat,
                                  draws.one_in(2) ? 0 : draws.between(0.01, 5)));
  }
  return is_common ? network::Rates(rates.front()) : network::Rates(std::move(rates));
}

}  // namespace

void add_moving_rates(Simulation& simulation) {
  Draws draws(simulation.seed, "a random simulation: moving rates");
  const network::Attachment attachment =
      attachment_of(simulation.tiers, simulation.hops, simulation.groups);
  for (std::size_t number = 0; number < simulation.hops.size(); ++number) {
    Link& link = simulation.hops[number];
    const std::size_t links = attachment.links(number);
    // A message that takes longer than its link stays up is lost ten thousand times.
    const double least = link.faults.any() ? 1 : 0.1;
    if (draws.one_in(3)) {
      link.jitter = network::Jitter{.kind = network::Jitter::Kind(draws.below(4)),
                                    .mean = draws.seconds(1e-3, 1),
                                    .cv = draws.between(0.2, 2)};
    }
    if (draws.one_in(3)) {
      link.loss = network::Loss{.probability = draws.between(1e-3, 0.5),
                                .time_out = draws.seconds(0.01, 1),
                                .packet = Bytes(100)};
    }
    for (const bool up : {true, false}) {
      auto& rates = up ? link.moving_rates.up : link.moving_rates.down;
      rates = random_rates(draws, links, link.hop.rate(up).si(), least, true);
      auto& latency = up ? link.moving_latency.up : link.moving_latency.down;
      latency = random_rates(draws, links, link.hop.latency.si(), 0.1, false);
      if (link.site) {
        const double site = ((up ? link.site->up : link.site->down) * link.site->payload).si();
        auto& uplinks = up ? link.site->moving_rates.up : link.site->moving_rates.down;
        uplinks = random_rates(draws, attachment.uplinks(number), site, least, true);
      }
    }
  }
}

}  // namespace offcut::engine
