#include "partition/studies/sensitivity.h"

#include <doctest/doctest.h>

#include <cmath>

#include "../naive.h"
#include "../random_problem.h"

namespace offcut::partition::sensitivity_test {
namespace {

using What = Variation::What;
using Stretches = std::vector<Stretch>;

/// Two layers; the tensors before, between and after them have 80, 20 and 0 bytes. Each layer takes
/// 2 s on the device and no time in the cloud.
Problem two_layers() {
  return {{.tiers = {"device", "cloud"},
           .layers = {"a", "b"},
           .seconds = {{Seconds(2), Seconds(2)}, {Seconds(0), Seconds(0)}},
           .tensors = {{"in", {}, {0}, Bytes(80)},
                       {"middle", 0, {1}, Bytes(20)},
                       {"out", 1, {}, Bytes(0), true}},
           .hops = {{BytesPerSecond(1), BytesPerSecond(1), Seconds(0)}}}};
}

struct Solvers {
  Solvers() { register_algorithms(algorithms); }

  Solver optimum() const {
    return
        [this](const Problem& problem) { return offcut::partition::optimum(algorithms, problem); };
  }

  Registry<Algorithm> algorithms;
};

Stretches stretches_of(const Problem& problem, const Variation& variation) {
  const Solvers solvers;
  return std::get<Stretches>(sensitivity(problem, variation, solvers.optimum()));
}

Variation random_variation(RandomStream& random, const Problem& problem) {
  constexpr What kAll[] = {What::bandwidth, What::up,   What::down,
                           What::latency,   What::load, What::speed};
  Variation variation{.what = kAll[random() % 6], .from = 0.05, .to = 2e3};
  const bool is_tier = variation.what == What::load || variation.what == What::speed;
  const std::size_t places = is_tier ? problem.tier_count() : problem.hops.size();
  variation.where = {random() % places};
  if (random() % 3 == 0 && places > 1) {
    variation.where = {0, 1};
  }
  if (variation.what == What::latency) {
    variation.from = 0;
    variation.to = 20;
  }
  return variation;
}

}  // namespace

TEST_CASE("sensitivity: the breakpoints of two layers by hand") {
  // The device takes 4 s, a cut between the layers 2 + 20 / b, the cloud 80 / b: the cut is as good
  // as the device at b = 10 and as the cloud at b = 30.
  const Stretches found =
      stretches_of(two_layers(), {.what = What::up, .where = {0}, .from = 1, .to = 100});
  REQUIRE(found.size() == 3);
  CHECK(found[0].tier_of == Assignment{0, 0});
  CHECK(found[1].tier_of == Assignment{0, 1});
  CHECK(found[2].tier_of == Assignment{1, 1});
  CHECK(found[0].to == doctest::Approx(10).epsilon(1e-12));
  CHECK(found[1].to == doctest::Approx(30).epsilon(1e-12));
  CHECK(found[1].value_to == doctest::Approx(80.0 / 30).epsilon(1e-12));
  CHECK(found[2].value_to == doctest::Approx(0.8).epsilon(1e-12));
}

TEST_CASE("sensitivity: a faster device takes more") {
  Problem problem = two_layers();
  problem.hops[0].up = BytesPerSecond(20);
  // The device takes 4 / f, the cut 2 / f + 1, and the cloud 4.
  const Stretches found =
      stretches_of(problem, {.what = What::speed, .where = {0}, .from = 0.1, .to = 10});
  REQUIRE(found.size() == 3);
  CHECK(found[0].to == doctest::Approx(2.0 / 3).epsilon(1e-12));
  CHECK(found[1].to == doctest::Approx(2).epsilon(1e-12));
}

TEST_CASE(
    "sensitivity: no plan is better anywhere between, and plans change where they cost the same") {
  const std::uint64_t seed = 801;
  for (std::uint64_t i = 0; i < 300; ++i) {
    Problem problem = random_problem(
        seed, i, {.least_layers = 1, .most_layers = 5, .least_tiers = 2, .most_tiers = 3});
    RandomStream random = random_stream(seed, "variation", i);
    add_objective(random, problem);
    if (problem.goal.objective.bottleneck > 0) {
      problem.goal.objective = {};
    }
    if (i % 3 == 0) {
      add_limits(random, problem);
      problem.goal.limits.deadline.reset();
    }
    const Variation variation = random_variation(random, problem);
    INFO("seed " << seed << ", problem " << i << ", parameter " << int(variation.what) << "\n"
                 << to_dot(problem));
    if (naive_optimum(problem) == INFINITY) {
      const Solvers solvers;
      CHECK(std::holds_alternative<Declined>(sensitivity(problem, variation, solvers.optimum())));
      continue;
    }
    const Stretches found = stretches_of(problem, variation);
    REQUIRE(!found.empty());
    CHECK(found.front().from == variation.from);
    CHECK(found.back().to == variation.to);
    for (std::size_t k = 0; k < found.size(); ++k) {
      const Stretch& stretch = found[k];
      CHECK(stretch.from < stretch.to);
      for (int step = 0; step <= 8; ++step) {
        const double value = stretch.from + (stretch.to - stretch.from) * step / 8;
        const Problem there = varied(problem, variation, value);
        const auto ours = naive_cost(there, stretch.tier_of);
        REQUIRE(ours);
        CHECK(ours->value(there.goal.objective) ==
              doctest::Approx(naive_optimum(there)).epsilon(1e-9));
      }
      const Problem end = varied(problem, variation, stretch.to);
      CHECK(naive_cost(end, stretch.tier_of)->value(end.goal.objective) ==
            doctest::Approx(stretch.value_to).epsilon(1e-9));
      if (k > 0) {
        CHECK(found[k - 1].to == stretch.from);
        CHECK(found[k - 1].tier_of != stretch.tier_of);
        CHECK(found[k - 1].value_to == doctest::Approx(stretch.value_from).epsilon(1e-9));
      }
    }
  }
}

TEST_CASE("sensitivity: declines costs that are not linear") {
  const Solvers solvers;
  const Variation variation{.what = What::up, .where = {0}, .from = 1, .to = 2};
  Problem problem = two_layers();
  problem.goal.objective = {0, 0, 0, 1};
  CHECK(std::holds_alternative<Declined>(sensitivity(problem, variation, solvers.optimum())));
  problem.goal.objective = {};
  problem.goal.limits.deadline = Seconds(10);
  CHECK(std::holds_alternative<Declined>(sensitivity(problem, variation, solvers.optimum())));
}

}  // namespace offcut::partition::sensitivity_test
