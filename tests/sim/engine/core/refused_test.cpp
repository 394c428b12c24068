// Invalid simulations, which simulate() refuses.

#include <doctest/doctest.h>

#include <cmath>
#include <stdexcept>

#include "../small_systems.h"
#include "sim/study/isolate.h"

namespace offcut::engine::refused_test {
namespace {

/// Returns the message with which simulate() refuses it; empty: it is valid.
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

TEST_CASE("simulate: refuses a system that is inconsistent") {
  const Times arrivals{{0}, {1}};
  const Simulation valid = system_of(2, {.servers = 2}, {asks(arrivals, {1}), asks(arrivals, {2})});
  CHECK(refusal(valid).empty());

  const auto changed = [&](auto change) {
    Simulation simulation = valid;
    change(simulation);
    return refusal(simulation);
  };
  const std::string hops = "there must be one hop between each tier and the next";
  CHECK(changed([](Simulation& s) { s.tiers.clear(); }) == hops);
  CHECK(changed([](Simulation& s) { s.hops.clear(); }) == hops);

  const std::string stop = "a run must stop either after a number of requests or after a time";
  CHECK(changed([](Simulation& s) { s.stop = {}; }) == stop);
  CHECK(changed([](Simulation& s) { s.stop.after = Seconds(1); }) == stop);

  const std::string servers =
      ": servers and cores must be at least 1, and servers a multiple of sites, of which the first "
      "tier has 1";
  CHECK(changed([](Simulation& s) { s.tiers[0].servers = 0; }) == "tier device" + servers);
  CHECK(changed([](Simulation& s) { s.tiers[1].cores = 0; }) == "tier edge" + servers);
  CHECK(changed([](Simulation& s) { s.tiers[1].sites = 0; }) == "tier edge" + servers);
  CHECK(changed([](Simulation& s) { s.tiers[1].sites = 3; }) == "tier edge" + servers);
  CHECK(changed([](Simulation& s) { s.tiers[0].sites = 2; }) == "tier device" + servers);

  CHECK(changed([](Simulation& s) {
          s.tiers[0].scheduling.dispatch = choose(scheduling::dispatch(), "random");
        }) == "tier device: devices serve their own requests and need no dispatch rule");

  const std::string arrivals_rule =
      ": a class must have arrivals, and a closed loop a source for each device";
  const std::string stages =
      ": an itinerary must have a stage for each tier and a crossing for each hop";
  CHECK(changed([](Simulation& s) { s.itinerary_of(1).stages.pop_back(); }) ==
        "class class 1" + stages);
  CHECK(changed([](Simulation& s) { s.itinerary_of(1).crossings.clear(); }) ==
        "class class 1" + stages);
  const std::string named = ": a class must name existing itineraries";
  CHECK(changed([](Simulation& s) { s.classes[1].itinerary = 2; }) == "class class 1" + named);
  CHECK(changed([](Simulation& s) { s.classes[1].fallback = 2; }) == "class class 1" + named);
  CHECK(changed([](Simulation& s) { s.classes[1].failures.local_when_rejected = true; }) ==
        "class class 1: a class that falls back must name an itinerary for it");
  CHECK(changed([](Simulation& s) { s.classes[1].fallback = 0; }) ==
        "class class 1: a fallback must be computed by the device alone, without a tail");
  CHECK(changed([](Simulation& s) { s.classes[0].arrivals = nullptr; }) ==
        "class class 0" + arrivals_rule);
  CHECK(changed([](Simulation& s) { s.classes[0].closed_loop = s.classes[0].in_total = true; }) ==
        "class class 0" + arrivals_rule);
  CHECK(changed([](Simulation& s) { s.itinerary_of(0).stages[1].service.clear(); }) ==
        "class class 0: a stage must have the service time of one request");

  CHECK(changed([](Simulation& s) {
          s.tiers[1].memory = Bytes(10);
          s.itinerary_of(1).stages[1].model = Bytes(11);
        }) == "tier edge: the model of class 1 must fit into the memory of a server");

  const std::string sharing =
      "tier edge: processor sharing needs one server per queue, and no batches or model memory";
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

TEST_CASE("simulate: refuses empirical noise without the mean 1") {
  const Times arrivals{{0}, {1}};
  const auto refused = [&](std::vector<double> factors) {
    Simulation simulation = system_of(2, {}, {asks(arrivals, {1})});
    simulation.tiers[1].noise = {.kind = Noise::Kind::empirical, .factors = std::move(factors)};
    return refusal(simulation);
  };
  const std::string rule =
      "tier edge: the factors of empirical noise must not be negative, and have the mean 1";
  CHECK(refused({0, 2}).empty());
  CHECK(refused({}) == rule);
  CHECK(refused({1, 1.1}) == rule);
  CHECK(refused({-1, 3}) == rule);
  CHECK(refused({1, std::nan("")}) == rule);
}

TEST_CASE("simulate: refuses cold starts that have no meaning") {
  const Times arrivals{{0}, {1}};
  Simulation simulation = system_of(2, {}, {asks(arrivals, {1})});
  simulation.tiers[1].cold_start = {.time = Seconds(1), .idle_after = Seconds(0)};
  CHECK(refusal(simulation).empty());
  simulation.tiers[1].cold_start->idle_after = kNever;
  CHECK(refusal(simulation) ==
        "tier edge: the times of a cold start must be finite and not negative");
  simulation.tiers[1].cold_start->idle_after = Seconds(1);
  simulation.tiers[1].scheduling.queue = choose(scheduling::queues(), "processor-sharing");
  CHECK(refusal(simulation) == "tier edge: processor sharing has no cold starts");
}

TEST_CASE("simulate: refuses an autoscaler of devices, and one out of its bounds") {
  const Times arrivals{{0}, {1}};
  const Simulation valid = system_of(2, {.servers = 4, .sites = 2}, {asks(arrivals, {1})});
  const auto refused = [&](std::size_t tier, auto change) {
    Simulation simulation = valid;
    Autoscaler autoscaler{.policy = choose(scheduling::autoscaling(), "utilisation")};
    change(autoscaler);
    simulation.tiers[tier].autoscaler = std::move(autoscaler);
    return refusal(simulation);
  };
  const std::string bounds =
      "tier edge: an autoscaler must keep at least 1 machine at each site, and begin with as many "
      "or more, up to all";
  const std::string times =
      "tier edge: the times of an autoscaler must be finite and not negative, and its interval "
      "positive";
  CHECK(refused(1, [](Autoscaler&) {}).empty());
  CHECK(refused(0, [](Autoscaler&) {}) == "tier device: devices are not scaled");
  CHECK(refused(1, [](Autoscaler& a) { a.policy = {}; }) ==
        "tier edge: an autoscaler must have a policy");
  CHECK(refused(1, [](Autoscaler& a) { a.least = 0; }) == bounds);
  CHECK(refused(1, [](Autoscaler& a) { a.least = 2; }) == bounds);
  CHECK(refused(1, [](Autoscaler& a) { a.at_start = 3; }) == bounds);
  CHECK(refused(1, [](Autoscaler& a) { a.interval = Seconds(0); }) == times);
  CHECK(refused(1, [](Autoscaler& a) { a.start_up = kNever; }) == times);
  CHECK(refused(1, [](Autoscaler& a) { a.scale_down_after = Seconds(-1); }) == times);
}

TEST_CASE("simulate: refuses outages of missing components, and those that end before they begin") {
  const Times arrivals{{0}, {1}};
  const Simulation valid = system_of(2, {.servers = 2}, {asks(arrivals, {1})});
  const std::string outage =
      ": an outage must name an existing machine or link and must end after it "
      "begins";
  const std::string edge = "tier edge" + outage, hop = "hop hop" + outage;
  const auto down = [&](network::Outage given, bool on_hop, bool shared = false) {
    Simulation simulation = valid;
    simulation.hops[0].shared = shared;
    (on_hop ? simulation.hops[0].faults : simulation.tiers[1].faults).outages = {given};
    return refusal(simulation);
  };
  CHECK(down({1, Seconds(1), Seconds(2)}, false).empty());
  CHECK(down({2, Seconds(1), Seconds(2)}, false) == edge);
  CHECK(down({1, Seconds(1), Seconds(2)}, true).empty());
  CHECK(down({2, Seconds(1), Seconds(2)}, true) == hop);
  CHECK(down({1, Seconds(1), Seconds(2)}, true, true) == hop);  // All devices share one.
  CHECK(down({0, Seconds(2), Seconds(2)}, false) == edge);
  CHECK(down({0, Seconds(2), kNever}, false).empty());
  CHECK(down({0, kNever, kNever}, false) == edge);
}

TEST_CASE("simulate: refuses fields where they have no meaning") {
  const Times arrivals{{0}, {1}};
  const Simulation valid = system_of(2, {}, {asks(arrivals, {1})});
  const auto changed = [&](auto change) {
    Simulation simulation = valid;
    change(simulation);
    return refusal(simulation);
  };
  const BytesPerSecond rate(1);
  const std::string site = ": a site's link must follow the devices' own links";
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
        }) == "tier edge: a site's link must lead to one site of the tier");
  CHECK(changed([](Simulation& s) { s.itinerary_of(0).stages[1].tail = Seconds(1); }) ==
        "class all: only the device can compute a tail");
  CHECK(changed([](Simulation& s) { s.classes.push_back(s.classes[0]); }) ==
        "class all: classes must have distinct names");
}

TEST_CASE("simulate: refuses all invalid numbers at once") {
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
        "tier edge: the coefficient of variation must be finite and not negative\n"
        "tier edge: the rate at which models are loaded must be positive and finite\n"
        "tier edge: the mean time up must be positive and finite, and that down not negative\n"
        "hop hop: the rates of a link must be positive, its latency not negative, and all finite\n"
        "hop hop: the rates of a site's link must be positive and finite\n"
        "class all: a deadline must not be negative\n"
        "class all: retries, backoff and its factor must be finite and not negative\n"
        "class all: the times and the model size of a stage must be numbers that are not negative\n"
        "class all: messages must have whole numbers of bytes");
  Simulation endless = system_of(2, {}, {asks(arrivals, {1})});
  endless.stop = {.after = kNever};
  CHECK(refusal(endless) ==
        "the number of requests or the time of a run must be finite and not negative");
}

}  // namespace offcut::engine::refused_test
