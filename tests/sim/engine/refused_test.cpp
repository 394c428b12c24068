// What simulate() refuses.

#include <doctest/doctest.h>

#include <stdexcept>

#include "sim/engine/isolate.h"
#include "small_systems.h"

namespace offcut {
namespace {

/// What simulate() says against it; empty: nothing.
std::string refusal(const Simulation& simulation) {
  const IsolatedJob job = [&](const ProgressSink&) {
    try {
      simulate(simulation, {});
      return std::string();
    } catch (const std::invalid_argument& error) {
      return std::string(error.what());
    }
  };
  return run_isolated({job}, 1).front();
}

}  // namespace

TEST_CASE("simulate: refuses what no simulation can be") {
  const Times arrivals{{0}, {1}};
  const Simulation fine = system_of(2, {.servers = 2}, {asks(arrivals, {1}), asks(arrivals, {2})});
  CHECK(refusal(fine).empty());

  const auto changed = [&](auto change) {
    Simulation simulation = fine;
    change(simulation);
    return refusal(simulation);
  };
  const std::string hops = "there is a hop between any two tiers";
  CHECK(changed([](Simulation& s) { s.tiers.clear(); }) == hops);
  CHECK(changed([](Simulation& s) { s.hops.clear(); }) == hops);

  const std::string stop = "a run stops after requests or after a time";
  CHECK(changed([](Simulation& s) { s.stop = {}; }) == stop);
  CHECK(changed([](Simulation& s) { s.stop.after = Seconds(1); }) == stop);

  const std::string servers = "a tier has servers, in equal numbers at its sites";
  CHECK(changed([](Simulation& s) { s.tiers[0].servers = 0; }) == servers);
  CHECK(changed([](Simulation& s) { s.tiers[1].cores = 0; }) == servers);
  CHECK(changed([](Simulation& s) { s.tiers[1].sites = 0; }) == servers);
  CHECK(changed([](Simulation& s) { s.tiers[1].sites = 3; }) == servers);
  CHECK(changed([](Simulation& s) { s.tiers[0].sites = 2; }) == servers);

  CHECK(changed([](Simulation& s) {
          s.tiers[0].scheduling.dispatch = choose(dispatch(), "random");
        }) == "devices serve their own requests");

  const std::string of = "a class has stages, crossings and arrivals";
  CHECK(changed([](Simulation& s) { s.classes[1].stages.pop_back(); }) == of);
  CHECK(changed([](Simulation& s) { s.classes[1].crossings.clear(); }) == of);
  CHECK(changed([](Simulation& s) { s.classes[0].arrivals = nullptr; }) == of);
  CHECK(changed([](Simulation& s) { s.classes[0].closed_loop = s.classes[0].in_total = true; }) ==
        of);
  CHECK(changed([](Simulation& s) { s.classes[0].stages[1].service.clear(); }) ==
        "a stage says what one request takes");

  CHECK(changed([](Simulation& s) {
          s.tiers[1].memory = Bytes(10);
          s.classes[1].stages[1].model = Bytes(11);
        }) == "a model is larger than the memory of its server");

  const std::string sharing = "processor sharing is of one server, without batches and memory";
  const auto shares = [&](auto change) {
    return changed([&](Simulation& s) {
      s.tiers[1].servers = 1;
      s.tiers[1].scheduling.queue = choose(queues(), "processor-sharing");
      change(s.tiers[1]);
    });
  };
  CHECK(shares([](Tier&) {}).empty());
  CHECK(shares([](Tier& tier) { tier.servers = 2; }) == sharing);
  CHECK(shares([](Tier& tier) { tier.memory = Bytes(10); }) == sharing);
  CHECK(shares([](Tier& tier) { tier.scheduling.batching = choose(batching(), "fixed"); }) ==
        sharing);
}

TEST_CASE("simulate: refuses outages of what is not there, and such that don't end") {
  const Times arrivals{{0}, {1}};
  const Simulation fine = system_of(2, {.servers = 2}, {asks(arrivals, {1})});
  const std::string outage = "an outage of what is not there, or without an end";
  const auto down = [&](Outage of, bool on_hop, bool shared = false) {
    Simulation simulation = fine;
    simulation.hops[0].shared = shared;
    (on_hop ? simulation.hops[0].faults : simulation.tiers[1].faults).outages = {of};
    return refusal(simulation);
  };
  CHECK(down({1, Seconds(1), Seconds(2)}, false).empty());
  CHECK(down({2, Seconds(1), Seconds(2)}, false) == outage);
  CHECK(down({1, Seconds(1), Seconds(2)}, true).empty());
  CHECK(down({2, Seconds(1), Seconds(2)}, true) == outage);
  CHECK(down({1, Seconds(1), Seconds(2)}, true, true) == outage);  // there is one for all
  CHECK(down({0, Seconds(2), Seconds(2)}, false) == outage);
  CHECK(down({0, Seconds(2), kNever}, false) == outage);
}

TEST_CASE("simulate: refuses fields where they mean nothing") {
  const Times arrivals{{0}, {1}};
  const Simulation fine = system_of(2, {}, {asks(arrivals, {1})});
  const auto changed = [&](auto change) {
    Simulation simulation = fine;
    change(simulation);
    return refusal(simulation);
  };
  const BytesPerSecond rate(1);
  const std::string site = "a site's link is behind the devices' own links";
  CHECK(changed([&](Simulation& s) { s.hops[0].site = Link::Uplink{2, rate, rate}; }).empty());
  CHECK(changed([&](Simulation& s) { s.hops[0].site = Link::Uplink{0, rate, rate}; }) == site);
  CHECK(changed([&](Simulation& s) {
          s.hops[0].shared = true;
          s.hops[0].site = Link::Uplink{2, rate, rate};
        }) == site);
  CHECK(changed([&](Simulation& s) {
          s.tiers.push_back({.name = "cloud"});
          s.hops.push_back({.name = "far", .hop = s.hops[0].hop});
          s.hops[1].site = Link::Uplink{2, rate, rate};
          s.classes[0].stages.emplace_back();
          s.classes[0].crossings.emplace_back();
        }) == site);
  CHECK(changed([](Simulation& s) { s.classes[0].stages[1].tail = Seconds(1); }) ==
        "a tail is computed on the device");
  CHECK(changed([](Simulation& s) { s.classes.push_back(s.classes[0]); }) ==
        "classes have names of their own");
}

}  // namespace offcut
