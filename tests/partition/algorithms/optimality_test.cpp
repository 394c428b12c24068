// Compares every algorithm with brute-force, on random DAGs with random objectives and limits.

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <numeric>

#include "../naive.h"
#include "../random_problem.h"
#include "partition/algorithm.h"

namespace offcut::partition::optimality_test {
namespace {

struct Algorithms : Registry<Algorithm> {
  Algorithms() { register_algorithms(*this); }
};

/// Returns problem number i: up to 12 layers on 2 to 4 tiers; one third are chains, one third are
/// networks with one input and one output; half have another objective than the latency, and half
/// have limits.
Problem problem_of_test(std::uint64_t seed, std::uint64_t i) {
  Problem problem = random_problem(
      seed, i, {.most_layers = 12, .least_tiers = 2, .plain = i % 3 == 1, .chain = i % 3 == 2});
  RandomStream random = random_stream(seed, "objective and limits", i);
  if (i / 3 % 4 > 1) {
    add_objective(random, problem);
  }
  if (i / 3 % 2 == 1) {
    add_limits(random, problem);
  }
  return problem;
}

double value(const Problem& problem, const Plan& plan) {
  return weigh(problem.goal.objective, plan.cost);
}

/// Returns the parameters of the algorithm with each of its choices.
std::vector<Parameters> variants(const Algorithm& algorithm) {
  std::vector<Parameters> all = {defaults(algorithm.parameters)};
  for (const ParameterSpec& spec : algorithm.parameters) {
    for (std::size_t i = 1; i < spec.one_of.size(); ++i) {
      all.push_back(defaults(algorithm.parameters));
      all.back().set(spec.name, spec.one_of[i]);
    }
  }
  return all;
}

/// Returns the optimum, or none if no plan keeps the limits. Fails for any other reason to decline.
std::optional<double> optimum(const Algorithm& brute_force, const Problem& problem) {
  const Outcome outcome = solve(brute_force, problem, defaults(brute_force.parameters));
  if (const auto* plan = std::get_if<Plan>(&outcome)) {
    return value(problem, *plan);
  }
  REQUIRE(std::get<Declined>(outcome).reason == "no plan keeps the limits");
  return std::nullopt;
}

bool are_few(const Algorithm& brute_force, const Problem& problem) {
  Parameters parameters;
  parameters.set("most", 2e4);
  const Outcome outcome = solve(brute_force, problem, parameters);
  const auto* declined = std::get_if<Declined>(&outcome);
  return declined == nullptr || !declined->reason.starts_with("there are more than");
}

}  // namespace

TEST_CASE("optimum: on 2,000 random DAGs, exact algorithms tie and none is better" *
          doctest::test_suite("slow")) {
  const Algorithms algorithms;
  const Algorithm& brute_force = *algorithms.find("brute-force");
  const std::uint64_t seed = 601;
  std::map<std::string, std::size_t> answers;
  std::size_t done = 0;
  std::size_t impossible = 0;
  for (std::uint64_t i = 0; done < 2000; ++i) {
    const Problem problem = problem_of_test(seed, i);
    if (!are_few(brute_force, problem)) {
      continue;
    }
    ++done;
    const auto least = optimum(brute_force, problem);
    impossible += least ? 0U : 1U;
    for (const auto& [name, algorithm] : algorithms) {
      for (const Parameters& parameters : variants(algorithm)) {
        INFO("seed " << seed << ", problem " << i << ", " << name << "\n" << to_dot(problem));
        const Outcome outcome = solve(algorithm, problem, parameters);
        const auto* plan = std::get_if<Plan>(&outcome);
        if (plan == nullptr) {
          CHECK(!std::get<Declined>(outcome).reason.empty());
          continue;
        }
        ++answers[name];
        if (plan->deployment) {  // Its cost and its limits are not those of one assignment.
          continue;
        }
        INFO("its plan: " << to_text(plan->tier_of));
        REQUIRE(least);
        const auto cost = naive_cost(problem, plan->tier_of);
        REQUIRE(cost);
        CHECK(cost->keeps_limits);
        const double found = cost->value(problem.goal.objective);
        CHECK(found >= *least * (1 - 1e-9));
        CHECK(value(problem, *plan) == doctest::Approx(found).epsilon(1e-9));
        CHECK((algorithm.proof != Proof::none || !plan->bound));
        if (proves_optimum(algorithm)) {
          CHECK(found <= *least * (1 + 1e-9));
        }
        if (plan->bound) {
          CHECK(*plan->bound <= *least * (1 + 1e-9));
        }
      }
    }
    for (const char* complete : {"exact", "brute-force"}) {  // They accept all problems.
      CAPTURE(std::string(complete));
      CAPTURE(to_dot(problem));
      const Algorithm& algorithm = *algorithms.find(complete);
      CHECK(std::holds_alternative<Plan>(
                solve(algorithm, problem, defaults(algorithm.parameters))) == least.has_value());
    }
  }
  CHECK(impossible > 50);
  CHECK(impossible < 600);
  for (const auto& [name, algorithm] : algorithms) {
    CAPTURE(name);
    if (proves_optimum(algorithm)) {
      CHECK(answers[name] > 300);
    }
  }
}

TEST_CASE("optimum: the solvers of maximum flow agree") {
  const Algorithms algorithms;
  const Algorithm& min_cut = *algorithms.find("min-cut");
  const std::uint64_t seed = 602;
  for (std::uint64_t i = 0; i < 2000; ++i) {
    Problem problem = random_problem(seed, i, {.most_layers = 30, .least_tiers = 2});
    INFO("seed " << seed << ", problem " << i << "\n" << to_dot(problem));
    std::vector<double> found;
    for (const Parameters& parameters : variants(min_cut)) {
      found.push_back(value(problem, std::get<Plan>(solve(min_cut, problem, parameters))));
    }
    REQUIRE(found.size() == 3);
    CHECK(found[1] == doctest::Approx(found[0]).epsilon(1e-9));
    CHECK(found[2] == doctest::Approx(found[0]).epsilon(1e-9));
  }
}

TEST_CASE("optimum: more bandwidth, or twice the speed of everything, on 1,000 problems") {
  const Algorithms algorithms;
  const Algorithm& multi_tier = *algorithms.find("multi-tier");
  const std::uint64_t seed = 603;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    const Problem before = random_problem(seed, i, {.most_layers = 20, .least_tiers = 2});
    INFO("seed " << seed << ", problem " << i << "\n" << to_dot(before));
    const Plan plan = std::get<Plan>(solve(multi_tier, before, {}));
    Problem after = before;
    for (Hop& hop : after.hops) {
      hop.up = hop.up * 1.5;
      hop.down = hop.down * 1.5;
    }
    CHECK(std::get<Plan>(solve(multi_tier, after, {})).cost.latency().si() <=
          plan.cost.latency().si() * (1 + 1e-12));
    // With all speeds and rates twice as high and all latencies half, everything takes exactly half
    // as long.
    after = before;
    for (auto& row : after.seconds) {
      for (Seconds& seconds : row) {
        seconds = seconds / 2;
      }
    }
    for (Hop& hop : after.hops) {
      hop = {hop.up * 2, hop.down * 2, hop.latency / 2};
    }
    const Plan faster = std::get<Plan>(solve(multi_tier, after, {}));
    CHECK(faster.tier_of == plan.tier_of);
    CHECK(faster.cost.latency() == plan.cost.latency() / 2);
  }
}

