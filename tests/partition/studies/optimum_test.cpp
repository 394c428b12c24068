#include "partition/studies/optimum.h"

#include <doctest/doctest.h>

#include "../random_problem.h"

namespace offcut::partition::optimum_test {
namespace {

struct Algorithms : Registry<Algorithm> {
  Algorithms() { register_algorithms(*this); }
};

}  // namespace

TEST_CASE("optimum: the least effort first, then the strongest proof, each only if needed") {
  Registry<Algorithm> algorithms;
  std::vector<std::string> asked;
  const auto add = [&](Algorithm algorithm) {
    algorithm.solve = [&asked, name = algorithm.name](const Problem&, const Parameters&) {
      asked.push_back(name);
      return Declined{name + " declines"};
    };
    algorithms.add(std::move(algorithm));
  };
  const Within memory{.memory = true};
  add({.name = "a", .proof = Proof::optimum, .effort = Effort::search});
  add({.name = "b", .proof = Proof::optimum, .effort = Effort::assignments});
  add({.name = "c", .proof = Proof::optimum_of_chain});
  add({.name = "d", .proof = Proof::optimum_of_chain, .within = memory});
  add({.name = "e", .proof = Proof::optimum});
  add({.name = "f", .proof = Proof::optimum, .objectives = Objectives::latency, .within = memory});
  add({.name = "g"});
  add({.name = "h", .proof = Proof::bound});
  const auto order_for = [&](const Problem& problem) {
    asked.clear();
    CHECK(std::get<Declined>(optimum(algorithms, problem)).reason == "a declines");
    return asked;
  };
  using Names = std::vector<std::string>;
  const Problem few = random_problem(606, 0, {.most_layers = 3});
  CHECK(order_for(few) == Names{"e", "f", "d", "b", "a"});  // The algorithm e covers c.
  Problem many = random_problem(606, 1, {.least_layers = 30, .most_layers = 30, .least_tiers = 4});
  for (CrossingTensor& tensor : many.tensors) {
    tensor.consumers.clear();  // Each layer may be on any tier.
  }
  CHECK(order_for(many) == Names{"e", "f", "d", "a"});
  many.goal.objective.energy = 1;
  CHECK(order_for(many) == Names{"e", "d", "a"});
}

TEST_CASE("optimum: an algorithm that fails does not replace those that it covers") {
  Algorithms algorithms;
  algorithms.add({.name = "a",
                  .proof = Proof::optimum,
                  .within = {.pins = true, .memory = true, .deadline = true},
                  .solve = [](const Problem&, const Parameters& parameters) -> Answer {
                    return Assignment(1, static_cast<std::size_t>(parameters.at("round")));
                  }});
  const Problem chain =
      random_problem(607, 0, {.least_layers = 4, .least_tiers = 2, .chain = true});
  CHECK(std::get<Plan>(optimum(algorithms, chain)).algorithm == "multi-tier");
  Registry<Algorithm> alone;
  alone.add(*algorithms.find("a"));
  CHECK(std::get<Declined>(optimum(alone, chain)).reason ==
        "'a' failed: it threw an exception: there is no parameter 'round' of type number");
}

TEST_CASE("optimum: the algorithm that proves one for each kind of problem") {
  const Algorithms algorithms;
  const auto prover_of = [&](const Problem& problem) {
    return std::get<Plan>(optimum(algorithms, problem)).algorithm;
  };
  Problem chain = random_problem(607, 0, {.least_layers = 4, .least_tiers = 2, .chain = true});
  CHECK(prover_of(chain) == "multi-tier");
  chain.goal.objective = {.latency = 0, .bottleneck = 1};
  CHECK(prover_of(chain) == "chain-dp");
  chain.goal.limits.deadline = evaluate(chain, Assignment(chain.layer_count(), 0)).latency() * 2;
  chain.goal.objective = {.latency = 1, .bottleneck = 1};
  CHECK(prover_of(chain) == "brute-force");
}

}  // namespace offcut::partition::optimum_test
