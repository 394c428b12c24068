// Tests of the figures of deployments, and of those that algorithms answer with.

#include "partition/deployment.h"

#include <doctest/doctest.h>

#include <boost/random/uniform_int_distribution.hpp>
#include <stdexcept>

#include "outcome_of.h"
#include "partition/graph_problem.h"
#include "partition/solvers/exit_network.h"
#include "random_problem.h"

namespace offcut::partition::deployment_test {
namespace {

/// Two layers of 3 s on the device and 1 s on the server. The input takes 6 s to send, the tensor
/// between them 2 s.
Problem two_steps() {
  return {{.tiers = {"device", "server"},
           .layers = {"a", "b"},
           .seconds = {{Seconds(3), Seconds(3)}, {Seconds(1), Seconds(1)}},
           .tensors = {{"in", {}, {0}, Bytes(6)},
                       {"a", 0, {1}, Bytes(2)},
                       {"b", 1, {}, Bytes(0), true}},
           .hops = {{BytesPerSecond(1), BytesPerSecond(1), Seconds(0)}}}};
}

Variant variant_of(const Problem& problem, const Assignment& tier_of) {
  return {"", tier_of, evaluate(problem, tier_of)};
}

bool is_valid(const Deployment& deployment, const Problem& problem) {
  try {
    deployment.check(problem);
    return true;
  } catch (const std::logic_error&) {
    return false;
  }
}

}  // namespace

TEST_CASE("deployment: shares, means and makespan of jobs in turn, by hand") {
  // The jobs send for 6 s, compute 3 s and send for 2 s, and compute 6 s: the link is free after
  // 6 s and 8 s, and the device is done after 9 s.
  const Problem problem = two_steps();
  const Deployment deployment{.variants = {variant_of(problem, {1, 1}), variant_of(problem, {0, 1}),
                                           variant_of(problem, {0, 0})},
                              .sequence = {0, 1, 2, 2}};
  deployment.check(problem);
  CHECK(deployment.share_of(2) == 0.5);
  CHECK(deployment.latency() == Seconds((8 + 6 + 6 + 6) / 4.0));
  CHECK(deployment.mean_cost()->up_bytes[0] == Bytes((6 + 2) / 4.0));
  CHECK(deployment.mean_cost()->compute[0] == Seconds((0 + 3 + 6 + 6) / 4.0));
  const auto figure = [&](Measure measure) {
    return measured(measure, problem, deployment.variants[0].cost, &deployment);
  };
  CHECK(figure(Measure::makespan) == Seconds(15));
  CHECK(figure(Measure::longest_latency) == Seconds(8));
  CHECK(figure(Measure::mean_latency) == Seconds(6.5));
  CHECK(figure(Measure::period) == Seconds(6));  // That of the cost.
}

TEST_CASE("deployment: invalid ones") {
  const Problem problem = two_steps();
  const Variant variant = variant_of(problem, {0, 1});
  CHECK(is_valid({.variants = {variant}, .sequence = {0}}, problem));
  CHECK(is_valid({.team = Team()}, problem));
  CHECK(!is_valid({}, problem));
  CHECK(!is_valid({.variants = {variant}, .sequence = {0}, .team = Team()}, problem));
  CHECK(!is_valid({.variants = {variant}, .sequence = {1}}, problem));
  CHECK(!is_valid({.variants = {variant}}, problem));
  CHECK(!is_valid({.variants = {variant}, .order = Deployment::Order::at_random, .odds = {0.5}},
                  problem));
  Variant backwards = variant;
  backwards.tier_of = {1, 0};
  CHECK(!is_valid({.variants = {backwards}, .sequence = {0}}, problem));
  Variant beyond = variant;
  beyond.tier_of = {0, 2};
  CHECK(!is_valid({.variants = {beyond}, .sequence = {0}}, problem));
}

TEST_CASE("deployment: the figures that algorithms promise are those that they report") {
  const auto figure = [](const Plan& plan, const std::string& title) {
    for (const PlanFigure& found : plan.figures) {
      if (found.title() == title) {
        return std::get<double>(found.value);
      }
    }
    return -1.0;
  };
  for (std::uint64_t i = 0; i < 200; ++i) {
    const Problem problem =
        random_problem(591, i, {.least_tiers = 2, .most_tiers = 2, .chain = i % 2 == 0});
    INFO("seed 591, problem " << i << "\n" << to_dot(problem));
    const Plan jobs = plan_of("jps", problem, {{"jobs", 7}});
    CHECK(jobs.measure == Measure::makespan);
    CHECK(jobs.promise.si() == doctest::Approx(figure(jobs, "makespan_s")).epsilon(1e-12));
    const Plan users = plan_of("iao", problem, {{"users", 5}, {"units", 8}, {"serial", 0.25}});
    CHECK(users.measure == Measure::longest_latency);
    CHECK(users.promise.si() == doctest::Approx(figure(users, "longest_latency_s")).epsilon(1e-12));
    const Plan stages = plan_of("throughput", problem);
    CHECK(stages.measure == Measure::period);
    CHECK(stages.promise == stages.cost.bottleneck);
  }
}

TEST_CASE("deployment: the ways out of a chain with exits add up to its expected cost") {
  for (std::uint64_t i = 0; i < 200; ++i) {
    RandomStream random = random_stream(592, "exits", i);
    ExitChain chain{.hop = {BytesPerSecond(3), BytesPerSecond(5), Seconds(0.5)},
                    .hand_over = {Seconds(0.25), Seconds(0.5)},
                    .promotion = Seconds(0.125)};
    const auto draw = [&](int most) {
      return boost::random::uniform_int_distribution<int>(0, most)(random);
    };
    const std::size_t layers = 1 + static_cast<std::size_t>(draw(6));
    chain.bytes.emplace_back(draw(9));
    for (std::size_t layer = 0; layer < layers; ++layer) {
      chain.on_device.emplace_back(draw(9));
      chain.on_server.emplace_back(draw(9));
      chain.bytes.emplace_back(draw(9));
      if (draw(1) == 0) {
        chain.exits.push_back({.after = layer,
                               .on_device = Seconds(draw(4)),
                               .on_server = Seconds(draw(4)),
                               .answer = Bytes(draw(4)),
                               .leaves = draw(4) / 4.0});
      }
    }
    chain.check();
    for (std::size_t cut = 0; cut <= layers; ++cut) {
      const std::vector<double> shares = shares_of_ways(chain);
      Seconds mean;
      Bytes upload;
      for (std::size_t way = 0; way <= chain.exits.size(); ++way) {
        const Cost cost = cost_of_way(chain, cut, way);
        mean += cost.latency() * shares[way];
        upload += cost.up_bytes[0] * shares[way];
      }
      const ExpectedCost expected = expected_cost(chain, cut);
      INFO("chain " << i << ", cut " << cut);
      CHECK(mean.si() == doctest::Approx(expected.latency.si()).epsilon(1e-12));
      CHECK(upload.si() == doctest::Approx(expected.upload.si()).epsilon(1e-12));
    }
  }
}

TEST_CASE("deployment: all requests leave at the exit that edgent chooses") {
  // With a as an exit, requests that leave there take 3 s on the device, and skip b.
  Problem exits = two_steps();
  exits.tensors[1].is_output = true;
  const Plan plan = plan_of("edgent", exits, {{"deadline", 5}});
  REQUIRE(plan.deployment);
  CHECK(plan.latency() == Seconds(3));
  CHECK(plan.deployment->variants.front().name == "a");
  CHECK(plan.deployment->variants.front().skipped == std::vector<LayerId>{1});
  CHECK(plan.tier_of == Assignment{0, 0});
}

TEST_CASE("deployment: limits hold for each variant") {
  Problem problem = two_steps();
  problem.goal.limits.deadline = Seconds(7);  // The input alone takes 6 s, and the layers 2 s.
  const Outcome outcome = outcome_of("jps", problem, {{"jobs", 3}});
  CHECK(
      std::get<Declined>(outcome).reason ==
      "its plan breaks a limit: it takes 8 s, the deadline is 7 s; it does not consider deadline");
  problem.goal.limits.deadline = Seconds(8);
  CHECK(std::holds_alternative<Plan>(outcome_of("jps", problem, {{"jobs", 3}})));
}

}  // namespace offcut::partition::deployment_test
