#include <doctest/doctest.h>

#include <limits>
#include <stdexcept>

#include "partition/algorithm.h"
#include "random_problem.h"

namespace offcut::partition::verify_test {
namespace {

/// The chain in (8 B) -> a (4 B) -> b (2 B, the answer), on three tiers.
Problem problem() {
  const Hop hop{BytesPerSecond(2), BytesPerSecond(1), Seconds(0.5)};
  return {{.tiers = {"device", "edge", "cloud"},
           .layers = {"a", "b"},
           .seconds = {3, {Seconds(1), Seconds(2)}},
           .tensors = {{"in", {}, {0}, Bytes(8)},
                       {"a", 0, {1}, Bytes(4)},
                       {"b", 1, {}, Bytes(2), true}},
           .hops = {hop, hop}}};
}

/// A plan with a on the device and b in the cloud: 1 + 2 s of computing, 2 * (0.5 + 4 / 2) = 5 s
/// up, 2 * (0.5 + 2 / 1) = 5 s down, together 13 s.
Plan plan() {
  return {.algorithm = "mine", .tier_of = {0, 2}, .cost = evaluate(problem(), {0, 2})};
}

template <class Breakage>
std::string complaint(Breakage breakage) {
  Plan broken = plan();
  breakage(broken);
  try {
    verify(problem(), broken);
  } catch (const std::logic_error& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("verify: a valid plan passes") {
  CHECK(plan().cost.latency() == Seconds(13));
  CHECK(complaint([](Plan&) {}) == "");
}

TEST_CASE("verify: assignments of the wrong length, and tiers that do not exist") {
  CHECK(complaint([](Plan& p) { p.tier_of = {0}; }) ==
        "plan of 'mine': places 1 layers, but the problem has 2");
  CHECK(complaint([](Plan& p) {
          p.tier_of = {0, 2, 2};
        }) == "plan of 'mine': places 3 layers, but the problem has 2");
  CHECK(complaint([](Plan& p) {
          p.tier_of = {0, 3};
        }) == "plan of 'mine': puts layer 'b' on tier 3, but the last tier is 2");
}

TEST_CASE("verify: a plan that sends a tensor back") {
  CHECK(complaint([](Plan& p) {
          p.tier_of = {2, 1};
        }) == "plan of 'mine': sends tensor 'a' back from 'cloud' to 'edge'");
}

TEST_CASE("verify: codecs that the tensors can't have") {
  CHECK(complaint([](Plan& p) {
          p.codecs = {{"c", "int8"}};
        }) == "plan of 'mine': has a codec for 'c', which is not a tensor of the problem");
  CHECK(complaint([](Plan& p) {
          p.codecs = {{"a", "int8"}};
        }) == "plan of 'mine': gives tensor 'a' the codec 'int8', which it can't have");
}

TEST_CASE("verify: the cost of another plan") {
  // With all layers on the device, the plan takes 1 + 2 s and sends nothing.
  CHECK(complaint([](Plan& p) {
          p.tier_of = {0, 0};
        }) == "plan of 'mine': states a latency of 13 s, recomputed 3 s");
  CHECK(complaint([](Plan& p) { p.cost = {}; }) ==
        "plan of 'mine': states a latency of 0 s, recomputed 13 s");
}

TEST_CASE("verify: each part of the cost, even if the sum is right") {
  // One second counts for the wrong tier, hop or direction.
  CHECK(complaint([](Plan& p) {
          p.cost.compute = {Seconds(2), Seconds(0), Seconds(1)};
        }) == "plan of 'mine': states 2 s of computing on 'device', recomputed 1 s");
  CHECK(complaint([](Plan& p) {
          p.cost.compute = {Seconds(1), Seconds(2)};
        }) == "plan of 'mine': states costs of 2 tiers and 2 hops, the problem has 3 and 2");
  CHECK(complaint([](Plan& p) {
          p.cost.up_time = {Seconds(1), Seconds(4)};
        }) == "plan of 'mine': states 1 s up from 'device', recomputed 2.5 s");
  CHECK(complaint([](Plan& p) {
          p.cost.up_time[1] = Seconds(2);
          p.cost.down_time[1] = Seconds(3);
        }) == "plan of 'mine': states 2 s up from 'edge', recomputed 2.5 s");
  CHECK(complaint([](Plan& p) {
          p.cost.down_time = {Seconds(4), Seconds(1)};
        }) == "plan of 'mine': states 4 s down to 'device', recomputed 2.5 s");
  // The simulation sends these bytes and messages.
  CHECK(complaint([](Plan& p) { p.cost.up_bytes[0] = Bytes(5); }) ==
        "plan of 'mine': states 5 bytes up from 'device', recomputed 4 bytes");
  CHECK(complaint([](Plan& p) { p.cost.down_bytes[1] = Bytes(0); }) ==
        "plan of 'mine': states 0 bytes down to 'edge', recomputed 2 bytes");
  CHECK(complaint([](Plan& p) { p.cost.goes_up[1] = false; }) ==
        "plan of 'mine': states 0 messages up from 'edge', recomputed 1 messages");
  CHECK(complaint([](Plan& p) { p.cost.comes_down[0] = false; }) ==
        "plan of 'mine': states 0 messages down to 'device', recomputed 1 messages");
}

TEST_CASE("verify: the terms beside the latency") {
  CHECK(complaint([](Plan& p) { p.cost.bottleneck = Seconds(1); }) ==
        "plan of 'mine': states 1 s for its longest stage, recomputed 2 s");
  CHECK(complaint([](Plan& p) { p.cost.energy = Joules(1); }) ==
        "plan of 'mine': states 1 J of the device, recomputed 0 J");
  CHECK(complaint([](Plan& p) { p.cost.money = 1; }) ==
        "plan of 'mine': states 1 units of money, recomputed 0 units");
  CHECK(complaint([](Plan& p) { p.cost.tail = Seconds(1); }) ==
        "plan of 'mine': states 1 s after the answer, recomputed 0 s");
  CHECK(complaint([](Plan& p) { p.bound = 14; }) ==
        "plan of 'mine': costs 13, less than its bound 14");
  CHECK(complaint([](Plan& p) { p.bound = std::numeric_limits<double>::quiet_NaN(); }) ==
        "plan of 'mine': costs 13, less than its bound nan");
  CHECK(complaint([](Plan& p) { p.bound = 12; }) == "");
}

TEST_CASE("verify: a plan that breaks a limit") {
  const auto complaint_of = [](auto limit) {
    Problem limited = problem();
    limited.memory = {{Bytes(10), Bytes(5)}, {Bytes(20), Bytes(6)}};
    limit(limited);
    try {
      verify(limited, {"mine", {0, 2}, evaluate(limited, {0, 2}), "", {}});
    } catch (const std::logic_error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  CHECK(complaint_of([](Problem& p) { p.goal.limits.pinned = {0}; }) == "");
  CHECK(complaint_of([](Problem& p) {
          p.goal.limits.pinned = {0, 1};
        }) == "plan of 'mine': moves the pinned layer 'b'");
  CHECK(complaint_of([](Problem& p) { p.tail = {1}; }) ==
        "plan of 'mine': puts layer 'b' of the tail on 'cloud'");
  CHECK(complaint_of([](Problem& p) { p.goal.limits.deadline = Seconds(13); }) == "");
  CHECK(complaint_of([](Problem& p) { p.goal.limits.deadline = Seconds(12.9); }) ==
        "plan of 'mine': misses the deadline");
  CHECK(complaint_of([](Problem& p) { p.goal.limits.memory = {Bytes(15), {}, Bytes(26)}; }) == "");
  CHECK(complaint_of([](Problem& p) {
          p.goal.limits.memory = {Bytes(15), {}, Bytes(25)};
        }) == "plan of 'mine': does not fit the memory of 'cloud'");
}

TEST_CASE("verify: the tolerance of costs") {
  // Costs may differ by rounding, up to a relative 1e-9; NaN is an error.
  const auto off_by = [](double factor) {
    return complaint([&](Plan& p) {
      for (Seconds& time : p.cost.compute) {
        time = time * factor;
      }
    });
  };
  CHECK(off_by(1 + 1e-10) == "");
  CHECK(off_by(1 - 1e-10) == "");
  CHECK(off_by(1 + 1e-8) != "");
  CHECK(off_by(1 - 1e-8) != "");
  CHECK(off_by(std::numeric_limits<double>::quiet_NaN()) != "");
}

TEST_CASE("verify: a plan that costs nothing") {
  Problem free = problem();
  free.seconds = {3, {Seconds(0), Seconds(0)}};
  Plan idle{.algorithm = "mine", .tier_of = {0, 0}, .cost = evaluate(free, {0, 0})};
  CHECK_NOTHROW(verify(free, idle));
  idle.cost.compute[0] = Seconds(1e-30);
  CHECK_THROWS_AS(verify(free, idle), std::logic_error);
}

TEST_CASE("verify: agrees with evaluate() on random problems") {
  const std::uint64_t seed = 102;
  for (std::uint64_t i = 0; i < 2000; ++i) {
    Problem random = random_problem(seed, i, {.most_layers = 12});
    RandomStream stream = random_stream(seed, "assignment", i);
    if (i % 2 == 0) {
      add_objective(stream, random);
      add_limits(stream, random);
    }
    const Assignment tier_of = random_assignment(stream, random);
    if (!value_within_limits(random, tier_of)) {
      CHECK_THROWS_AS(verify(random, {"mine", tier_of, evaluate(random, tier_of), "", {}}),
                      std::logic_error);
      continue;
    }
    INFO("seed " << seed << ", problem " << i << ", " << to_text(tier_of) << "\n"
                 << to_dot(random));
    CHECK_NOTHROW(verify(random, {"mine", tier_of, evaluate(random, tier_of), "", {}}));
  }
}

}  // namespace offcut::partition::verify_test
