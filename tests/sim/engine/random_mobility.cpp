// Handovers in random simulations: devices move at random times to random places.

#include <algorithm>

#include "fit_uplinks.h"
#include "random_parts.h"

namespace offcut::engine {
namespace {

/// Moves each device about every few seconds, for a minute.
class RandomMoves final : public network::Movement {
 public:
  explicit RandomMoves(network::Attachment attachment) : attachment_(std::move(attachment)) {}

  std::unique_ptr<network::Walk> walk(std::size_t device, std::uint64_t seed) const override {
    return std::make_unique<RandomWalk>(attachment_.places(attachment_.group_of(device)),
                                        Draws(seed * 1000 + device, "random moves"));
  }

 private:
  class RandomWalk final : public network::Walk {
   public:
    RandomWalk(std::size_t places, Draws draws) : places_(places), draws_(draws) {}
    std::optional<network::Move> next() override {
      time_ += draws_.one_in(5) ? Seconds(0) : draws_.seconds(0.05, 10);
      return time_ > Seconds(60) ? std::nullopt
                                 : std::optional(network::Move{time_, draws_.below(places_)});
    }

   private:
    std::size_t places_;
    Draws draws_;
    Seconds time_;
  };

  network::Attachment attachment_;
};

}  // namespace

void add_mobility(Simulation& simulation) {
  if (simulation.hops.empty()) {
    return;
  }
  Draws draws(simulation.seed, "a random simulation: mobility");
  for (std::size_t group = 0; group < simulation.groups; ++group) {
    Link& hop = simulation.hops[group];
    const std::size_t devices = simulation.tiers[group].servers;
    if (!hop.shared && draws.one_in(2)) {
      hop.site = Link::Uplink{draws.from_one_to(devices), draws.rate(100, 20'000),
                              draws.rate(100, 20'000), hop.hop.payload};
    }
  }
  fit_uplinks(simulation);
  for (std::size_t group = 0; group < simulation.groups; ++group) {
    Link& hop = simulation.hops[group];
    if (hop.site && draws.one_in(2)) {
      const std::size_t devices = simulation.tiers[group].servers;
      hop.site->count = (devices + hop.site->devices - 1) / hop.site->devices + draws.below(3);
      std::vector<network::Rate> rates;
      for (std::size_t i = 0; i < *hop.site->count; ++i) {
        rates.emplace_back(draws.rate(100, 20'000) * hop.site->payload);
      }
      hop.site->moving_rates.down = network::Rates(std::move(rates));
    }
  }
  for (std::size_t group = 0; group < simulation.groups; ++group) {
    Link& hop = simulation.hops[group];
    if (!hop.shared && !hop.site && simulation.long_legs.empty() && draws.one_in(3)) {
      hop.cell = Link::Cell{.medium = draws.below(2), .separate = draws.one_in(3)};
      std::vector<network::Rate> stations;
      for (std::size_t i = 0; i < simulation.tiers[group].servers; ++i) {
        stations.emplace_back(draws.rate(100, 10'000) * hop.hop.payload);
      }
      hop.moving_rates.up = network::Rates(std::move(stations));
    }
  }
  const network::Attachment attachment =
      attachment_of(simulation.tiers, simulation.hops, simulation.groups);
  for (std::size_t tier = simulation.groups; tier < simulation.tiers.size(); ++tier) {
    for (std::size_t group = 0; group < simulation.groups; ++group) {
      if (attachment.splits_place(tier, group)) {
        return;
      }
    }
  }
  Mobility mobility{.movement = std::make_shared<RandomMoves>(attachment)};
  mobility.interruption = draws.one_in(3) ? Seconds(0) : draws.seconds(0.001, 2);
  mobility.under_way = static_cast<Mobility::UnderWay>(draws.below(3));
  mobility.backbone = draws.rate(100, 100'000);
  mobility.latency = draws.one_in(3) ? Seconds(0) : draws.seconds(0.001, 0.2);
  mobility.state = draws.one_in(2) ? Bytes(0) : Bytes(draws.between(10, 3000));
  mobility.pulls_models = draws.one_in(2);
  simulation.mobility = std::move(mobility);
}

}  // namespace offcut::engine
