// Tests of jps, iao and edgent: plans for many jobs, for many users, and for a deadline.

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>
#include <string>

#include "../between.h"
#include "../naive.h"
#include "../outcome_of.h"
#include "../random_problem.h"
#include "partition/solvers/prefix_cuts.h"

namespace offcut::partition::many_test {
namespace {

std::string reason(const Outcome& outcome) { return std::get<Declined>(outcome).reason; }

double figure(const Plan& plan, const std::string& title) {
  for (const PlanFigure& figure : plan.figures) {
    if (figure.title() == title) {
      return std::get<double>(figure.value);
    }
  }
  return std::numeric_limits<double>::quiet_NaN();
}

/// Two layers take 3 s each on the device and 1 s on the server. The input takes 6 s to send, the
/// tensor between them 2 s; the answer has no bytes.
Problem two_layers() {
  return {{.tiers = {"device", "server"},
           .layers = {"a", "b"},
           .seconds = {{Seconds(3), Seconds(3)}, {Seconds(1), Seconds(1)}},
           .tensors = {{"in", {}, {0}, Bytes(6)},
                       {"a", 0, {1}, Bytes(2)},
                       {"b", 1, {}, Bytes(0), true}},
           .hops = {{BytesPerSecond(1), BytesPerSecond(1), Seconds(0)}}}};
}

}  // namespace

TEST_CASE("jps: the cut and the order of each job") {
  // The cuts have (compute, upload) = (0, 6), (3, 2), (6, 0). Three jobs cut after a take
  // 3 * 3 + 2 = 11 s. With one of each, the link is busy with the input until 6 s and with a until
  // 8 s, while the device computes for 3 + 6 s.
  const Plan plan = plan_of("jps", two_layers(), {{"jobs", 3}});
  CHECK(plan.figures == std::vector<PlanFigure>{{"makespan", "s", 9.0},
                                                {"single_cut_makespan", "s", 11.0},
                                                {"job 1", "", "input"},
                                                {"job 2", "", "a"},
                                                {"job 3", "", "b"}});
  CHECK(plan.makespan == Seconds(9));
  CHECK(plan.tier_of == Assignment{1, 1});  // All cuts have the same frequency.
  CHECK(plan_of("jps", two_layers(), {{"jobs", 7}}).figures[3].name == "jobs 2..7");
  CHECK(
      reason(outcome_of("jps", random_problem(581, 0, {.least_tiers = 3, .most_tiers = 3}), {})) ==
      "it plans for a device and one server, not 3 tiers; leave out all tiers but 'device' and "
      "one other, and connect them by one hop");
}

TEST_CASE("jps: one job ends with its upload, at the earliest time of any cut") {
  for (std::uint64_t i = 0; i < 300; ++i) {
    Problem problem = random_problem(582, i, {.least_tiers = 2, .most_tiers = 2});
    RandomStream random = random_stream(582, "codings", i);
    add_codings(random, problem);
    problem.hops[0].payload = i % 2 == 0 ? 1 : 0.5;
    problem.per_request = {Seconds(0.5), Seconds(0.25)};
    INFO("seed 582, problem " << i << "\n" << to_dot(problem));
    double least = std::numeric_limits<double>::infinity();
    for (std::size_t first = 0; first <= problem.layer_count(); ++first) {
      Assignment tier_of(problem.layer_count(), 1);
      std::fill_n(tier_of.begin(), first, 0);
      const NaiveCost cost = naive_cost(problem, tier_of).value();
      const double rate = problem.hops[0].up.si() * problem.hops[0].payload;
      least = std::min(least, cost.busy[0] + cost.up[0].bytes / rate);
    }
    CHECK(figure(plan_of("jps", problem, {{"jobs", 1}}), "makespan_s") ==
          doctest::Approx(least).epsilon(1e-12));
  }
}

TEST_CASE("iao: cuts and shares of users who share the second tier") {
  // With u units, the cuts take 6 + 2 / u, 3 + 2 + 1 / u and 6 s. For three users, 2 units don't
  // help: one user would still take 6 s, as all do without units.
  const Plan without = plan_of("iao", two_layers(), {{"users", 3}, {"units", 2}});
  CHECK(figure(without, "longest_latency_s") == 6);
  // With six units, each user gets two and takes 5.5 s.
  const Plan plan = plan_of("iao", two_layers(), {{"users", 3}, {"units", 6}});
  CHECK(plan.figures ==
        std::vector<PlanFigure>{{"longest_latency", "s", 5.5},
                                {"users 1..3", "", "a", {{std::size_t{2}, "units"}}},
                                {"least_mean_latency", "s", 5.5},
                                {"least mean: users 1..3", "", "a", {{std::size_t{2}, "units"}}}});
  CHECK(plan.tier_of == Assignment{0, 1});
  // Serial work does not get faster.
  CHECK(figure(plan_of("iao", two_layers(), {{"users", 3}, {"units", 6}, {"serial", 1}}),
               "longest_latency_s") == 6);
}

TEST_CASE("iao: one user with one unit has the best cut of a chain") {
  for (std::uint64_t i = 0; i < 300; ++i) {
    const Problem problem =
        random_problem(583, i, {.least_tiers = 2, .most_tiers = 2, .chain = true});
    INFO("seed 583, problem " << i << "\n" << to_dot(problem));
    const Plan plan = plan_of("iao", problem, {{"users", 1}, {"units", 1}});
    const double least = naive_optimum(problem);
    CHECK(figure(plan, "longest_latency_s") == doctest::Approx(least).epsilon(1e-12));
    CHECK(figure(plan, "least_mean_latency_s") == doctest::Approx(least).epsilon(1e-12));
    CHECK(plan.cost.latency().si() == doctest::Approx(least).epsilon(1e-12));
  }
}

TEST_CASE("edgent: the best cut if it is in time, otherwise the exit that is") {
  CHECK(plan_of("edgent", two_layers(), {{"deadline", 6}}).tier_of == Assignment{0, 0});
  CHECK(reason(outcome_of("edgent", two_layers(), {{"deadline", 5.9}})) ==
        "no exit answers within 5.9 s");
  CHECK(reason(outcome_of("edgent", two_layers(), {})) ==
        "it needs 'deadline' or exit probabilities");
  // With a as an exit, requests that leave there take 3 s on the device.
  Problem exits = two_layers();
  exits.tensors[1].is_output = true;
  const auto exit_of = [&](double deadline) {
    const Plan plan = plan_of("edgent", exits, {{"deadline", deadline}});
    return fmt::format("{} after {}", plan.deployment->variants.at(0).name,
                       to_readable(plan.latency()));
  };
  CHECK(exit_of(5) == "a after 3 s");
  CHECK(exit_of(7) == "b after 6 s");
}

/// Returns the least value of `join` over the users' latencies, for all shares and all cuts.
double best_by_hand(const std::vector<Problem>& users, std::size_t units,
                    const std::function<double(double, double)>& join) {
  double least = INFINITY;
  std::vector<std::size_t> units_of(users.size(), 0);
  while (true) {
    double value = 0;
    for (std::size_t user = 0; user < users.size(); ++user) {
      double own = INFINITY;
      Assignment tier_of(users[user].layer_count(), 1);
      for (std::size_t cut = 0; cut <= tier_of.size(); ++cut) {
        std::fill_n(tier_of.begin(), cut, 0);
        const Cost cost = evaluate(users[user], tier_of);
        const double server = cost.compute[1].si();
        const double before = cost.latency().si() - server;
        own = std::min(
            own, server == 0 ? before : before + server / static_cast<double>(units_of[user]));
      }
      value = join(value, own);
    }
    if (std::accumulate(units_of.begin(), units_of.end(), std::size_t{0}) <= units) {
      least = std::min(least, value);
    }
    std::size_t digit = 0;  // Counts up to the next shares.
    while (digit < units_of.size() && ++units_of[digit] > units) {
      units_of[digit++] = 0;
    }
    if (digit == units_of.size()) {
      return least;
    }
  }
}

TEST_CASE("iao: classes of different devices share the server as in an exhaustive search") {
  int helped = 0;
  for (std::uint64_t i = 0; i < 200; ++i) {
    Problem problem = random_problem(585, i, {.most_layers = 5, .least_tiers = 2, .most_tiers = 2});
    const Problem other = random_problem(
        586, i, {.least_layers = 1, .most_layers = 5, .least_tiers = 2, .most_tiers = 2});
    RandomStream random = random_stream(585, "classes", i);
    const Between between{random};
    DeviceClass tablets{.name = "tablet", .count = 2, .seconds = {}, .hop = other.hops[0]};
    for (LayerId layer = 0; layer < problem.layer_count(); ++layer) {
      problem.seconds[0][layer] += Seconds(between(0, 40));  // This makes the server worth using.
      tablets.seconds.emplace_back(between(0, 40));
    }
    problem.per_request = {Seconds(between(0, 4)), Seconds(between(0, 4))};
    problem.radio.promotion = Seconds(between(0, 4));
    tablets.per_request = Seconds(between(0, 4));
    tablets.radio.promotion = Seconds(between(0, 4));
    Problem with_tablet = problem;
    with_tablet.seconds[0] = tablets.seconds;
    with_tablet.per_request[0] = tablets.per_request;
    with_tablet.radio = tablets.radio;
    with_tablet.hops[0] = tablets.hop;
    problem.extras.classes = {tablets};
    problem.check();
    INFO("problem " << i << "\n" << to_dot(problem));
    const Plan plan = plan_of("iao", problem, {{"users", 1}, {"units", 4}});
    const std::vector<Problem> users = {problem, with_tablet, with_tablet};
    const double longest =
        best_by_hand(users, 4, [](double a, double b) { return std::max(a, b); });
    const double sum = best_by_hand(users, 4, [](double a, double b) { return a + b; });
    CHECK(figure(plan, "longest_latency_s") == doctest::Approx(longest).epsilon(1e-12));
    CHECK(figure(plan, "least_mean_latency_s") == doctest::Approx(sum / 3).epsilon(1e-12));
    helped += best_by_hand(users, 0, [](double a, double b) { return a + b; }) > sum ? 1 : 0;
  }
  CHECK(helped > 100);
}

TEST_CASE("iao: names the class of each user, and plans those of the first tier") {
  // The device takes 6 s. Tablets take 20 s by themselves, or 1 s to send the input and 2 s on a
  // unit.
  Problem problem = two_layers();
  problem.extras.classes = {{.name = "tablet",
                             .count = 2,
                             .seconds = {Seconds(10), Seconds(10)},
                             .hop = {BytesPerSecond(6), BytesPerSecond(6), Seconds(0)}}};
  const Plan plan = plan_of("iao", problem, {{"users", 1}, {"units", 2}});
  std::vector<std::string> lines;
  for (const PlanFigure& figure : plan.figures) {
    lines.push_back(figure.title() + ": " + figure.text());
  }
  CHECK(lines == std::vector<std::string>{"longest_latency_s: 6", "device user 1: b, 0 units",
                                          "tablet users 1..2: input, 1 units",
                                          "least_mean_latency_s: 4",
                                          "least mean: device user 1: b, 0 units",
                                          "least mean: tablet users 1..2: input, 1 units"});
  CHECK(plan.tier_of == Assignment{0, 0});
}

TEST_CASE("prefix cuts: from the input to the last layer, each monotone") {
  for (std::uint64_t i = 0; i < 100; ++i) {
    const Problem problem = random_problem(584, i, {.least_tiers = 2, .most_tiers = 2});
    const std::vector<PrefixCut> cuts = prefix_cuts(problem);
    REQUIRE(cuts.size() == problem.layer_count() + 1);
    CHECK(cuts.front().after == "input");
    CHECK(cuts.back().after == problem.layers.back());
    for (const PrefixCut& cut : cuts) {
      CHECK(naive_seconds(problem, cut.tier_of).value() ==
            doctest::Approx(cut.cost.latency().si()).epsilon(1e-12));
    }
  }
  CHECK(most_frequent({2, 1, 1, 2, 3}) == 2);
}

}  // namespace offcut::partition::many_test
