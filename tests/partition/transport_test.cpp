// The time of messages over TCP, by hand and against a request that is followed segment by segment
// (naive.h), and the algorithms on problems with stalls.

#include "partition/transport.h"

#include <doctest/doctest.h>

#include <map>

#include "naive.h"
#include "partition/algorithm.h"
#include "partition/studies/optimum.h"
#include "partition/studies/sensitivity.h"
#include "random_problem.h"

namespace offcut::partition::transport_test {
namespace {

/// A hop of 10 segments per second and a round trip of 2 s: 20 segments fill it.
Hop slow_hop(double window) {
  const BytesPerSecond rate(10 * kSegment.si());
  return {.up = rate, .down = rate, .latency = Seconds(1), .tcp = Tcp{.initial_window = window}};
}

}  // namespace

TEST_CASE("transport: stalls of a cold connection, by hand") {
  // Windows of 4, 8 and 16 segments take 0.4 s, 0.8 s and 1.6 s of the round trip.
  const std::vector<Stall> stalls = slow_hop(4).stalls(true);
  REQUIRE(stalls.size() == 3);
  CHECK(stalls[0].after == 4 * kSegment);
  CHECK(stalls[1].after == 12 * kSegment);
  CHECK(stalls[2].after == 28 * kSegment);
  const Hop hop = slow_hop(4);
  const auto seconds = [&](double segments) {
    return hop.message_time(true, kSegment * segments).si();
  };
  CHECK(seconds(0) == 1);
  CHECK(seconds(4) == doctest::Approx(1.4));
  CHECK(seconds(5) == doctest::Approx(1 + 2 + 0.1));
  CHECK(seconds(12) == doctest::Approx(1 + 2 + 0.8));
  CHECK(seconds(13) == doctest::Approx(1 + 4 + 0.1));
  CHECK(seconds(29) == doctest::Approx(1 + 6 + 0.1));
  CHECK(seconds(100) == doctest::Approx(1 + 6 + 7.2));
  CHECK(slow_hop(20).stalls(true).empty());  // It fills the round trip.
  CHECK(slow_hop(19).stalls(true).size() == 1);
}

TEST_CASE("transport: 36.9 kB over 20 Mbit/s and 35 ms wait for one round trip") {
  Hop hop{.up = BytesPerSecond(20e6 / 8),
          .down = BytesPerSecond(20e6 / 8),
          .latency = Seconds(0.035),
          .payload = 0.956};
  const Bytes message(36864);
  const double plain = 0.035 + 36864 / (2.5e6 * 0.956);
  CHECK(hop.message_time(true, message).si() == doctest::Approx(plain).epsilon(1e-12));
  hop.per_message = Seconds(0.15e-3);
  CHECK(hop.message_time(true, message).si() == doctest::Approx(plain + 0.15e-3).epsilon(1e-12));
  hop.tcp = Tcp();
  CHECK(hop.message_time(true, message).si() ==
        doctest::Approx(0.035 + 0.15e-3 + 0.07 + (36864 - 14480) / (2.5e6 * 0.956)).epsilon(1e-12));
  hop.tcp->idle_restart = false;  // An earlier message has opened the window.
  CHECK(hop.message_time(true, message).si() == doctest::Approx(plain + 0.15e-3).epsilon(1e-12));
  hop.tcp->handshake = true;
  CHECK(hop.message_time(true, message).si() ==
        doctest::Approx(0.035 + 0.15e-3 + 0.14 + (36864 - 14480) / (2.5e6 * 0.956)).epsilon(1e-12));
  CHECK(hop.message_time(false, Bytes(4000)).si() ==
        doctest::Approx(0.035 + 0.15e-3 + 4000 / (2.5e6 * 0.956)).epsilon(1e-12));
}

TEST_CASE("transport: a radio is promoted before a message that stalls, by hand") {
  // The request of tests/sim/engine/energy/radio_transport_test.cpp: 8 segments up, 2 down, 0.1 s
  // of computing. The idle device takes 0.5 W, the radio 2 W on the air, 0.25 J for each segment
  // up and 0.125 J for each one down, and 1 W while it waits and in its tail.
  Problem problem{{.tiers = {"device", "cloud"},
                   .layers = {"a"},
                   .seconds = {{Seconds(100)}, {Seconds(0.1)}},
                   .tensors = {{.name = "in", .consumers = {0}, .bytes = kSegment * 8},
                               {.name = "a",
                                .producer = 0,
                                .consumers = {},
                                .bytes = kSegment * 2,
                                .is_output = true}},
                   .hops = {slow_hop(4)},
                   .power = {.busy = Watts(9),
                             .send = Watts(0.5 + 2 + 2.5),
                             .receive = Watts(0.5 + 2 + 1.25),
                             .idle = Watts(0.5)},
                   .radio = {.promotion = Seconds(0.5),
                             .promoting = Watts(3),
                             .waiting = Watts(1),
                             .tail = Joules(4)}}};
  problem.hops[0].per_message = Seconds(0.25);
  problem.check();
  Plan plan{.algorithm = "by hand", .tier_of = {1}};
  const auto check = [&](double seconds, double joules) {
    plan.cost = evaluate(problem, plan.tier_of);
    verify(problem, plan);
    CHECK(plan.cost.latency().si() == doctest::Approx(seconds).epsilon(1e-12));
    CHECK(plan.cost.energy.si() == doctest::Approx(joules).epsilon(1e-12));
  };
  check(5.7, 0.5 * 5.7 + 1.5 + 4.25 + 4.2 + 4);
  CHECK(plan.cost.up_time[0].si() == doctest::Approx(4.15).epsilon(1e-12));
  CHECK(plan.cost.bottleneck.si() == doctest::Approx(0.8).epsilon(1e-12));
  problem.hops[0].tcp->handshake = true;  // The connection is opened once the radio is awake.
  check(7.7, 0.5 * 7.7 + 1.5 + 4.25 + 6.2 + 4);
  problem.hops[0].tcp.reset();
  check(4.1, 0.5 * 4.1 + 1.5 + 4.25 + 2.6 + 4);
}

TEST_CASE("transport: 600 random plans cost what a request takes, segment by segment") {
  const std::uint64_t seed = 811;
  std::size_t stalled = 0;
  for (std::uint64_t i = 0; i < 600; ++i) {
    Problem problem = random_problem(seed, i, {.least_tiers = 2});
    RandomStream random = random_stream(seed, "transport", i);
    add_transport(random, problem);
    add_objective(random, problem);
    problem.check();
    INFO("seed " << seed << ", problem " << i << "\n" << to_dot(problem));
    Plan plan{.algorithm = "any", .tier_of = random_assignment(random, problem)};
    plan.cost = evaluate(problem, plan.tier_of);
    verify(problem, plan);
    const NaiveCost naive = naive_cost(problem, plan.tier_of).value();
    CHECK(plan.cost.latency().si() == doctest::Approx(naive.seconds).epsilon(1e-9));
    CHECK(plan.cost.bottleneck.si() == doctest::Approx(naive.longest).epsilon(1e-9));
    CHECK(plan.cost.energy.si() == doctest::Approx(naive.joules).epsilon(1e-9));
    for (std::size_t hop = 0; hop < problem.hops.size(); ++hop) {
      const auto time = stall_time(problem.hops[hop].stalls(true), plan.cost.up_bytes[hop]);
      stalled += time > Seconds(0) ? 1U : 0U;
    }
  }
  CHECK(stalled > 100);
}

TEST_CASE("transport: algorithms that prove an optimum find it, or a bound below it") {
  Registry<Algorithm> registry;
  register_algorithms(registry);
  const std::uint64_t seed = 812;
  std::map<std::string, int> best, bounds, gaps;
  for (std::uint64_t i = 0; i < 150; ++i) {
    Problem problem =
        random_problem(seed, i, {.most_layers = 6, .least_tiers = 2, .chain = i % 2 == 0});
    RandomStream random = random_stream(seed, "transport", i);
    add_transport(random, problem);
    if (i % 3 == 0) {
      add_objective(random, problem);
    } else if (i % 3 == 1) {
      problem.goal.objective = {.latency = 0, .bottleneck = 1};
    }
    problem.check();
    const double optimum = naive_optimum(problem);
    INFO("seed " << seed << ", problem " << i << "\n" << to_dot(problem));
    for (const auto& [name, algorithm] : registry) {
      const Outcome outcome = solve(algorithm, problem, defaults(algorithm.parameters));
      INFO(name << ": " << refusal_text(outcome));
      CHECK(!std::holds_alternative<Failed>(outcome));
      const auto* plan = std::get_if<Plan>(&outcome);
      if (plan == nullptr || !plan->bound) {
        continue;
      }
      const double value = weigh(problem.goal.objective, plan->cost);
      CHECK(*plan->bound <= optimum * (1 + 1e-9));
      CHECK(value >= optimum * (1 - 1e-9));
      if (proves_optimum(algorithm) && !(algorithm.ignores_stalls && problem.has_stalls())) {
        CHECK(value == doctest::Approx(optimum).epsilon(1e-9));
        ++best[name];
      } else {
        const bool is_proven = *plan->bound >= value * (1 - kRounding);
        ++(is_proven ? bounds : gaps)[name];
        CHECK((plan->note.find("without the stalls") == std::string::npos) == is_proven);
      }
    }
  }
  for (const char* name : {"brute-force", "exact", "chain-dp", "jointdnn"}) {
    CHECK(best[name] > 20);
  }
  for (const char* name : {"multi-tier", "min-cut"}) {
    CHECK(bounds[name] > 0);
    CHECK(gaps[name] > 0);
  }
}

TEST_CASE("transport: the opening of a connection decides where the best plan is") {
  // The server takes 1 s, and a message without bytes 2 s each way: 5 s, and 9 s with a handshake.
  Registry<Algorithm> registry;
  register_algorithms(registry);
  Problem problem{{.tiers = {"device", "server"},
                   .layers = {"a"},
                   .seconds = {{Seconds(8)}, {Seconds(1)}},
                   .tensors = {{.name = "in", .consumers = {0}},
                               {.name = "a", .producer = 0, .consumers = {}, .is_output = true}},
                   .hops = {{BytesPerSecond(1), BytesPerSecond(1), Seconds(2)}}}};
  for (const bool handshake : {false, true}) {
    problem.hops[0].tcp = Tcp{.handshake = handshake};
    REQUIRE(!problem.has_stalls());
    for (const auto& [name, algorithm] : registry) {
      if (proves_optimum(algorithm) || name == "min-cut") {
        CAPTURE(name);
        const Outcome outcome = solve(algorithm, problem, defaults(algorithm.parameters));
        CHECK(std::get<Plan>(outcome).tier_of == Assignment{handshake ? 0U : 1U});
      }
    }
  }
}

TEST_CASE("transport: what varies a hop with stalls is declined, what varies a tier is not") {
  Registry<Algorithm> registry;
  register_algorithms(registry);
  const Solver solver = [&](const Problem& problem) { return optimum(registry, problem); };
  Problem problem{{.tiers = {"device", "server"},
                   .layers = {"a", "b"},
                   .seconds = {{Seconds(1), Seconds(9)}, {Seconds(0.1), Seconds(0.1)}},
                   .tensors = {{.name = "in", .consumers = {0}, .bytes = kSegment * 30},
                               {.name = "a", .producer = 0, .consumers = {1}, .bytes = kSegment},
                               {.name = "b", .producer = 1, .bytes = Bytes(4), .is_output = true}},
                   .hops = {slow_hop(4)}}};
  problem.check();
  const auto stretches = [&](Variation::What what, double unit = 1) {
    return sensitivity(problem, {.what = what, .where = {0}, .from = unit / 2, .to = unit * 2},
                       solver);
  };
  CHECK(std::holds_alternative<Declined>(stretches(Variation::What::latency)));
  CHECK(
      std::holds_alternative<Declined>(stretches(Variation::What::bandwidth, 10 * kSegment.si())));
  CHECK(std::get<std::vector<Stretch>>(stretches(Variation::What::load)).size() >= 1);
  problem.hops[0].tcp.reset();
  CHECK(std::holds_alternative<std::vector<Stretch>>(stretches(Variation::What::latency)));
}

}  // namespace offcut::partition::transport_test
