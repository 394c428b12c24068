#include "partition/solvers/early_exit.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <boost/random/uniform_01.hpp>
#include <boost/random/uniform_int_distribution.hpp>
#include <cmath>
#include <set>

#include "../naive.h"
#include "../random_problem.h"

namespace offcut::partition::early_exit_test {
namespace {

int between(RandomStream& random, int least, int most) {
  return boost::random::uniform_int_distribution<int>(least, most)(random);
}

/// Returns exits with random networks of their own and accuracies that are often equal.
std::vector<NetworkExit> random_exits(RandomStream& random) {
  std::vector<NetworkExit> exits;
  for (int count = between(random, 1, 4); count > 0; --count) {
    exits.push_back({"exit", 0.1 * between(random, 5, 8),
                     random_problem(random, {.most_layers = 4, .most_tiers = 3})});
    exits.back().problem.radio.promotion = Seconds(0.5 * between(random, 0, 2));
  }
  return exits;
}

ExitChain random_chain(RandomStream& random) {
  const auto amount = [&] { return 4 * boost::random::uniform_01<double>()(random); };
  ExitChain chain;
  const int layers = between(random, 1, 6);
  chain.bytes.emplace_back(amount());
  for (int layer = 0; layer < layers; ++layer) {
    chain.on_device.emplace_back(amount());
    chain.on_server.emplace_back(amount() / 3);
    chain.bytes.emplace_back(amount());
    for (int exits = between(random, 0, 3) - 1; exits > 0; --exits) {
      chain.exits.push_back({.after = static_cast<std::size_t>(layer),
                             .on_device = Seconds(amount() / 4),
                             .on_server = Seconds(amount() / 9),
                             .answer = Bytes(amount() / 4),
                             .leaves = 0.25 * between(random, 0, 4),
                             .accuracy = 0.1 * between(random, 0, 10)});
    }
  }
  chain.accuracy = 0.9;
  chain.hop = {BytesPerSecond(1 + amount()), BytesPerSecond(1 + amount()), Seconds(amount() / 4)};
  chain.hop.per_message = Seconds(amount() / 8);
  if (between(random, 0, 1) == 0) {
    chain.hop.tcp = Tcp{.handshake = true};
  }
  chain.promotion = Seconds(amount() / 4);
  chain.hand_over = {Seconds(amount() / 8), Seconds(amount() / 8)};
  return chain;
}

/// Returns the time of one request that leaves at exit `last`, or reaches the end: evaluates the
/// layers that run for it, one after the other, as an ordinary problem.
double seconds_of_way(const ExitChain& chain, std::size_t cut, std::size_t last) {
  Problem way = {{.tiers = {"device", "server"},
                  .seconds = {{}, {}},
                  .tensors = {{"in", {}, {}, chain.bytes[0]}},
                  .hops = {chain.hop},
                  .per_request = {chain.hand_over[0], chain.hand_over[1]},
                  .radio = {.promotion = chain.promotion}}};
  Assignment tier_of;
  std::size_t trunk = 0;  // The tensor that the next layer reads.
  const auto add = [&](Seconds device, Seconds server, Bytes bytes, std::size_t tier) {
    way.tensors[trunk].consumers.push_back(way.layers.size());
    way.tensors.push_back({"t", way.layers.size(), {}, bytes});
    way.layers.emplace_back("layer");
    way.seconds[0].push_back(device);
    way.seconds[1].push_back(server);
    tier_of.push_back(tier);
  };
  for (std::size_t layer = 0; layer < chain.on_device.size(); ++layer) {
    const std::size_t tier = layer < cut ? 0 : 1;
    add(chain.on_device[layer], chain.on_server[layer], chain.bytes[layer + 1], tier);
    trunk = way.tensors.size() - 1;
    for (std::size_t exit = 0; exit < chain.exits.size() && exit <= last; ++exit) {
      const ExitBranch& branch = chain.exits[exit];
      if (branch.after == layer) {
        add(branch.on_device, branch.on_server, branch.answer, tier);
        if (exit == last) {
          way.tensors.back().is_output = true;
          return naive_seconds(way, tier_of).value();
        }
      }
    }
  }
  way.tensors[trunk].is_output = true;
  return naive_seconds(way, tier_of).value();
}

}  // namespace

TEST_CASE("early exit: exit and cut within a deadline, against every exit and every cut") {
  std::size_t late = 0;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    RandomStream random = random_stream(541, "exits", i);
    const std::vector<NetworkExit> exits = random_exits(random);
    std::vector<double> seconds;
    for (const NetworkExit& exit : exits) {
      seconds.push_back(naive_optimum(exit.problem));
    }
    const double deadline =
        seconds[static_cast<std::size_t>(between(random, 0, 99)) % seconds.size()] *
        (between(random, 0, 1) == 0 ? 0.99 : 1.01);
    double best = -1;
    double soonest = 0;
    for (std::size_t exit = 0; exit < exits.size(); ++exit) {
      if (seconds[exit] <= deadline && exits[exit].accuracy >= best) {
        soonest = exits[exit].accuracy > best ? seconds[exit] : std::min(soonest, seconds[exit]);
        best = exits[exit].accuracy;
      }
    }
    INFO("seed 541, network " << i);
    const auto plan = most_accurate_exit(exits, Seconds(deadline));
    REQUIRE(plan.has_value() == (best >= 0));
    late += plan ? 0U : 1U;
    if (plan) {
      CHECK(exits[plan->exit].accuracy == best);
      CHECK(plan->cost.latency() <= Seconds(deadline));
      CHECK(plan->cost.latency().si() == doctest::Approx(soonest).epsilon(1e-10));
      CHECK(naive_seconds(exits[plan->exit].problem, plan->tier_of).value() ==
            doctest::Approx(plan->cost.latency().si()).epsilon(1e-12));
    }
  }
  CHECK(late > 50);
  CHECK(late < 500);
}

