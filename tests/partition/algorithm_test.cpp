// What every registered algorithm must do, on random problems, and what holds for the optimum.

#include "partition/algorithm.h"

#include <doctest/doctest.h>

#include <stdexcept>

#include "models/graph/graph.h"
#include "naive.h"
#include "partition/solvers/chain.h"
#include "random_codecs.h"
#include "random_problem.h"

namespace offcut::partition {
namespace {

struct Algorithms : Registry<Algorithm> {
  Algorithms() { register_algorithms(*this); }
};

Seconds optimum(const Algorithms& algorithms, const Problem& problem) {
  const Algorithm& brute_force = *algorithms.find("brute-force");
  return std::get<Plan>(solve(brute_force, problem, defaults(brute_force.parameters)))
      .cost.latency();
}

/// Cheaper by more than rounding.
bool beats(Seconds a, Seconds b) { return a.si() < b.si() * (1 - 1e-12); }

void check_plan(const Algorithm& algorithm, const Problem& problem, const Plan& plan,
                Seconds least) {
  CHECK(plan.algorithm == algorithm.name);
  CHECK_NOTHROW(verify(problem, plan));
  const auto seconds = naive_seconds(problem, plan.tier_of);
  REQUIRE(seconds.has_value());
  CHECK(plan.cost.latency().si() == doctest::Approx(*seconds).epsilon(1e-12));
  CHECK(!beats(plan.cost.latency(), least));
  CHECK((algorithm.proof != Proof::none || !plan.bound));
  if (proves_optimum(algorithm)) {
    CHECK(plan.bound.has_value());
    CHECK(!beats(least, plan.cost.latency()));
  }
  if (algorithm.proof == Proof::optimum_of_chain) {
    CHECK(chain_of(problem).has_value());
  }
}

void check_same(const Outcome& a, const Outcome& b) {
  REQUIRE(a.index() == b.index());
  if (const auto* declined = std::get_if<Declined>(&a)) {
    CHECK(declined->reason == std::get<Declined>(b).reason);
    return;
  }
  const Plan& one = std::get<Plan>(a);
  const Plan& other = std::get<Plan>(b);
  CHECK(one.tier_of == other.tier_of);
  CHECK(one.codecs == other.codecs);
  CHECK(one.bound == other.bound);
  CHECK(one.note == other.note);
  CHECK(one.figures == other.figures);
}

/// An extra that algorithms may take, and how a random problem gets one.
struct Extra {
  const char* name;
  bool Takes::*taken;
  void (*add)(Problem&, std::uint64_t);
};

void add_graph(Problem& problem, std::uint64_t) {
  static const Graph graph("another");
  problem.extras.graph = &graph;
}

void add_classes(Problem& problem, std::uint64_t) {
  for (const char* name : {"tablet", "watch"}) {
    problem.extras.classes.push_back(
        {.name = name, .count = 3, .seconds = problem.seconds.back(), .hop = problem.hops.front()});
  }
  problem.check();
}

void add_exits(Problem& problem, std::uint64_t) {
  for (const CrossingTensor& tensor : problem.tensors) {
    if (tensor.is_output) {
      problem.extras.exits.push_back({.output = tensor.name, .leaves = 0.5, .accuracy = 0.9});
    }
  }
  problem.check();
}

constexpr Extra kExtras[] = {{"graph", &Takes::graph, add_graph},
                             {"accuracy", &Takes::accuracy, add_random_codecs},
                             {"classes", &Takes::classes, add_classes},
                             {"exits", &Takes::exits, add_exits}};

}  // namespace

TEST_CASE("algorithms: each one's answers are valid, cost what they say, and repeat") {
  const Algorithms algorithms;
  REQUIRE(algorithms.find("brute-force")->proof == Proof::optimum);
  const std::uint64_t seed = 401;
  for (std::uint64_t i = 0; i < 400; ++i) {
    const Problem problem = random_problem(seed, i, {.plain = i % 2 == 0});
    const Seconds least = optimum(algorithms, problem);
    for (const auto& [name, algorithm] : algorithms) {
      INFO("seed " << seed << ", problem " << i << ", " << name << "\n" << to_dot(problem));
      const Parameters parameters = defaults(algorithm.parameters);
      const Outcome once = solve(algorithm, problem, parameters);
      const Outcome again = solve(algorithm, problem, parameters);
      REQUIRE(once.index() == again.index());
      if (const auto* declined = std::get_if<Declined>(&once)) {
        CHECK(!declined->reason.empty());
        CHECK(declined->reason == std::get<Declined>(again).reason);
      } else {
        CHECK(std::get<Plan>(once).tier_of == std::get<Plan>(again).tier_of);
        CHECK(std::get<Plan>(once).note == std::get<Plan>(again).note);
        check_plan(algorithm, problem, std::get<Plan>(once), least);
      }
    }
  }
}

TEST_CASE("algorithms: an extra that one does not take never changes its answer") {
  const Algorithms algorithms;
  for (const Extra& extra : kExtras) {
    CAPTURE(std::string(extra.name));
    std::size_t taking = 0;
    for (const auto& [name, algorithm] : algorithms) {
      CAPTURE(name);
      if (algorithm.takes.*extra.taken) {
        ++taking;
        continue;
      }
      for (std::uint64_t i = 0; i < 60; ++i) {
        const Problem without = random_problem(409, i, {.least_tiers = 2, .plain = i % 2 == 0});
        Problem with = without;
        extra.add(with, i);
        CAPTURE(to_dot(with));
        check_same(solve(algorithm, without, defaults(algorithm.parameters)),
                   solve(algorithm, with, defaults(algorithm.parameters)));
      }
    }
    CHECK(taking > 0);
  }
}

TEST_CASE("algorithms: each one has what lists and reports print") {
  for (const auto& [name, algorithm] : Algorithms()) {
    INFO(name);
    CHECK(name == algorithm.name);
    CHECK(!algorithm.doc.empty());
    CHECK(!algorithm.citation.empty());
    for (const ParameterSpec& parameter : algorithm.parameters) {
      CHECK(!parameter.doc.empty());
    }
  }
}

TEST_CASE("algorithms: with one tier, everything is on it or declined") {
  const Algorithms algorithms;
  const Problem problem = random_problem(402, 0, {.most_tiers = 1});
  for (const auto& [name, algorithm] : algorithms) {
    INFO(name);
    const Outcome outcome = solve(algorithm, problem, defaults(algorithm.parameters));
    if (const auto* plan = std::get_if<Plan>(&outcome)) {
      CHECK(plan->tier_of == Assignment(problem.layer_count(), 0));
    }
  }
}

TEST_CASE("solve: what an algorithm answers is checked before anyone sees it") {
  const Hop hop{BytesPerSecond(1), BytesPerSecond(1), Seconds(0)};
  const Problem problem = {{.tiers = {"device", "cloud"},
                            .layers = {"a", "b"},
                            .seconds = {2, {Seconds(1), Seconds(1)}},
                            .tensors = {{"a", 0, {1}, Bytes(1)}},
                            .hops = {hop}}};
  const auto answer = [&](auto solve_it) {
    try {
      solve({.name = "wrong", .solve = solve_it}, problem, {});
    } catch (const std::logic_error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  CHECK(answer([](const Problem&, const Parameters&) -> Answer { return Assignment{0}; }) ==
        "plan of 'wrong': 1 layers assigned of 2");
  CHECK(answer([](const Problem&, const Parameters&) -> Answer {
          return Assignment{1, 0};
        }) == "plan of 'wrong': tensor 'a' would bounce back from 'cloud' to 'device'");
  CHECK(answer([](const Problem&, const Parameters&) -> Answer { return Assignment{0, 1}; }) == "");
}

TEST_CASE("solve: objectives that an algorithm does not take, and limits that its plan breaks") {
  Problem problem = random_problem(402, 1, {.least_layers = 3, .least_tiers = 2, .chain = true});
  const auto reason = [&](const Algorithm& algorithm) {
    const Outcome outcome = solve(algorithm, problem, {});
    const auto* declined = std::get_if<Declined>(&outcome);
    return declined != nullptr ? declined->reason : "";
  };
  Algorithm outward{.name = "outward", .solve = [](const Problem& of, const Parameters&) {
                      return Assignment(of.layer_count(), of.tier_count() - 1);
                    }};
  CHECK(reason(outward) == "");
  problem.goal.objective = {.latency = 0, .bottleneck = 1};
  CHECK(reason(outward) == "");
  outward.objectives = Objectives::linear;
  CHECK(reason(outward) ==
        "it minimises sums over layers and tensors, which the longest stage is not");
  problem.goal.objective = {.latency = 1, .energy = 1};
  CHECK(reason(outward) == "");
  outward.objectives = Objectives::latency;
  CHECK(reason(outward) == "it minimises the latency and nothing else");
  problem.goal.objective = {};
  problem.goal.limits.pinned = {0};
  CHECK(reason(outward) ==
        "its plan breaks a limit: layer 'layer0' leaves 'device'; it looks for none within pins");
  outward.within.pins = true;
  CHECK(reason(outward) == "its plan breaks a limit: layer 'layer0' leaves 'device'");
}

TEST_CASE("optimum: more bandwidth or less latency on any hop never raises it") {
  const Algorithms algorithms;
  const std::uint64_t seed = 403;
  for (std::uint64_t i = 0; i < 300; ++i) {
    const Problem before = random_problem(seed, i, {.least_tiers = 2});
    const Seconds least = optimum(algorithms, before);
    for (std::size_t hop = 0; hop < before.hops.size(); ++hop) {
      INFO("seed " << seed << ", problem " << i << ", hop " << hop << "\n" << to_dot(before));
      Problem after = before;
      after.hops[hop].up = before.hops[hop].up * 1.5;
      CHECK(!beats(least, optimum(algorithms, after)));
      after.hops[hop].down = before.hops[hop].down * 2;
      CHECK(!beats(least, optimum(algorithms, after)));
      after.hops[hop].latency = before.hops[hop].latency / 2;
      CHECK(!beats(least, optimum(algorithms, after)));
    }
  }
}

TEST_CASE("optimum: a faster layer or a smaller tensor never raises it") {
  const Algorithms algorithms;
  const std::uint64_t seed = 404;
  for (std::uint64_t i = 0; i < 200; ++i) {
    const Problem before = random_problem(seed, i, {.most_layers = 5});
    const Seconds least = optimum(algorithms, before);
    INFO("seed " << seed << ", problem " << i << "\n" << to_dot(before));
    for (std::size_t tier = 0; tier < before.tier_count(); ++tier) {
      for (LayerId layer = 0; layer < before.layer_count(); ++layer) {
        Problem after = before;
        after.seconds[tier][layer] = before.seconds[tier][layer] / 2;
        CHECK(!beats(least, optimum(algorithms, after)));
      }
    }
    for (std::size_t tensor = 0; tensor < before.tensors.size(); ++tensor) {
      Problem after = before;
      after.tensors[tensor].bytes = Bytes(0);
      CHECK(!beats(least, optimum(algorithms, after)));
    }
  }
}

TEST_CASE("optimum: a tier more never raises it") {
  // The same problem without its last tier has only some of its assignments.
  const Algorithms algorithms;
  const std::uint64_t seed = 405;
  for (std::uint64_t i = 0; i < 300; ++i) {
    const Problem problem = random_problem(seed, i, {.least_tiers = 2});
    INFO("seed " << seed << ", problem " << i << "\n" << to_dot(problem));
    Problem without = problem;
    without.tiers.pop_back();
    without.seconds.pop_back();
    without.hops.pop_back();
    CHECK(!beats(optimum(algorithms, without), optimum(algorithms, problem)));
  }
}

TEST_CASE("optimum: twice the bytes on links twice as fast change nothing") {
  const Algorithms algorithms;
  const std::uint64_t seed = 406;
  for (std::uint64_t i = 0; i < 300; ++i) {
    const Problem before = random_problem(seed, i);
    INFO("seed " << seed << ", problem " << i << "\n" << to_dot(before));
    Problem after = before;
    for (CrossingTensor& tensor : after.tensors) {
      tensor.bytes = tensor.bytes * 2;
    }
    for (Hop& hop : after.hops) {
      hop.up = hop.up * 2;
      hop.down = hop.down * 2;
    }
    CHECK(optimum(algorithms, after) == optimum(algorithms, before));  // powers of two: exactly
  }
}

TEST_CASE("optimum: a layer that takes no time, put before an answer, changes nothing") {
  const Algorithms algorithms;
  const std::uint64_t seed = 407;
  for (std::uint64_t i = 0; i < 200; ++i) {
    const Problem before = random_problem(seed, i, {.most_layers = 6, .plain = true});
    INFO("seed " << seed << ", problem " << i << "\n" << to_dot(before));
    Problem after = before;
    after.layers.emplace_back("identity");
    for (auto& row : after.seconds) {
      row.emplace_back(0);
    }
    CrossingTensor& answer = after.tensors.back();
    REQUIRE(answer.is_output);
    after.tensors.push_back({"copy", after.layer_count() - 1, {}, answer.bytes, true});
    after.tensors[after.tensors.size() - 2].is_output = false;
    after.tensors[after.tensors.size() - 2].consumers = {after.layer_count() - 1};
    CHECK(optimum(algorithms, after).si() ==
          doctest::Approx(optimum(algorithms, before).si()).epsilon(1e-12));
  }
}

TEST_CASE("optimum: the ends of the bandwidth scale") {
  // With links that are all but infinitely fast, each layer runs where it is fastest without going
  // back; where the last tier is fastest at all, all goes there. With links that are all but dead,
  // all stays, provided that it is one network whose answer must come home.
  const Algorithms algorithms;
  const Algorithm& brute_force = *algorithms.find("brute-force");
  const std::uint64_t seed = 408;
  for (std::uint64_t i = 0; i < 200; ++i) {
    Problem problem = random_problem(seed, i, {.least_tiers = 2, .plain = true});
    for (LayerId layer = 0; layer < problem.layer_count(); ++layer) {
      for (std::size_t tier = 0; tier < problem.tier_count(); ++tier) {
        problem.seconds[tier][layer] = Seconds(static_cast<double>(problem.tier_count() - tier));
      }
    }
    for (CrossingTensor& tensor : problem.tensors) {
      tensor.bytes += Bytes(1);
    }
    const auto plan_with = [&](double bandwidth) {
      for (Hop& hop : problem.hops) {
        hop = {BytesPerSecond(bandwidth), BytesPerSecond(bandwidth), Seconds(0)};
      }
      return std::get<Plan>(solve(brute_force, problem, defaults(brute_force.parameters))).tier_of;
    };
    INFO("seed " << seed << ", problem " << i << "\n" << to_dot(problem));
    CHECK(plan_with(1e12) == Assignment(problem.layer_count(), problem.tier_count() - 1));
    CHECK(plan_with(1e-9) == Assignment(problem.layer_count(), 0));
  }
}

}  // namespace offcut::partition
