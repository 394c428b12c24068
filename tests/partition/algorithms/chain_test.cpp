#include "partition/solvers/chain.h"

#include <doctest/doctest.h>

#include "../random_problem.h"
#include "partition/algorithm.h"

namespace offcut::partition::chain_test {
namespace {

struct Algorithms : Registry<Algorithm> {
  Algorithms() { register_algorithms(*this); }

  Outcome run(const std::string& name, const Problem& problem) const {
    return solve(*find(name), problem, defaults(find(name)->parameters));
  }
};

Problem random_chain(std::uint64_t seed, std::uint64_t i) {
  Problem problem = random_problem(seed, i, {.most_layers = 10, .least_tiers = 2, .chain = true});
  RandomStream random = random_stream(seed, "codings", i);
  for (CrossingTensor& tensor : problem.tensors) {
    tensor.is_output = tensor.is_output || random() % 6 == 0;
    if (random() % 2 == 0) {
      tensor.coding = Coding{Bytes(static_cast<double>(random() % 9)), {}, {}};
      for (std::size_t tier = 0; tier < problem.tier_count(); ++tier) {
        tensor.coding->encode.emplace_back(0.1 * static_cast<double>(random() % 4));
        tensor.coding->decode.emplace_back(0.1 * static_cast<double>(random() % 4));
      }
    }
  }
  return problem;
}

}  // namespace

TEST_CASE("chain: the problems that are chains") {
  Problem problem = random_problem(901, 0, {.least_layers = 5, .chain = true});
  const auto chain = chain_of(problem);
  REQUIRE(chain);
  CHECK(chain->layers.size() == problem.layer_count());
  CHECK(chain->beside.empty());
  problem.tensors.front().consumers.push_back(3);  // The input has a second reader.
  CHECK(!chain_of(problem));
}

TEST_CASE("chain-dp and jointdnn: the optimum of 1,000 chains with codecs, any objective, limits") {
  const Algorithms algorithms;
  const std::uint64_t seed = 902;
  std::size_t within_memory = 0;
  std::size_t stages = 0;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    Problem problem = random_chain(seed, i);
    RandomStream random = random_stream(seed, "goal", i);
    add_objective(random, problem);
    if (i % 2 == 0) {
      add_limits(random, problem);
      problem.goal.limits.deadline.reset();  // Neither considers deadlines.
    }
    const Objective& objective = problem.goal.objective;
    if (objective.bottleneck > 0) {
      problem.goal.objective = {0, 0, 0, objective.bottleneck};
    }
    INFO("seed " << seed << ", problem " << i << "\n" << to_dot(problem));
    const Outcome least = algorithms.run("brute-force", problem);
    const Outcome found = algorithms.run("chain-dp", problem);
    REQUIRE(least.index() == found.index());
    if (std::holds_alternative<Declined>(found)) {
      CHECK(std::get<Declined>(found).reason == "no plan keeps the limits");
      continue;
    }
    const double value = weigh(problem.goal.objective, std::get<Plan>(least).cost);
    CHECK(weigh(problem.goal.objective, std::get<Plan>(found).cost) ==
          doctest::Approx(value).epsilon(1e-9));
    within_memory += problem.goal.limits.memory.empty() ? 0U : 1U;
    stages += objective.is_linear() ? 0U : 1U;
    if (objective.is_linear() && problem.goal.limits.memory.empty()) {
      const Outcome path = algorithms.run("jointdnn", problem);
      REQUIRE(std::holds_alternative<Plan>(path));
      CHECK(weigh(problem.goal.objective, std::get<Plan>(path).cost) ==
            doctest::Approx(value).epsilon(1e-9));
    }
  }
  CHECK(within_memory > 50);
  CHECK(stages > 50);
}

TEST_CASE("chain-dp: the problems that it declines") {
  const Algorithms algorithms;
  Problem problem = random_problem(903, 1, {.least_layers = 6, .least_tiers = 2, .plain = true});
  const auto reason = [&](const char* name) {
    return std::get<Declined>(algorithms.run(name, problem)).reason;
  };
  const std::string chain =
      "it needs a chain, in which each layer reads the output of the previous one";
  REQUIRE(!chain_of(problem));
  CHECK(reason("chain-dp") == chain);
  CHECK(reason("jointdnn") == chain);
  problem.goal.objective.bottleneck = 1;
  CHECK(reason("chain-dp") == "it minimises a sum or the longest stage, but not both");
  CHECK(reason("jointdnn") ==
        "it minimises sums over layers and tensors; the longest stage is not such a sum");
}

}  // namespace offcut::partition::chain_test