TEST_CASE("optimum: a free identity layer anywhere changes nothing, on 1,000 problems") {
  const Algorithms algorithms;
  const Algorithm& multi_tier = *algorithms.find("multi-tier");
  const std::uint64_t seed = 604;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    const Problem before =
        random_problem(seed, i, {.least_layers = 2, .most_layers = 15, .plain = true});
    INFO("seed " << seed << ", problem " << i << "\n" << to_dot(before));
    // The copy follows a tensor that is not an output, and all readers of the tensor read the copy.
    RandomStream random = random_stream(seed, "where", i);
    const LayerId maker = random() % (before.layer_count() - 1);
    Problem after = before;
    const auto shift = [&](LayerId layer) { return layer > maker ? layer + 1 : layer; };
    after.layers.insert(after.layers.begin() + static_cast<std::ptrdiff_t>(maker) + 1, "identity");
    for (auto& row : after.seconds) {
      row.insert(row.begin() + static_cast<std::ptrdiff_t>(maker) + 1, Seconds(0));
    }
    CrossingTensor copy;
    for (CrossingTensor& tensor : after.tensors) {
      for (LayerId& reader : tensor.consumers) {
        reader = shift(reader);
      }
      if (tensor.producer == maker) {
        copy = tensor;
        copy.name = "copy";
        copy.producer = maker + 1;
        tensor.consumers = {maker + 1};
      } else if (tensor.producer) {
        tensor.producer = shift(*tensor.producer);
      }
    }
    REQUIRE(!copy.name.empty());
    after.tensors.push_back(copy);
    after.check();
    CHECK(std::get<Plan>(solve(multi_tier, after, {})).cost.latency().si() ==
          doctest::Approx(std::get<Plan>(solve(multi_tier, before, {})).cost.latency().si())
              .epsilon(1e-12));
  }
}

TEST_CASE("optimum: another order of the same layers changes nothing, on 1,000 problems") {
  const Algorithms algorithms;
  const Algorithm& multi_tier = *algorithms.find("multi-tier");
  const std::uint64_t seed = 605;
  std::size_t moved = 0;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    const Problem before = random_problem(seed, i, {.least_layers = 2, .most_layers = 15});
    INFO("seed " << seed << ", problem " << i << "\n" << to_dot(before));
    // Neighbours that do not depend on each other change places, many times.
    RandomStream random = random_stream(seed, "order", i);
    const std::size_t layers = before.layer_count();
    std::vector<LayerId> place(layers);
    std::iota(place.begin(), place.end(), 0U);
    Problem after = before;
    for (int round = 0; round < 40; ++round) {
      const LayerId first = random() % (layers - 1);
      const bool depends = std::any_of(
          after.tensors.begin(), after.tensors.end(), [&](const CrossingTensor& tensor) {
            return tensor.producer == first &&
                   std::count(tensor.consumers.begin(), tensor.consumers.end(), first + 1) > 0;
          });
      if (depends) {
        continue;
      }
      ++moved;
      const auto swapped = [&](LayerId layer) {
        return layer == first ? first + 1 : layer == first + 1 ? first : layer;
      };
      std::swap(after.layers[first], after.layers[first + 1]);
      for (auto& row : after.seconds) {
        std::swap(row[first], row[first + 1]);
      }
      for (CrossingTensor& tensor : after.tensors) {
        for (LayerId& reader : tensor.consumers) {
          reader = swapped(reader);
        }
        std::sort(tensor.consumers.begin(), tensor.consumers.end());
        if (tensor.producer) {
          tensor.producer = swapped(*tensor.producer);
        }
      }
    }
    after.check();
    CHECK(std::get<Plan>(solve(multi_tier, after, {})).cost.latency().si() ==
          doctest::Approx(std::get<Plan>(solve(multi_tier, before, {})).cost.latency().si())
              .epsilon(1e-12));
  }
  CHECK(moved > 1000);
}

}  // namespace offcut::partition::optimality_test