TEST_CASE("early exit: the part up to a tensor has exactly the layers that it depends on") {
  for (std::uint64_t i = 0; i < 500; ++i) {
    Problem problem = random_problem(542, i);
    problem.radio.promotion = Seconds(1);
    for (std::size_t tensor = 0; tensor < problem.tensors.size(); ++tensor) {
      INFO("seed 542, problem " << i << ", tensor " << tensor << "\n" << to_dot(problem));
      const ProblemPart part = part_up_to(problem, tensor);
      CHECK_NOTHROW(part.problem.check());
      CHECK(part.problem.radio.promotion == Seconds(1));  // An exit's latency counts it.
      std::set<LayerId> needed;  // The oracle: adds producers of read tensors to a fixed point.
      if (problem.tensors[tensor].producer) {
        needed.insert(*problem.tensors[tensor].producer);
      }
      for (std::size_t before = 0; before != needed.size();) {
        before = needed.size();
        for (const CrossingTensor& each : problem.tensors) {
          if (each.producer && std::any_of(each.consumers.begin(), each.consumers.end(),
                                           [&](LayerId l) { return needed.contains(l); })) {
            needed.insert(*each.producer);
          }
        }
      }
      CHECK(std::set<LayerId>(part.layers.begin(), part.layers.end()) == needed);
      REQUIRE(part.problem.layer_count() == part.layers.size());
      for (LayerId layer = 0; layer < part.layers.size(); ++layer) {
        CHECK(part.problem.layers[layer] == problem.layers[part.layers[layer]]);
        for (std::size_t tier = 0; tier < problem.tier_count(); ++tier) {
          CHECK(part.problem.seconds[tier][layer] == problem.seconds[tier][part.layers[layer]]);
        }
      }
      const auto outputs = std::count_if(part.problem.tensors.begin(), part.problem.tensors.end(),
                                         [](const CrossingTensor& each) { return each.is_output; });
      CHECK(outputs == 1);
    }
  }
}

