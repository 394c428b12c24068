#include "random_simulation.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "fit_uplinks.h"
#include "random_parts.h"
#include "small_systems.h"

namespace offcut::engine {

network::Faults random_faults(Draws& draws, std::size_t count) {
  network::Faults faults;
  if (draws.one_in(2)) {
    faults.exponential = network::Faults::Exponential{draws.seconds(1, 20), draws.seconds(0.05, 2)};
  }
  for (std::size_t i = draws.below(3); i > 0; --i) {
    const Seconds from = draws.seconds(0.1, 20);
    faults.outages.push_back({draws.below(count), from, from + draws.seconds(0.01, 5)});
  }
  return faults;
}

Noise random_noise(Draws& draws) {
  return {static_cast<Noise::Kind>(draws.below(3)), draws.between(0.1, 2)};
}

Link random_link(Draws& draws, std::size_t number, std::size_t devices) {
  Link link{.name = fmt::format("hop{}", number)};
  link.hop = {draws.rate(100, 10'000), draws.rate(100, 10'000), draws.seconds(1e-3, 0.1)};
  if (draws.one_in(4)) {
    link.hop.latency = Seconds(0);
  }
  link.shared = number > 0 || draws.one_in(2);
  if (!link.shared && draws.one_in(2)) {
    link.site =
        Link::Uplink{draws.from_one_to(devices), draws.rate(100, 20'000), draws.rate(100, 20'000)};
  }
  if (draws.one_in(3)) {
    link.faults = random_faults(draws, link.shared ? 1 : devices);
  }
  return link;
}

cost::Radio random_radio(Draws& draws) {
  return {.up = cost::JoulesPerByte(draws.between(1e-9, 1e-6)),
          .down = cost::JoulesPerByte(draws.between(1e-9, 1e-6)),
          .base = Watts(1),
          .promotion = {draws.seconds(0.01, 0.5), Watts(2)},
          .tails = {{draws.seconds(0.01, 2), Watts(0.5)}, {draws.seconds(0.01, 2), Watts(0.25)}}};
}

void add_batteries(Draws& draws, Tier& devices) {
  devices.power = {.idle = Watts(1), .busy = Watts(4)};
  devices.battery =
      Battery{.capacity = Joules(draws.between(2, 60)), .charge = draws.between(0.3, 1)};
  if (draws.one_in(2)) {
    devices.battery->low_power = Battery::LowPower{
        .below = draws.between(0.1, 0.9), .speed = draws.between(0.2, 1), .power = 0.5};
  }
}

namespace {

template <class Registries>
scheduling::Scheduling random_scheduling(Draws& draws, const Registries& known, bool is_device) {
  scheduling::Scheduling scheduling;
  if (draws.one_in(2)) {
    scheduling.queue = draws.choice(known.queues);
  }
  const bool shares = scheduling.queue && scheduling.queue.kind->shares;
  if (!shares && draws.one_in(3)) {
    scheduling.batching = draws.choice(known.batching);
  }
  if (!is_device && (shares || draws.one_in(2))) {
    scheduling.dispatch = draws.choice(known.dispatch);
  }
  if (draws.one_in(3)) {
    scheduling.admission = draws.choice(known.admission);
  }
  return scheduling;
}

template <class Registries>
Tier random_tier(Draws& draws, const Registries& known, std::size_t number, std::size_t devices) {
  Tier tier{.name = fmt::format("tier{}", number)};
  tier.servers = number == 0 ? devices : draws.from_one_to(4);
  tier.cores = draws.from_one_to(3);
  tier.noise = random_noise(draws);
  tier.scheduling = random_scheduling(draws, known, number == 0);
  if (number > 0 && tier.servers % 2 == 0 && draws.one_in(2)) {
    tier.sites = 2;
  }
  const bool shares = tier.scheduling.queue && tier.scheduling.queue.kind->shares;
  if (!shares && draws.one_in(4)) {
    tier.memory = Bytes(100);
    tier.load = draws.rate(100, 10'000);
  }
  if (draws.one_in(3)) {
    tier.faults = random_faults(draws, tier.servers);
  }
  return tier;
}

Stage random_stage(Draws& draws, bool is_device) {
  Stage stage;
  stage.used = !draws.one_in(4);
  stage.service = {draws.one_in(8) ? Seconds(0) : draws.seconds(0.005, 0.5)};
  for (std::size_t i = draws.below(8); i > 0; --i) {
    stage.service.push_back(stage.service.back() * draws.between(1.01, 1.8));
  }
  if (is_device && draws.one_in(3)) {
    stage.tail = draws.seconds(0.001, 0.1);
  }
  stage.model = Bytes(std::floor(draws.between(1, 90)));
  return stage;
}

/// Draws a class whose requests go out to some tier, with an answer from that tier or an earlier
/// one.
PlannedClass random_class(Draws& draws, std::size_t tiers) {
  PlannedClass planned;
  const std::size_t farthest = draws.below(tiers);
  const std::size_t answer = draws.below(farthest + 1);
  for (std::size_t tier = 0; tier < tiers; ++tier) {
    planned.stages.push_back(random_stage(draws, tier == 0));
    planned.stages.back().used = planned.stages.back().used && tier <= farthest;
  }
  for (std::size_t hop = 0; hop + 1 < tiers; ++hop) {
    Crossing crossing{.goes_up = hop < farthest, .comes_down = hop < answer};
    crossing.up_bytes = Bytes(draws.one_in(6) ? 0 : std::floor(draws.between(10, 3000)));
    crossing.down_bytes = Bytes(draws.one_in(6) ? 0 : std::floor(draws.between(1, 300)));
    for (std::size_t i = draws.one_in(4) ? 5 : 0; i > 0; --i) {
      crossing.up_bytes_of_input.emplace_back(std::floor(draws.between(10, 3000)));
    }
    planned.crossings.push_back(crossing);
  }
  planned.priority = static_cast<int>(draws.below(3));
  if (draws.one_in(2)) {
    planned.deadline = draws.seconds(0.05, 5);
  }
  planned.failures = {.retries = static_cast<std::int64_t>(draws.below(4)),
                      .backoff = draws.one_in(4) ? Seconds(0) : draws.seconds(0.001, 0.5),
                      .factor = draws.between(1, 3),
                      .then = static_cast<network::FailurePolicy::Then>(draws.below(3)),
                      .local_when_rejected = draws.one_in(2)};
  return planned;
}

TimeOut random_time_out(Draws& draws) {
  return {draws.seconds(0.05, 5), static_cast<TimeOut::Counts>(draws.below(3))};
}

/// Lets one of the components fail for good: at a given time, or all of them after random ones.
void fail_for_good(Draws& draws, network::Faults& faults, std::size_t count) {
  if (draws.one_in(2)) {
    faults.exponential = network::Faults::Exponential{draws.seconds(1, 50), kNever};
  } else {
    faults.outages.push_back({draws.below(count), draws.seconds(0.1, 20), kNever});
  }
}

/// Gives the itinerary others on which the next tier computes the stage of a tier, and these in
/// turn.
void add_failovers(Draws& draws, Simulation& simulation, std::size_t number, std::size_t first) {
  const std::size_t tiers = simulation.tiers.size();
  std::vector<std::optional<std::size_t>> failover(tiers);
  for (std::size_t tier = first; tier + 1 < tiers; ++tier) {
    Itinerary next = simulation.itineraries[number];
    if (!next.stages[tier].used) {
      continue;
    }
    next.failover.clear();
    next.stages[tier].used = false;
    next.stages[tier + 1].used = true;
    next.stages[tier + 1].service = {draws.seconds(0.005, 0.5)};
    next.crossings[tier].goes_up = true;
    failover[tier] = simulation.itineraries.size();
    simulation.itineraries.push_back(std::move(next));
    add_failovers(draws, simulation, *failover[tier], tier + 1);
  }
  simulation.itineraries[number].failover = std::move(failover);
}

/// Adds time-outs, failovers and failures for good.
void add_impatience(Draws& draws, Simulation& simulation) {
  using Then = network::FailurePolicy::Then;
  for (RequestClass& request_class : simulation.classes) {
    if (draws.one_in(3)) {
      request_class.time_out = random_time_out(draws);
    }
    if (draws.one_in(3)) {
      request_class.failures.then = draws.one_in(2) ? Then::other_site : Then::next_tier;
      add_failovers(draws, simulation, request_class.itinerary, 1);
    }
  }
  for (Tier& tier : simulation.tiers) {
    if (draws.one_in(8)) {
      fail_for_good(draws, tier.faults, tier.servers);
    }
  }
  for (Link& hop : simulation.hops) {
    if (draws.one_in(12)) {
      fail_for_good(draws, hop.faults, hop.shared ? 1 : simulation.tiers[0].servers);
    }
  }
}

/// Lets some later tiers scale, up to the machines that they have.
template <class Registries>
void add_autoscalers(Draws& draws, const Registries& known, Simulation& simulation) {
  for (std::size_t i = 1; i < simulation.tiers.size(); ++i) {
    if (!draws.one_in(3)) {
      continue;
    }
    Tier& tier = simulation.tiers[i];
    Autoscaler autoscaler{.policy = draws.choice(known.autoscaling)};
    autoscaler.at_start = draws.from_one_to(tier.servers / tier.sites);
    autoscaler.least = draws.from_one_to(autoscaler.at_start);
    autoscaler.start_up = draws.one_in(4) ? Seconds(0) : draws.seconds(0.01, 2);
    autoscaler.interval = draws.seconds(0.05, 2);
    autoscaler.scale_down_after = draws.one_in(3) ? Seconds(0) : draws.seconds(0.1, 5);
    tier.autoscaler = std::move(autoscaler);
  }
}

void add_cold_starts(Draws& draws, Simulation& simulation) {
  for (Tier& tier : simulation.tiers) {
    if (draws.one_in(4) && !shares(tier)) {
      tier.cold_start = {.time = draws.seconds(0.01, 1),
                         .idle_after = draws.seconds(0.05, 5),
                         .keep = draws.below(3)};
    }
  }
}

}  // namespace

RandomSimulation::RandomSimulation(std::uint64_t seed) {
  const Registries& known = Registries::all();
  Draws draws(seed);
  const std::size_t tiers = draws.from_one_to(4);
  const std::size_t devices = draws.from_one_to(12);
  simulation.seed = seed;
  for (std::size_t i = 0; i < tiers; ++i) {
    simulation.tiers.push_back(random_tier(draws, known, i, devices));
  }
  for (std::size_t i = 0; i + 1 < tiers; ++i) {
    simulation.hops.push_back(random_link(draws, i, devices));
  }
  fit_uplinks(simulation);
  for (std::size_t i = draws.from_one_to(3); i > 0; --i) {
    PlannedClass planned = random_class(draws, tiers);
    const Seconds alone = draws.seconds(0.01, 1);
    planned.name = fmt::format("class{}", i);
    const workload::ArrivalKind* kind = draws.kind(known.arrivals);
    while (kind->name == "trace") {
      kind = draws.kind(known.arrivals);
    }
    planned.arrivals = arrivals_.emplace_back(kind->make(draws.parameters(kind->parameters))).get();
    planned.closed_loop = kind->closed_loop;
    planned.in_total = !kind->closed_loop && draws.one_in(3);
    add_class(simulation, std::move(planned));
    set_fallback(simulation, simulation.classes.size() - 1, alone);
  }
  if (draws.one_in(3)) {
    simulation.stop.after = draws.seconds(1, 40);
  } else {
    simulation.stop.requests = static_cast<std::int64_t>(draws.from_one_to(300));
  }
  if (simulation.classes.size() > 1 && draws.one_in(2)) {
    RequestClass& last = simulation.classes.back();
    simulation.classes.front().model = last.model = 5;
    const std::vector<Stage>& first = simulation.itinerary_of(0).stages;
    for (const std::size_t number : {last.itinerary, *last.fallback}) {
      std::vector<Stage>& stages = simulation.itineraries[number].stages;
      for (std::size_t i = 0; i < stages.size(); ++i) {
        stages[i].model = first[i].model;
      }
    }
  }
  Draws more(seed, "a random simulation: time-outs and failover");
  add_impatience(more, simulation);
  Draws energy(seed, "a random simulation: energy");
  if (!simulation.hops.empty() && energy.one_in(2)) {
    simulation.hops.front().radio = random_radio(energy);
  }
  if (energy.one_in(3)) {
    add_batteries(energy, simulation.tiers.front());
  }
  Draws scaling(seed, "a random simulation: autoscaling");
  add_autoscalers(scaling, known, simulation);
  Draws cooling(seed, "a random simulation: cold starts");
  add_cold_starts(cooling, simulation);
  Draws measuring(seed, "a random simulation: empirical noise");
  for (Tier& tier : simulation.tiers) {
    if (measuring.one_in(6)) {
      tier.noise = {.kind = Noise::Kind::empirical, .factors = {0.25, 0.5, 2.25}};
    }
  }
}

void add_tcp(Simulation& simulation) {
  for (Link& link : simulation.hops) {
    link.hop.latency = link.hop.latency * 40;
    link.hop.payload = 0.9;
    link.hop.per_message = Seconds(0.003);
    link.hop.tcp = partition::Tcp{.initial_window = 1,
                                  .idle_restart = simulation.seed % 3 > 0,
                                  .handshake = simulation.seed % 5 == 0};
    if (link.site) {
      link.site->payload = link.hop.payload;
    }
  }
}

std::string describe(const Simulation& simulation) {
  const auto name = [](const auto& choice) { return choice ? choice.kind->name : "-"; };
  std::string text = fmt::format("seed {}:", simulation.seed);
  for (const Tier& tier : simulation.tiers) {
    const scheduling::Scheduling& s = tier.scheduling;
    text += fmt::format(
        " [{} x{}x{} sites {} queue {} batch {} dispatch {} admission {}{}{}{}{}{}]", tier.name,
        tier.servers, tier.cores, tier.sites, name(s.queue), name(s.batching), name(s.dispatch),
        name(s.admission), tier.memory ? " memory" : "", tier.faults.any() ? " faults" : "",
        tier.battery ? " battery" : "", tier.autoscaler ? " scaled" : "",
        tier.cold_start ? " cold" : "");
  }
  for (const Link& link : simulation.hops) {
    text += fmt::format(" [{}{}{}{}{}{}]", link.name, link.direct ? " direct" : "",
                        link.shared ? " shared" : "", link.site ? " site" : "",
                        link.faults.any() ? " faults" : "", link.radio ? " radio" : "");
  }
  text += fmt::format(" legs {}", simulation.long_legs);
  return text + fmt::format(" {} classes, until {}", simulation.classes.size(),
                            simulation.stop.requests
                                ? fmt::format("{} requests", *simulation.stop.requests)
                                : to_readable(*simulation.stop.after));
}

}  // namespace offcut::engine
