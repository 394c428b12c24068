// Contracts of every registered algorithm on random problems, properties of the optimum, and errors
// in algorithms.

#include "partition/algorithm.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "models/graph/graph.h"
#include "naive.h"
#include "partition/solvers/chain.h"
#include "random_codecs.h"
#include "random_problem.h"

namespace offcut::partition::algorithm_test {
namespace {

struct Algorithms : Registry<Algorithm> {
  Algorithms() { register_algorithms(*this); }
};

Seconds optimum(const Algorithms& algorithms, const Problem& problem) {
  const Algorithm& brute_force = *algorithms.find("brute-force");
  return std::get<Plan>(solve(brute_force, problem, defaults(brute_force.parameters)))
      .cost.latency();
}

/// Returns whether `a` is less than `b` by more than rounding.
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
  REQUIRE(!std::holds_alternative<Failed>(a));
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

/// An extra that algorithms may take, and a function that adds it to a random problem.
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

TEST_CASE("algorithms: answers are valid, have the stated cost, and are reproducible" *
          doctest::test_suite("slow")) {
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
      REQUIRE(!std::holds_alternative<Failed>(once));
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

TEST_CASE("algorithms: an extra that an algorithm does not take never changes its answer" *
          doctest::test_suite("slow")) {
  const Algorithms algorithms;
  for (const Extra& extra : kExtras) {
    CAPTURE(std::string(extra.name));
    const auto takes_it = [&](const auto& entry) { return entry.second.takes.*extra.taken; };
    CHECK(std::any_of(algorithms.begin(), algorithms.end(), takes_it));
    for (std::uint64_t i = 0; i < 60; ++i) {
      const Problem without = random_problem(
          409, i, {.most_layers = 5, .least_tiers = 2, .most_tiers = 3, .plain = i % 2 == 0});
      Problem with = without;
      extra.add(with, i);
      CAPTURE(to_dot(with));
      for (const auto& [name, algorithm] : algorithms) {
        CAPTURE(name);
        if (!(algorithm.takes.*extra.taken)) {
          const Parameters parameters = defaults(algorithm.parameters);
          check_same(solve(algorithm, without, parameters), solve(algorithm, with, parameters));
        }
      }
    }
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

TEST_CASE("algorithms: each one states how its time grows") {
  const Algorithms algorithms;
  for (const auto& [name, algorithm] : algorithms) {
    INFO(name);
    CHECK(!algorithm.growth.text.empty());
    if (!algorithm.growth.seconds) {
      continue;
    }
    double before = 0;
    for (const std::size_t layers : {std::size_t{2}, std::size_t{20}, std::size_t{200}}) {
      const Problem problem = random_problem(403, layers,
                                             {.least_layers = layers,
                                              .most_layers = layers,
                                              .least_tiers = 3,
                                              .most_tiers = 3,
                                              .chain = true});
      const double seconds = algorithm.growth.seconds(problem, defaults(algorithm.parameters));
      CHECK(std::isfinite(seconds));
      CHECK(seconds >= before);
      before = seconds;
    }
    CHECK(before > 0);
    CHECK(before < 10);  // Small problems are within the usual budget.
  }
}

TEST_CASE("algorithms: with one tier, all layers are on it, or the algorithm declines") {
  const Algorithms algorithms;
  const Problem problem = random_problem(402, 0, {.most_tiers = 1});
  for (const auto& [name, algorithm] : algorithms) {
    INFO(name);
    const Outcome outcome = solve(algorithm, problem, defaults(algorithm.parameters));
    CHECK(!std::holds_alternative<Failed>(outcome));
    if (const auto* plan = std::get_if<Plan>(&outcome)) {
      CHECK(plan->tier_of == Assignment(problem.layer_count(), 0));
    }
  }
}

TEST_CASE("solve: an error in an algorithm becomes its answer, with the reason") {
  const Hop hop{BytesPerSecond(1), BytesPerSecond(1), Seconds(0)};
  const Problem problem = {{.tiers = {"device", "cloud"},
                            .layers = {"a", "b"},
                            .seconds = {2, {Seconds(1), Seconds(1)}},
                            .tensors = {{"a", 0, {1}, Bytes(1)}},
                            .hops = {hop}}};
  const std::vector<ParameterSpec> specs = {{.name = "rounds", .fallback = 1}};
  using Function = std::function<Answer(const Problem&, const Parameters&)>;
  const auto error_in = [&](Function function) {
    const Outcome outcome =
        solve({.name = "wrong", .solve = std::move(function)}, problem, defaults(specs));
    const auto* failed = std::get_if<Failed>(&outcome);
    return failed != nullptr ? failed->reason : "";
  };
  const auto always = [](Answer answer) {
    return [answer](const Problem&, const Parameters&) { return answer; };
  };
  CHECK(error_in(always(Assignment{0, 1})) == "");
  CHECK(error_in(always(Declined{"not today"})) == "");
  CHECK(error_in(always(Assignment{0})) == "its plan places 1 layers, but the problem has 2");
  CHECK(error_in(always(Assignment{})) == "its plan places 0 layers, but the problem has 2");
  CHECK(error_in(always(Assignment{0, 0, 0})) == "its plan places 3 layers, but the problem has 2");
  CHECK(error_in(always(Assignment{0, 2})) ==
        "its plan puts layer 'b' on tier 2, but the last tier is 1");
  CHECK(error_in(always(Assignment{0, std::size_t(-1)})) ==
        "its plan puts layer 'b' on tier 18446744073709551615, but the last tier is 1");
  CHECK(error_in(always(Assignment{1, 0})) ==
        "its plan sends tensor 'a' back from 'cloud' to 'device'");
  CHECK(error_in(always({Assignment{0, 0}, 3.0})) == "its plan costs 2, less than its bound 3");
  Answer coded = Assignment{0, 1};
  coded.codecs = CodecOf{{"a", "int8"}};
  CHECK(error_in(always(coded)) ==
        "its plan gives tensor 'a' the codec 'int8', which it can't have");
  CHECK(error_in([](const Problem&, const Parameters& parameters) -> Answer {
          return Assignment(2, static_cast<std::size_t>(parameters.at("round")));
        }) ==
        "it threw an exception: there is no parameter 'round' of type number; did you mean "
        "'rounds'?");
  CHECK(error_in([](const Problem& one, const Parameters&) -> Answer {
          return Assignment{one.seconds.at(7).size()};
        }).starts_with("it threw an exception: vector::_M_range_check"));
  CHECK(error_in(nullptr) == "it threw an exception: bad_function_call");
  CHECK(error_in([](const Problem&, const Parameters&) -> Answer {
          throw std::runtime_error("one line\nand another");
        }) == "it threw an exception: one line and another");
}

TEST_CASE("solve: objectives that an algorithm does not accept, and limits that its plan breaks") {
  Problem problem = random_problem(402, 1, {.least_layers = 3, .least_tiers = 2, .chain = true});
  const auto reason = [&](const Algorithm& algorithm) {
    const Outcome outcome = solve(algorithm, problem, {});
    const auto* declined = std::get_if<Declined>(&outcome);
    return declined != nullptr ? declined->reason : "";
  };
  Algorithm outward{.name = "outward", .solve = [](const Problem& one, const Parameters&) {
                      return Assignment(one.layer_count(), one.tier_count() - 1);
                    }};
  CHECK(reason(outward) == "");
  problem.goal.objective = {.latency = 0, .bottleneck = 1};
  CHECK(reason(outward) == "");
  outward.objectives = Objectives::linear;
  CHECK(reason(outward) ==
        "it minimises sums over layers and tensors; the longest stage is not such a sum");
  problem.goal.objective = {.latency = 1, .energy = 1};
  CHECK(reason(outward) == "");
  outward.objectives = Objectives::latency;
  CHECK(reason(outward) == "it minimises only the latency");
  problem.goal.objective = {};
  problem.goal.limits.pinned = {0};
  CHECK(reason(outward) ==
        "its plan breaks a limit: layer 'layer0' leaves 'device'; it does not consider pins");
}

TEST_CASE("solve: a limit that an algorithm claims to keep, and doesn't") {
  Problem problem = random_problem(402, 1, {.least_layers = 3, .least_tiers = 2, .chain = true});
  const std::vector<LayerMemory> needs(problem.layer_count(), {Bytes(1000), Bytes(0)});
  const auto error = [&](Within within, Limits limits) {
    problem.memory = needs;
    problem.goal.limits = std::move(limits);
    const Algorithm outward{
        .name = "outward", .within = within, .solve = [](const Problem& one, const Parameters&) {
          return Assignment(one.layer_count(), one.tier_count() - 1);
        }};
    const Outcome outcome = solve(outward, problem, {});
    const auto* failed = std::get_if<Failed>(&outcome);
    return failed != nullptr ? failed->reason : "";
  };
  const std::string claim = "its plan breaks a limit that it claims to keep: ";
  CHECK(error({}, {.pinned = {0}}) == "");
  CHECK(error({.pins = true}, {.pinned = {0}}) == claim + "layer 'layer0' leaves 'device'");
  Limits memory;
  memory.memory.resize(problem.tier_count());
  memory.memory.back() = Bytes(1);
  CHECK(error({.pins = true}, memory) == "");
  CHECK(error({.memory = true}, memory).starts_with(claim + "'" + problem.tiers.back()));
  CHECK(error({.pins = true, .memory = true}, {.deadline = Seconds(0)}) == "");
  CHECK(error({.deadline = true}, {.deadline = Seconds(0)}).starts_with(claim + "it takes "));
  CHECK(error({.pins = true, .memory = true, .deadline = true}, {}) == "");
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

TEST_CASE("optimum: another tier never raises it") {
  // Without its last tier, a problem has only some of its assignments.
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

TEST_CASE("optimum: twice the bytes on links that are twice as fast change nothing") {
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
    CHECK(optimum(algorithms, after) == optimum(algorithms, before));  // Powers of two are exact.
  }
}

TEST_CASE("optimum: a layer that takes no time before an output changes nothing") {
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

TEST_CASE("optimum: very fast and very slow links") {
  // If links take almost no time and the last tier is the fastest for all layers, all layers run
  // there. If links are almost dead, all layers stay on the device, provided that the network is
  // connected and its answer must come back.
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

}  // namespace offcut::partition::algorithm_test