TEST_CASE("early exit: the part up to a tensor takes as long as the whole without other layers") {
  for (std::uint64_t i = 0; i < 500; ++i) {
    Problem problem = random_problem(544, i);
    RandomStream random = random_stream(544, "everything", i);
    add_everything(random, problem);
    problem.tail.clear();
    problem.goal.limits = {};
    const std::size_t exit = random() % problem.tensors.size();
    const Assignment tier_of = random_assignment(random, problem);
    INFO("seed 544, problem " << i << ", tensor " << exit << "\n" << to_dot(problem));
    const ProblemPart part = part_up_to(problem, exit);
    const std::set<LayerId> kept(part.layers.begin(), part.layers.end());
    // Other layers stay on the device, take no time, read nothing and make nothing.
    Assignment in_whole(problem.layer_count(), 0);
    Assignment in_part;
    for (LayerId layer = 0; layer < problem.layer_count(); ++layer) {
      if (kept.contains(layer)) {
        in_whole[layer] = tier_of[layer];
        in_part.push_back(tier_of[layer]);
      } else {
        problem.seconds[0][layer] = Seconds(0);
      }
    }
    for (std::size_t id = 0; id < problem.tensors.size(); ++id) {
      CrossingTensor& tensor = problem.tensors[id];
      tensor.is_output = id == exit;
      std::erase_if(tensor.consumers, [&](LayerId reader) { return !kept.contains(reader); });
    }
    CHECK(naive_seconds(part.problem, in_part).value() ==
          doctest::Approx(naive_seconds(problem, in_whole).value()).epsilon(1e-12));
  }
}

TEST_CASE("early exit: the expected cost is the mean over all paths of a request") {
  for (std::uint64_t i = 0; i < 1000; ++i) {
    RandomStream random = random_stream(543, "chain", i);
    const ExitChain chain = random_chain(random);
    chain.check();
    double least = 1e300;
    for (std::size_t cut = 0; cut <= chain.on_device.size(); ++cut) {
      INFO("seed 543, chain " << i << ", cut " << cut);
      double seconds = 0;
      double crosses = 0;
      double accuracy = 0;
      double there = 1;
      for (std::size_t exit = 0; exit <= chain.exits.size(); ++exit) {
        const bool is_last = exit == chain.exits.size();
        const double part = there * (is_last ? 1 : chain.exits[exit].leaves);
        seconds += part * seconds_of_way(chain, cut, exit);
        accuracy += part * (is_last ? chain.accuracy : chain.exits[exit].accuracy);
        const bool stays = is_last ? cut == chain.on_device.size() : chain.exits[exit].after < cut;
        crosses += stays ? 0 : part;
        there -= part;
      }
      const ExpectedCost cost = expected_cost(chain, cut);
      CHECK(cost.latency.si() == doctest::Approx(seconds).epsilon(1e-12));
      CHECK(cost.crosses == doctest::Approx(crosses).epsilon(1e-12));
      CHECK(cost.upload.si() == doctest::Approx(crosses * chain.bytes[cut].si()).epsilon(1e-12));
      CHECK(cost.accuracy == doctest::Approx(accuracy).epsilon(1e-12));
      least = std::min(least, seconds);
    }
    CHECK(expected_cost(chain, best_expected_cut(chain)).latency.si() ==
          doctest::Approx(least).epsilon(1e-12));
  }
}

TEST_CASE("early exit: the more requests leave early, the more layers belong on the device") {
  // Two layers take 2 s each on the device and 1 s on the server, and an exit without cost follows
  // the first; the input takes 3 s to send, the tensor between them 2 s. Without exits, the server
  // takes 5 s, a cut after the first layer 5 s, the device 4 s. If half of the requests leave, the
  // device takes 2 + 0.5 * 2 = 3 s.
  ExitChain chain = {.on_device = {Seconds(2), Seconds(2)},
                     .on_server = {Seconds(1), Seconds(1)},
                     .bytes = {Bytes(3), Bytes(2), Bytes(0)},
                     .exits = {{.after = 0, .leaves = 0, .accuracy = 0.8}},
                     .accuracy = 1,
                     .hop = {BytesPerSecond(1), BytesPerSecond(1), Seconds(0)}};
  CHECK(expected_cost(chain, 0).latency == Seconds(5));
  CHECK(expected_cost(chain, 1).latency == Seconds(5));
  CHECK(expected_cost(chain, 2).latency == Seconds(4));
  chain.exits[0].leaves = 0.5;
  CHECK(expected_cost(chain, 0).latency == Seconds(4.5));
  CHECK(expected_cost(chain, 1).latency == Seconds(3.5));
  CHECK(expected_cost(chain, 2).latency == Seconds(3));
  CHECK(expected_cost(chain, 2).accuracy == doctest::Approx(0.9));
  chain.exits[0].after = 2;
  CHECK_THROWS_WITH_AS(chain.check(), "chain with exits: exits must be in the order of the layers",
                       std::logic_error);
}

}  // namespace offcut::partition::early_exit_test
