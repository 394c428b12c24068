#include <doctest/doctest.h>

#include <limits>
#include <stdexcept>

#include "complaint.h"
#include "naive.h"
#include "partition/evaluation.h"
#include "random_problem.h"

namespace offcut::partition::problem_test {
namespace {

std::vector<Seconds> seconds(std::initializer_list<double> values) {
  return {values.begin(), values.end()};
}
std::vector<Bytes> bytes(std::initializer_list<double> values) {
  return {values.begin(), values.end()};
}

constexpr Hop hop(double up, double down, double latency) {
  return {BytesPerSecond(up), BytesPerSecond(down), Seconds(latency)};
}

/// The chain image (8 B) -> a (4 B) -> b (2 B) -> c (1 B, the answer), on a device and a cloud.
Problem chain() {
  return {{.tiers = {"device", "cloud"},
           .layers = {"a", "b", "c"},
           .seconds = {seconds({1, 2, 3}), seconds({0.5, 0.25, 0.125})},
           .tensors = {{"image", {}, {0}, Bytes(8)},
                       {"a", 0, {1}, Bytes(4)},
                       {"b", 1, {2}, Bytes(2)},
                       {"c", 2, {}, Bytes(1), true}},
           .hops = {hop(2, 1, 0.5)}}};
}

/// The same chain on three tiers; farther ones are faster.
Problem long_chain() {
  Problem problem = chain();
  problem.tiers = {"device", "edge", "cloud"};
  problem.seconds.insert(problem.seconds.begin() + 1, seconds({0.75, 0.5, 0.25}));
  problem.hops = {hop(2, 1, 0.5), hop(4, 2, 0.125)};
  return problem;
}

}  // namespace

TEST_CASE("cost: with all layers on the device, there is no message and no latency") {
  const Cost cost = evaluate(chain(), {0, 0, 0});
  CHECK(cost.compute == seconds({1 + 2 + 3, 0}));
  CHECK(cost.goes_up == std::vector{false});
  CHECK(cost.comes_down == std::vector{false});
  CHECK(cost.up_bytes == bytes({0}));
  CHECK(cost.down_bytes == bytes({0}));
  CHECK(cost.up_time == seconds({0}));
  CHECK(cost.down_time == seconds({0}));
  CHECK(cost.latency() == Seconds(6));
}

TEST_CASE("cost: a cut in the middle of a chain") {
  // On the device, a and b take 1 + 2 s; b's 2 B go up in 0.5 + 2 / 2 = 1.5 s; c takes 0.125 s in
  // the cloud; its 1 B comes down in 0.5 + 1 / 1 = 1.5 s.
  const Cost cost = evaluate(chain(), {0, 0, 1});
  CHECK(cost.compute == seconds({3, 0.125}));
  CHECK(cost.up_bytes == bytes({2}));
  CHECK(cost.down_bytes == bytes({1}));
  CHECK(cost.goes_up == std::vector{true});
  CHECK(cost.comes_down == std::vector{true});
  CHECK(cost.up_time == seconds({1.5}));
  CHECK(cost.down_time == seconds({1.5}));
  CHECK(cost.compute_total() == Seconds(3.125));
  CHECK(cost.transmission_total() == Seconds(3));
  CHECK(cost.latency() == Seconds(6.125));
}

TEST_CASE("cost: with all layers in the cloud, the input is sent") {
  // Its 8 B take 0.5 + 8 / 2 = 4.5 s up, the layers 0.5 + 0.25 + 0.125 s, the answer 1.5 s.
  const Cost cost = evaluate(chain(), {1, 1, 1});
  CHECK(cost.up_bytes == bytes({8}));
  CHECK(cost.latency() == Seconds(4.5 + 0.875 + 1.5));
}

TEST_CASE("cost: three tiers in use") {
  // On the device, a takes 1 s, and its 4 B 0.5 + 4 / 2 = 2.5 s to the edge; b takes 0.5 s there,
  // and its 2 B 0.125 + 2 / 4 = 0.625 s to the cloud; c takes 0.125 s there; the answer's 1 B comes
  // back over both hops, in 0.125 + 1 / 2 = 0.625 s and 0.5 + 1 / 1 = 1.5 s.
  const Cost cost = evaluate(long_chain(), {0, 1, 2});
  CHECK(cost.compute == seconds({1, 0.5, 0.125}));
  CHECK(cost.up_bytes == bytes({4, 2}));
  CHECK(cost.down_bytes == bytes({1, 1}));
  CHECK(cost.up_time == seconds({2.5, 0.625}));
  CHECK(cost.down_time == seconds({1.5, 0.625}));
  CHECK(cost.latency() == Seconds(1.625 + 3.125 + 2.125));
}

TEST_CASE("cost: a tier without layers relays, and hop times add up") {
  // With no layer on the edge, a's 4 B cross both hops, in 2.5 s and 0.125 + 4 / 4 = 1.125 s.
  const Cost cost = evaluate(long_chain(), {0, 2, 2});
  CHECK(cost.compute == seconds({1, 0, 0.375}));
  CHECK(cost.goes_up == std::vector{true, true});
  CHECK(cost.up_bytes == bytes({4, 4}));
  CHECK(cost.up_time == seconds({2.5, 1.125}));
  CHECK(cost.latency() == Seconds(1.375 + 3.625 + 2.125));
}

TEST_CASE("cost: a tier beyond the last layer costs nothing") {
  const Cost cost = evaluate(long_chain(), {0, 0, 1});
  CHECK(cost.goes_up == std::vector{true, false});
  CHECK(cost.comes_down == std::vector{true, false});
  CHECK(cost.up_bytes == bytes({2, 0}));
  CHECK(cost.up_time == seconds({1.5, 0}));
  CHECK(cost.down_time == seconds({1.5, 0}));
  CHECK(cost.latency() == Seconds(3 + 1.5 + 0.25 + 1.5));
}

TEST_CASE("cost: a tensor that two layers read crosses a hop once") {
  // The graph is in (1 B) -> a (6 B) -> b and c, which d joins. With b on the edge and c and d in
  // the cloud, a crosses the first hop once for both, and the second one once for c, with b's 3 B
  // for d.
  Problem problem = {{.tiers = {"device", "edge", "cloud"},
                      .layers = {"a", "b", "c", "d"},
                      .seconds = {3, seconds({0, 0, 0, 0})},
                      .tensors = {{"in", {}, {0}, Bytes(1)},
                                  {"a", 0, {1, 2}, Bytes(6)},
                                  {"b", 1, {3}, Bytes(3)},
                                  {"c", 2, {3}, Bytes(5)},
                                  {"d", 3, {}, Bytes(2), true}},
                      .hops = {hop(1, 1, 0), hop(1, 1, 0)}}};
  CHECK(evaluate(problem, {0, 1, 1, 1}).up_bytes == bytes({6, 0}));
  CHECK(evaluate(problem, {0, 1, 2, 2}).up_bytes == bytes({6, 6 + 3}));
  CHECK(evaluate(problem, {0, 0, 1, 2}).up_bytes == bytes({6 + 3, 3 + 5}));
}

TEST_CASE("cost: outputs that are made on several tiers come back in one message per hop") {
  // The output near is made on the device and stays; middle (2 B) comes from the edge; far (4 B)
  // crosses both hops. The first hop carries 2 + 4 B down in one message, in 0.5 + 6 / 1 s.
  const Problem problem = {{.tiers = {"device", "edge", "cloud"},
                            .layers = {"near", "middle", "far"},
                            .seconds = {3, seconds({1, 1, 1})},
                            .tensors = {{"in", {}, {0}, Bytes(1)},
                                        {"near", 0, {1}, Bytes(8), true},
                                        {"middle", 1, {2}, Bytes(2), true},
                                        {"far", 2, {}, Bytes(4), true}},
                            .hops = {hop(2, 1, 0.5), hop(4, 2, 0.125)}}};
  const Cost cost = evaluate(problem, {0, 1, 2});
  CHECK(cost.down_bytes == bytes({6, 4}));
  CHECK(cost.down_time == seconds({6.5, 0.125 + 2}));
  CHECK(cost.up_bytes == bytes({8, 2}));
}

TEST_CASE("cost: an answer without bytes still takes its latency, and so does an empty message") {
  // The layer `go` reads nothing, so no byte goes up, but the cloud must receive the request.
  const Problem problem = {{.tiers = {"device", "cloud"},
                            .layers = {"go"},
                            .seconds = {seconds({9}), seconds({1})},
                            .tensors = {{"in", {}, {}, Bytes(7)}, {"done", 0, {}, Bytes(0), true}},
                            .hops = {hop(1, 1, 0.5)}}};
  const Cost cost = evaluate(problem, {1});
  CHECK(cost.goes_up == std::vector{true});
  CHECK(cost.comes_down == std::vector{true});
  CHECK(cost.up_bytes == bytes({0}));
  CHECK(cost.latency() == Seconds(0.5 + 1 + 0.5));
}

TEST_CASE("cost: if no output is made beyond a hop, no message comes back") {
  Problem problem = chain();
  problem.tensors[2].is_output = true;  // The answer is b, and c is discarded.
  problem.tensors[3].is_output = false;
  const Cost cost = evaluate(problem, {0, 0, 1});
  CHECK(cost.comes_down == std::vector{false});
  CHECK(cost.down_time == seconds({0}));
  CHECK(cost.latency() == Seconds(3 + 1.5 + 0.125));
}

TEST_CASE("cost: an input that is an output is on the device already") {
  Problem problem = chain();
  problem.tensors[0].is_output = true;
  CHECK(evaluate(problem, {1, 1, 1}).down_bytes == bytes({1}));
}

TEST_CASE("cost: equals the sum over the steps of a request, on random problems") {
  const std::uint64_t seed = 101;
  for (std::uint64_t i = 0; i < 2000; ++i) {
    const Problem problem = random_problem(seed, i, {.most_layers = 12});
    RandomStream random = random_stream(seed, "assignment", i);
    const Assignment tier_of = random_assignment(random, problem);
    INFO("seed " << seed << ", problem " << i << ", " << to_text(tier_of) << "\n"
                 << to_dot(problem));
    const auto expected = naive_seconds(problem, tier_of);
    REQUIRE(expected.has_value());  // The result of random_assignment() is monotone.
    CHECK(evaluate(problem, tier_of).latency().si() == doctest::Approx(*expected).epsilon(1e-12));
  }
}

TEST_CASE("problem: tiers are found by name") {
  CHECK(long_chain().find_tier("device") == 0);
  CHECK(long_chain().find_tier("cloud") == 2);
  CHECK(!long_chain().find_tier("Cloud"));
}

TEST_CASE("problem: the invariants of a problem") {
  const auto broken = [](auto breakage) {
    Problem problem = long_chain();
    breakage(problem);
    return complaint(problem);
  };
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  CHECK(broken([](Problem&) {}).empty());

  const std::string hops = "partition problem: expected one hop between each two tiers";
  CHECK(broken([](Problem& p) { p.hops.pop_back(); }) == hops);
  CHECK(broken([](Problem& p) { p.tiers.clear(); }) == hops);
  CHECK(broken([](Problem& p) { p.seconds.pop_back(); }) ==
        "partition problem: each tier needs a row of times");
  CHECK(broken([](Problem& p) { p.seconds[1].pop_back(); }) ==
        "partition problem: each layer needs a time");

  const std::string times = "partition problem: times must be finite and not negative";
  CHECK(broken([](Problem& p) { p.seconds[1][1] = Seconds(-1e-9); }) == times);
  CHECK(broken([](Problem& p) { p.seconds[0][2] = Seconds(kNan); }) == times);
  CHECK(broken([](Problem& p) { p.seconds[2][0] = Seconds(kInfinity); }) == times);

  const std::string bandwidths = "partition problem: bandwidths must be positive";
  CHECK(broken([](Problem& p) { p.hops[1].up = BytesPerSecond(0); }) == bandwidths);
  CHECK(broken([](Problem& p) { p.hops[0].down = BytesPerSecond(-1); }) == bandwidths);
  CHECK(broken([](Problem& p) { p.hops[0].down = BytesPerSecond(kNan); }) == bandwidths);

  const std::string latencies =
      "partition problem: latencies and times per message must be finite and not negative";
  CHECK(broken([](Problem& p) { p.hops[1].latency = Seconds(-1); }) == latencies);
  CHECK(broken([](Problem& p) { p.hops[1].latency = Seconds(kInfinity); }) == latencies);

  const std::string sizes = "partition problem: bytes must be finite and not negative";
  CHECK(broken([](Problem& p) { p.tensors[0].bytes = Bytes(-1); }) == sizes);
  CHECK(broken([](Problem& p) { p.tensors[0].bytes = Bytes(kInfinity); }) == sizes);

  const std::string order =
      "partition problem: a reader of tensor 'b' must come after its producer";
  CHECK(broken([](Problem& p) { p.tensors[2].consumers = {1}; }) == order);
  CHECK(broken([](Problem& p) { p.tensors[2].consumers = {0}; }) == order);
  CHECK(broken([](Problem& p) { p.tensors[2].consumers = {3}; }) ==
        "partition problem: a reader of tensor 'b' must be a layer of the problem");
  CHECK(broken([](Problem& p) { p.tensors[3].producer = 3; }) ==
        "partition problem: the producer of tensor 'c' must be a layer of the problem");
}

TEST_CASE("evaluate: energy, money, longest stage and memory, worked out by hand") {
  // The chain is in 8 B -> a 4 B -> b 2 B -> c 1 B, the answer, with a on the device, b on the
  // edge, c in the cloud. They compute for 1, 2 and 3 s. Up, 4 B take 2 s and 2 B 1 s; down, 1 B
  // takes 1 s on each hop; each message has 0.5 s of latency: 6 + 3 + 2 + 4 * 0.5 = 13 s.
  const Hop hop{BytesPerSecond(2), BytesPerSecond(1), Seconds(0.5), 10};
  Problem problem{{.tiers = {"device", "edge", "cloud"},
                   .layers = {"a", "b", "c"},
                   .seconds = {3, {Seconds(1), Seconds(2), Seconds(3)}},
                   .tensors = {{"in", {}, {0}, Bytes(8)},
                               {"a", 0, {1}, Bytes(4)},
                               {"b", 1, {2}, Bytes(2)},
                               {"c", 2, {}, Bytes(1), true}},
                   .hops = {hop, hop},
                   .memory = {{Bytes(10), Bytes(12)}, {Bytes(20), Bytes(6)}, {Bytes(30), Bytes(3)}},
                   .power = {Watts(5), Watts(3), Watts(2), Watts(1)},
                   .price = {0, 100, 1000}}};
  problem.check();
  Cost cost = evaluate(problem, {0, 1, 2});
  CHECK(cost.latency() == Seconds(13));
  CHECK(cost.bottleneck == Seconds(3));
  // The device draws 5 W for 1 s, 3 W for 2 s, 2 W for 1 s, and idles in the other 13 - 4 s.
  CHECK(cost.energy == Joules(5 + 6 + 2 + 9));
  CHECK(cost.money == 200 + 3000 + 10 * (4 + 2 + 1 + 1));
  CHECK(cost.memory == std::vector<Bytes>{Bytes(22), Bytes(26), Bytes(33)});
  CHECK(weigh({1, 2, 0.5, 4}, cost) == 13 + 2 * 22 + 0.5 * 3280 + 4 * 3);

  // A radio that is promoted for 2 s at 3 W delays the message, while the device idles at 1 W. It
  // then waits at 0.5 W for all that is neither computed on the device nor on the air, 13 - 4 s,
  // and its tail takes 7 J.
  problem.radio = {Seconds(2), Watts(3), Watts(0.5), Joules(7)};
  cost = evaluate(problem, {0, 1, 2});
  CHECK(cost.latency() == Seconds(15));
  CHECK(cost.up_time == std::vector<Seconds>{Seconds(4.5), Seconds(1.5)});
  CHECK(cost.bottleneck == Seconds(3));
  CHECK(cost.energy == Joules(22 + 2 * (3 + 1) + 9 * 0.5 + 7));
  CHECK(evaluate(problem, {0, 0, 0}).energy == Joules(5 * (1 + 2 + 3)));
  problem.radio = {};

  // With c as the tail, b's 2 B come back over the first hop in 2 + 0.5 s; then c takes 3 s on the
  // device: 1 + 2 + 3 + (2 + 0.5) + (2 + 0.5) = 11 s.
  problem.tail = {2};
  problem.check();
  cost = evaluate(problem, {0, 1, 0});
  CHECK(cost.latency() == Seconds(11));
  CHECK(cost.compute == std::vector<Seconds>{Seconds(4), Seconds(2), Seconds(0)});
  CHECK(cost.tail == Seconds(3));
  CHECK(cost.bottleneck == Seconds(4));
  CHECK(cost.up_bytes == std::vector<Bytes>{Bytes(4), Bytes(0)});
  CHECK(cost.down_bytes == std::vector<Bytes>{Bytes(2), Bytes(0)});
  CHECK(cost.energy == Joules(20 + 6 + 4 + (2 + 1)));
}

TEST_CASE("limits: the one that a plan breaks, and by how much") {
  Problem problem{{.tiers = {"device", "cloud"},
                   .layers = {"a", "b"},
                   .seconds = {2, {Seconds(1), Seconds(2)}},
                   .tensors = {{"in", {}, {0}, Bytes(1)}, {"a", 0, {1}, Bytes(1), true}},
                   .hops = {{BytesPerSecond(1), BytesPerSecond(1), Seconds(0)}},
                   .memory = {{Bytes(1000), Bytes(500)}, {Bytes(2000), Bytes(0)}}}};
  const auto broken = [&] {
    const auto limit = broken_limit(problem, {0, 1}, evaluate(problem, {0, 1}));
    return limit ? limit->reason : "";
  };
  CHECK(broken() == "");
  CHECK(value_within_limits(problem, {0, 1}) == 4.0);
  problem.goal.limits.deadline = Seconds(3);
  CHECK(broken() == "it takes 4 s, the deadline is 3 s");
  CHECK(value_within_limits(problem, {0, 1}) == std::nullopt);
  problem.goal.limits.memory = {Bytes(1400), std::nullopt};
  CHECK(broken() == "'device' needs 1.5 kB of memory and has 1.4 kB");
  problem.goal.limits.pinned = {0, 1};
  CHECK(broken() == "layer 'b' leaves 'device'");
}

TEST_CASE("problem: limits that contradict each other or the problem") {
  Problem problem{{.tiers = {"device"},
                   .layers = {"a", "b"},
                   .seconds = {1, {Seconds(1), Seconds(2)}},
                   .tensors = {{"in", {}, {0}, Bytes(1)}, {"a", 0, {1}, Bytes(1), true}}}};
  const auto complaint = [&](Limits limits, std::vector<LayerId> tail = {}) {
    problem.goal.limits = std::move(limits);
    problem.tail = std::move(tail);
    try {
      problem.check();
    } catch (const std::logic_error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  CHECK(complaint({.pinned = {0}}, {1}) == "");
  CHECK(complaint({.pinned = {1}}) ==
        "partition problem: the producer of tensor 'a' must be pinned with its reader");
  CHECK(complaint({}, {0}) ==
        "partition problem: a reader of tensor 'a' must be in the tail with its producer");
  CHECK(complaint({.pinned = {0, 1}}, {1}) ==
        "partition problem: a pinned layer can't be in the tail");
  CHECK(complaint({.memory = {Bytes(1)}}) ==
        "partition problem: a memory limit needs the memory of each layer");
  CHECK(complaint({.pinned = {2}}) == "partition problem: pins must name layers of the problem");
  CHECK(complaint({}, {2}) == "partition problem: the tail must name layers of the problem");
}

}  // namespace offcut::partition::problem_test
