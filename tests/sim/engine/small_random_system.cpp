#include "small_random_system.h"

#include <fmt/format.h>

#include <boost/random/uniform_01.hpp>
#include <boost/random/uniform_int_distribution.hpp>
#include <cmath>

#include "fit_uplinks.h"
#include "small_systems.h"

namespace offcut::engine {
namespace {

using Then = network::FailurePolicy::Then;

/// Gives each device requests at given times, or in a closed loop a given time after each answer.
class GivenTimes : public workload::Arrivals {
 public:
  explicit GivenTimes(std::vector<std::vector<double>> gaps) : gaps_(std::move(gaps)) {}
  Seconds next(Seconds now, workload::ArrivalSource& source) const override {
    const std::vector<double>& gaps = gaps_.at(source.number);
    if (source.count >= gaps.size()) {
      return kNever;
    }
    return now + Seconds(gaps[source.count++]);
  }

 private:
  std::vector<std::vector<double>> gaps_;
};

class SmallDraws {
 public:
  SmallDraws(std::uint64_t seed, bool in_quarters)
      : stream_(random_stream(seed, "a small random system")), in_quarters_(in_quarters) {}

  bool in_quarters() const { return in_quarters_; }
  std::size_t below(std::size_t count) {
    return boost::random::uniform_int_distribution<std::size_t>(0, count - 1)(stream_);
  }
  std::size_t from_one_to(std::size_t most) { return 1 + below(most); }
  bool one_in(std::size_t count) { return below(count) == 0; }
  /// Draws a time between 0 and the longest one, both included.
  double time(double longest) {
    const double any = boost::random::uniform_01<double>()(stream_) * longest;
    return in_quarters_ ? std::round(4 * any) / 4 : any;
  }
  Seconds positive(double longest) {
    const double any = time(longest);
    return Seconds(any > 0 ? any : 0.25);
  }
  BytesPerSecond rate() {
    return BytesPerSecond(in_quarters_ ? 4 : std::ldexp(time(1) + 0.5, static_cast<int>(below(4))));
  }
  Bytes bytes(std::size_t most) { return Bytes(one_in(5) ? 0 : static_cast<double>(below(most))); }

