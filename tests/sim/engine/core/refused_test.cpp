// What simulate() refuses.

#include <doctest/doctest.h>

#include <cmath>
#include <stdexcept>

#include "../small_systems.h"
#include "sim/study/isolate.h"

namespace offcut::engine {
namespace {

/// What simulate() says against it; empty: nothing.
std::string refusal(const Simulation& simulation) {
  const study::IsolatedJob job = [&](const ProgressSink&) {
    try {
      simulate(simulation, {});
      return std::string();
    } catch (const std::invalid_argument& error) {
      return std::string(error.what());
    }
  };
  return study::run_isolated({job}, 1).front();
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

  const std::string servers = ": has servers, in equal numbers at its sites";
  CHECK(changed([](Simulation& s) { s.tiers[0].servers = 0; }) == "tier device" + servers);
  CHECK(changed([](Simulation& s) { s.tiers[1].cores = 0; }) == "tier edge" + servers);
  CHECK(changed([](Simulation& s) { s.tiers[1].sites = 0; }) == "tier edge" + servers);
  CHECK(changed([](Simulation& s) { s.tiers[1].sites = 3; }) == "tier edge" + servers);
  CHECK(changed([](Simulation& s) { s.tiers[0].sites = 2; }) == "tier device" + servers);

  CHECK(changed([](Simulation& s) {
          s.tiers[0].scheduling.dispatch = choose(scheduling::dispatch(), "random");
        }) == "tier device: devices serve their own requests");

  const std::string of = ": a class has arrivals";
  const std::string stages = ": an itinerary has a stage for each tier and a crossing for each hop";
  CHECK(changed([](Simulation& s) { s.itinerary_of(1).stages.pop_back(); }) ==
        "class class 1" + stages);
  CHECK(changed([](Simulation& s) { s.itinerary_of(1).crossings.clear(); }) ==
        "class class 1" + stages);
  const std::string named = ": a class names itineraries that there are";
  CHECK(changed([](Simulation& s) { s.classes[1].itinerary = 2; }) == "class class 1" + named);
  CHECK(changed([](Simulation& s) { s.classes[1].fallback = 2; }) == "class class 1" + named);
  CHECK(changed([](Simulation& s) { s.classes[1].failures.local_when_rejected = true; }) ==
        "class class 1: a class that falls back names an itinerary for that");
  CHECK(changed([](Simulation& s) { s.classes[1].fallback = 0; }) ==
        "class class 1: what requests fall back to is computed by the device alone, without a "
        "tail");
  CHECK(changed([](Simulation& s) { s.classes[0].arrivals = nullptr; }) == "class class 0" + of);
  CHECK(changed([](Simulation& s) { s.classes[0].closed_loop = s.classes[0].in_total = true; }) ==
        "class class 0" + of);
  CHECK(changed([](Simulation& s) { s.itinerary_of(0).stages[1].service.clear(); }) ==
        "class class 0: a stage says what one request takes");

  CHECK(changed([](Simulation& s) {
          s.tiers[1].memory = Bytes(10);
          s.itinerary_of(1).stages[1].model = Bytes(11);
        }) == "tier edge: the model of class 1 is larger than the memory of a server");

  const std::string sharing =
      "tier edge: processor sharing is of one server, without batches and memory";
  const auto shares = [&](auto change) {
    return changed([&](Simulation& s) {
      s.tiers[1].servers = 1;
      s.tiers[1].scheduling.queue = choose(scheduling::queues(), "processor-sharing");
      change(s.tiers[1]);
    });
  };
  CHECK(shares([](Tier&) {}).empty());
  CHECK(shares([](Tier& tier) { tier.servers = 2; }) == sharing);
  CHECK(shares([](Tier& tier) { tier.memory = Bytes(10); }) == sharing);
  CHECK(shares([](Tier& tier) {
          tier.scheduling.batching = choose(scheduling::batching(), "fixed");
        }) == sharing);
}

TEST_CASE("simulate: refuses outages of what is not there, and such that don't end") {
  const Times arrivals{{0}, {1}};
  const Simulation fine = system_of(2, {.servers = 2}, {asks(arrivals, {1})});
  const std::string outage = ": an outage is of what is there, and has an end";
  const std::string edge = "tier edge" + outage, hop = "hop hop" + outage;
  const auto down = [&](network::Outage of, bool on_hop, bool shared = false) {
    Simulation simulation = fine;
    simulation.hops[0].shared = shared;
    (on_hop ? simulation.hops[0].faults : simulation.tiers[1].faults).outages = {of};
    return refusal(simulation);
  };
  CHECK(down({1, Seconds(1), Seconds(2)}, false).empty());
  CHECK(down({2, Seconds(1), Seconds(2)}, false) == edge);
  CHECK(down({1, Seconds(1), Seconds(2)}, true).empty());
  CHECK(down({2, Seconds(1), Seconds(2)}, true) == hop);
  CHECK(down({1, Seconds(1), Seconds(2)}, true, true) == hop);  // there is one for all
  CHECK(down({0, Seconds(2), Seconds(2)}, false) == edge);
  CHECK(down({0, Seconds(2), kNever}, false) == edge);
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
  const std::string site = ": a site's link is behind the devices' own links";
  CHECK(changed([&](Simulation& s) { s.hops[0].site = Link::Uplink{2, rate, rate}; }).empty());
  CHECK(changed([&](Simulation& s) {
          s.hops[0].site = Link::Uplink{0, rate, rate};
        }) == "hop hop" + site);
  CHECK(changed([&](Simulation& s) {
          s.hops[0].shared = true;
          s.hops[0].site = Link::Uplink{2, rate, rate};
        }) == "hop hop" + site);
  CHECK(changed([&](Simulation& s) {
          s.tiers.push_back({.name = "cloud"});
          s.hops.push_back({.name = "far", .hop = s.hops[0].hop});
          s.hops[1].site = Link::Uplink{2, rate, rate};
          s.itinerary_of(0).stages.emplace_back();
          s.itinerary_of(0).crossings.emplace_back();
        }) == "hop far" + site);
  CHECK(changed([&](Simulation& s) {
          s.tiers[1].servers = s.tiers[1].sites = 2;
          s.hops[0].site = Link::Uplink{2, rate, rate};
        }) == "tier edge: a site's link leads to one site of the tier");
  CHECK(changed([](Simulation& s) { s.itinerary_of(0).stages[1].tail = Seconds(1); }) ==
        "class all: a tail is computed on the device");
  CHECK(changed([](Simulation& s) { s.classes.push_back(s.classes[0]); }) ==
        "class all: classes have names of their own");
}

TEST_CASE("simulate: refuses numbers that are none, all at once") {
  const Times arrivals{{0}, {1}};
  const double nan = std::nan("");
  Simulation wrong = system_of(2, {}, {asks(arrivals, {1, nan}, 0.5)});
  wrong.hops[0].hop.up = BytesPerSecond(0);
  wrong.hops[0].hop.latency = Seconds(-1);
  wrong.hops[0].site = Link::Uplink{2, BytesPerSecond(nan), BytesPerSecond(1)};
  wrong.tiers[1].noise = {Noise::Kind::lognormal, -1};
  wrong.tiers[1].faults.exponential = {Seconds(0), Seconds(1)};
  wrong.tiers[1].memory = Bytes(1);
  wrong.tiers[1].load = BytesPerSecond(0);
  wrong.classes[0].deadline = Seconds(nan);
  wrong.classes[0].failures.backoff = Seconds(-1);
  CHECK(refusal(wrong) ==
        "tier edge: the noise has a coefficient of variation\n"
        "tier edge: models are loaded at a rate\n"
        "tier edge: what fails is up and down for times\n"
        "hop hop: a link has rates and a latency\n"
        "hop hop: a site's link has rates\n"
        "class all: a deadline is a time\n"
        "class all: retries are a number, and wait for times\n"
        "class all: a stage takes times, and its model bytes\n"
        "class all: messages have whole bytes");
  Simulation endless = system_of(2, {}, {asks(arrivals, {1})});
  endless.stop = {.after = kNever};
  CHECK(refusal(endless) == "a run stops after a number of requests, or a finite time");
}

}  // namespace offcut::engine