 private:
  RandomStream stream_;
  bool in_quarters_;
};

network::Faults faults(SmallDraws& draws, std::size_t count, bool for_good) {
  network::Faults faults;
  for (std::size_t i = draws.below(5); i > 0; --i) {
    const Seconds from(draws.time(12));
    faults.outages.push_back({draws.below(count), from, from + draws.positive(3)});
    if (for_good && draws.one_in(8)) {
      faults.outages.back().until = kNever;
    }
    if (draws.one_in(3)) {  // One that touches it, begins with it, or ends with it.
      const network::Outage last = faults.outages.back();
      const Seconds longer = last.until + Seconds(0.5);
      faults.outages.push_back(draws.one_in(2) && last.until < kNever
                                   ? network::Outage{last.which, last.until, longer}
                                   : network::Outage{last.which, last.from, longer});
    }
  }
  return faults;
}

/// Lets all machines of a site be down for a while, so that its requests go elsewhere.
void add_outage_of_site(SmallDraws& draws, Tier& tier, std::size_t site) {
  const std::size_t machines = tier.servers / tier.sites;
  const Seconds from(draws.time(8)), until = from + draws.positive(6);
  for (std::size_t i = 0; i < machines; ++i) {
    tier.faults.outages.push_back({site * machines + i, from, until});
  }
}

scheduling::Scheduling policies(SmallDraws& draws, bool is_device) {
  scheduling::Scheduling policies;
  const char* const queues[] = {"fifo", "lifo", "priority", "edf", "sjf", "processor-sharing"};
  if (draws.one_in(2)) {
    policies.queue = choose(scheduling::queues(), queues[draws.below(draws.in_quarters() ? 5 : 6)]);
  }
  const bool shares = policies.queue && policies.queue.kind->shares;
  if (!shares && draws.one_in(2)) {
    const auto size = static_cast<double>(draws.from_one_to(4));
    policies.batching = draws.one_in(2) ? choose(scheduling::batching(), "fixed", {{"size", size}})
                                        : choose(scheduling::batching(), "timeout",
                                                 {{"max", size}, {"delay", draws.time(2)}});
  }
  if (!is_device && (shares || draws.one_in(3))) {
    policies.dispatch = choose(scheduling::dispatch(), "round-robin");
  }
  if (draws.one_in(6)) {
    policies.admission = choose(scheduling::admission(), "bounded-queue",
                                {{"capacity", static_cast<double>(draws.below(3))}});
  }
  return policies;
}

Tier tier(SmallDraws& draws, std::size_t number, std::size_t devices) {
  Tier tier{.name = fmt::format("tier{}", number)};
  tier.servers = number == 0 ? devices : draws.from_one_to(4);
  tier.cores = draws.from_one_to(2);
  const std::size_t sites = draws.from_one_to(4);
  tier.sites = number > 0 && tier.servers % sites == 0 ? sites : 1;
  tier.scheduling = policies(draws, number == 0);
  if (draws.one_in(2)) {
    tier.faults = faults(draws, tier.servers, true);
  }
  for (std::size_t site = 0; number > 0 && site < tier.sites; ++site) {
    if (draws.one_in(3)) {
      add_outage_of_site(draws, tier, site);
    }
  }
  return tier;
}

Link link(SmallDraws& draws, std::size_t number, std::size_t devices) {
  Link link{.name = fmt::format("hop{}", number)};
  link.hop.up = draws.rate();
  link.hop.down = draws.rate();
  link.hop.latency = Seconds(draws.one_in(2) ? 0 : draws.time(0.5));
  link.hop.per_message = Seconds(draws.one_in(2) ? 0 : draws.time(0.5));
  if (!draws.in_quarters()) {
    link.hop.payload = draws.one_in(2) ? 1 : 0.8;
    link.shared = number > 0 || draws.one_in(3);
    if (!link.shared && draws.one_in(2)) {
      link.site = Link::Uplink{draws.from_one_to(devices), draws.rate(), draws.rate(), 1};
    }
  } else {
    link.shared = number > 0;
  }
  if (draws.one_in(2)) {
    link.faults = faults(draws, link.shared ? 1 : devices, true);
  }
  return link;
}

Stage stage(SmallDraws& draws, bool is_device) {
  Stage stage;
  stage.used = !draws.one_in(3);
  stage.service = {Seconds(draws.one_in(8) ? 0 : draws.time(1.5))};
  for (std::size_t i = draws.below(4); i > 0; --i) {
    stage.service.push_back(stage.service.back() + Seconds(draws.time(0.5)));
  }
  if (is_device && draws.one_in(3)) {
    stage.tail = Seconds(draws.time(0.75));
  }
  return stage;
}

Crossing crossing(SmallDraws& draws, std::size_t hop) {
  Crossing crossing{.up_bytes = draws.bytes(12), .down_bytes = draws.bytes(6)};
  for (std::size_t i = draws.one_in(4) ? 3 : 0; i > 0; --i) {
    crossing.up_bytes_of_input.push_back(draws.bytes(12));
  }
  if (draws.in_quarters()) {
    crossing.down_bytes = Bytes(0);
    if (hop > 0) {
      crossing.up_bytes = Bytes(0);
      crossing.up_bytes_of_input.clear();
    }
  }
  return crossing;
}

network::FailurePolicy on_failure(SmallDraws& draws) {
  return {.retries = static_cast<std::int64_t>(draws.below(3)),
          .backoff = Seconds(draws.one_in(4) ? 0 : draws.time(0.75)),
          .factor = static_cast<double>(draws.from_one_to(2)),
          .then = static_cast<Then>(draws.below(5)),
          .local_when_rejected = draws.one_in(2)};
}

PlannedClass random_class(SmallDraws& draws, std::size_t tiers) {
  PlannedClass planned;
  const std::size_t farthest = draws.below(tiers);
  const std::size_t answer = draws.below(farthest + 1);
  for (std::size_t tier = 0; tier < tiers; ++tier) {
    planned.stages.push_back(stage(draws, tier == 0));
    planned.stages.back().used = planned.stages.back().used && tier <= farthest;
  }
  for (std::size_t hop = 0; hop + 1 < tiers; ++hop) {
    planned.crossings.push_back(crossing(draws, hop));
    planned.crossings.back().goes_up = hop < farthest;
    planned.crossings.back().comes_down = hop < answer;
  }
  planned.priority = static_cast<int>(draws.below(3));
  if (draws.one_in(2)) {
    planned.deadline = Seconds(draws.time(6));
  }
  planned.failures = on_failure(draws);
  if (draws.one_in(2)) {
    planned.time_out = {draws.positive(6), static_cast<TimeOut::Counts>(draws.below(3))};
  }
  return planned;
}

/// Lets the tier after the first one that fails compute its stage.
void add_failover(SmallDraws& draws, Simulation& simulation, std::size_t number) {
  for (std::size_t tier = 1; tier + 1 < simulation.tiers.size(); ++tier) {
    Itinerary next = simulation.itineraries[number];
    if (!next.stages[tier].used) {
      continue;
    }
    next.failover.clear();
    next.stages[tier].used = false;
    next.stages[tier + 1].used = true;
    next.stages[tier + 1].service = {Seconds(draws.time(1))};
    next.crossings[tier].goes_up = true;
    simulation.itineraries[number].failover.resize(tier + 1);
    simulation.itineraries[number].failover[tier] = simulation.itineraries.size();
    simulation.itineraries.push_back(std::move(next));
    return;
  }
}

}  // namespace

SmallRandomSystem::SmallRandomSystem(std::uint64_t seed, Times times) {
  SmallDraws draws(seed, times == Times::quarters);
  const std::size_t tiers = draws.from_one_to(3), devices = draws.from_one_to(4);
  simulation.seed = seed;
  for (std::size_t i = 0; i < tiers; ++i) {
    simulation.tiers.push_back(tier(draws, i, devices));
  }
  for (std::size_t i = 0; i + 1 < tiers; ++i) {
    simulation.hops.push_back(link(draws, i, devices));
  }
  fit_uplinks(simulation);
  for (std::size_t i = draws.from_one_to(2); i > 0; --i) {
    PlannedClass planned = random_class(draws, tiers);
    planned.name = fmt::format("class{}", i);
    planned.closed_loop = draws.one_in(4);
    std::vector<std::vector<double>> gaps(devices);
    for (std::vector<double>& of_device : gaps) {
      for (std::size_t count = draws.below(7); count > 0; --count) {
        of_device.push_back(draws.one_in(4) ? 0 : draws.time(3));
      }
    }
    planned.arrivals = arrivals_.emplace_back(std::make_unique<GivenTimes>(std::move(gaps))).get();
    add_class(simulation, std::move(planned));
    const std::size_t number = simulation.classes.size() - 1;
    add_failover(draws, simulation, simulation.classes[number].itinerary);
    set_fallback(simulation, number, Seconds(draws.time(1)));
  }
  if (draws.one_in(3)) {
    simulation.stop.after = draws.positive(12);
  } else {
    simulation.stop.requests = draws.one_in(3) ? static_cast<std::int64_t>(draws.below(12)) : 1000;
  }
}

}  // namespace offcut::engine
