// Every algorithm on problems with all that a problem may have (codecs, TCP, times per message and
// request, several outputs on up to four tiers, any objective, limits, tails), against all
// assignments of a request that is followed (naive.h). The integer programme is slow, so it gets
// fewer problems.

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "../naive.h"
#include "../random_problem.h"
#include "partition/algorithm.h"

namespace offcut::partition::everything_test {
namespace {

constexpr double kNear = 1e-9;

struct Algorithms : Registry<Algorithm> {
  Algorithms() { register_algorithms(*this); }

  Outcome run(const std::string& name, const Problem& problem) const {
    return solve(*find(name), problem, defaults(find(name)->parameters));
  }
};

Problem drawn(std::uint64_t seed, std::uint64_t i) {
  const std::size_t most = i % 2 == 0 ? 4 : 5;
  Problem problem = random_problem(
      seed, i, {.least_layers = 2, .most_layers = most, .least_tiers = 2, .chain = i % 4 == 3});
  RandomStream random = random_stream(seed, "everything", i);
  add_everything(random, problem);
  return problem;
}

bool has_limits(const Limits& limits) {
  return limits.deadline || !limits.pinned.empty() || !limits.memory.empty();
}

/// Returns whether each layer reads tensors of the one before alone.
bool is_chain(const Problem& problem) {
  std::vector<bool> reads(problem.layer_count(), false);
  for (const CrossingTensor& tensor : problem.tensors) {
    for (const LayerId reader : tensor.consumers) {
      if (reader != (tensor.producer ? *tensor.producer + 1 : 0)) {
        return false;
      }
      reads[reader] = true;
    }
  }
  return std::find(reads.begin(), reads.end(), false) == reads.end();
}

bool takes_coding_time(const Problem& problem) {
  return std::any_of(
      problem.tensors.begin(), problem.tensors.end(), [](const CrossingTensor& tensor) {
        const auto is_time = [](Seconds time) { return time > Seconds(0); };
        return tensor.coding &&
               (std::any_of(tensor.coding->encode.begin(), tensor.coding->encode.end(), is_time) ||
                std::any_of(tensor.coding->decode.begin(), tensor.coding->decode.end(), is_time));
      });
}

/// Returns whether an algorithm that proves an optimum must find one: if it takes the objective and
/// the form of the problem, and keeps all of its limits.
bool must_answer(const Algorithm& algorithm, const Problem& problem) {
  const Objective& objective = problem.goal.objective;
  const Limits& limits = problem.goal.limits;
  const bool is_one_term =
      objective.is_linear() || objective == Objective{0, 0, 0, objective.bottleneck};
  return (algorithm.objectives == Objectives::any ? is_one_term || algorithm.name != "chain-dp"
                                                  : objective.is_linear()) &&
         (limits.pinned.empty() || algorithm.within.pins) &&
         (limits.memory.empty() || algorithm.within.memory) &&
         (!limits.deadline || algorithm.within.deadline) &&
         (algorithm.proof == Proof::optimum || (is_chain(problem) && problem.tail.empty())) &&
         (algorithm.name != "multi-tier" || problem.tier_count() == 2 ||
          !takes_coding_time(problem));
}

/// Returns the codecs of the tensors that cross.
CodecOf codecs_of_crossing(const Problem& problem, const Assignment& tier_of) {
  CodecOf codecs;
  for (const CrossingTensor& tensor : problem.tensors) {
    const std::size_t made_on = tensor.producer ? tier_of[*tensor.producer] : 0;
    for (const LayerId reader : tensor.consumers) {
      if (tensor.coding && tier_of[reader] > made_on) {
        codecs[tensor.name] = tensor.coding->codec;
      }
    }
  }
  return codecs;
}

/// Checks an answer against the optimum; infinite if no plan keeps the limits.
void check_answer(const Algorithm& algorithm, const Problem& problem, double optimum,
                  const Outcome& outcome) {
  REQUIRE(!std::holds_alternative<Failed>(outcome));
  const bool stalls = algorithm.ignores_stalls && problem.has_stalls();
  const auto* plan = std::get_if<Plan>(&outcome);
  if (plan == nullptr) {
    CHECK((optimum == INFINITY || !proves_optimum(algorithm) || !must_answer(algorithm, problem)));
    return;
  }
  if (plan->deployment) {  // Its cost and its limits are not those of one assignment.
    return;
  }
  const auto cost = naive_cost(problem, plan->tier_of);
  REQUIRE(cost);
  CHECK(cost->keeps_limits);
  const double value = cost->value(problem.goal.objective);
  CHECK(weigh(problem.goal.objective, plan->cost) == doctest::Approx(value).epsilon(kNear));
  CHECK(value >= optimum * (1 - kNear));
  if (proves_optimum(algorithm) && !stalls) {
    CHECK(value <= optimum * (1 + kNear));
  }
  // A bound is one of all plans, of those too that break a limit.
  CHECK((!plan->bound || *plan->bound <= optimum * (1 + kNear)));
  CHECK((!proves_optimum(algorithm) || plan->bound));
  const bool has_gap = plan->bound && *plan->bound < value * (1 - kRounding);
  const std::string gap = has_gap
                              ? fmt::format("no plan costs less than {}, {:.2g} % below this",
                                            objective_text(problem.goal.objective, *plan->bound),
                                            100 * (1 - *plan->bound / value))
                              : "";
  CHECK(plan->note.ends_with(gap));
  CHECK(plan->codecs == codecs_of_crossing(problem, plan->tier_of));
}

/// Returns whether the layers on the tier are all, or those that depend on one layer, from which
/// alone they get tensors.
bool is_single_cut(const Problem& problem, const Assignment& tier_of) {
  const auto is_far = [&](LayerId layer) { return tier_of[layer] > 0; };
  std::vector<LayerId> all(problem.layer_count());
  for (LayerId layer = 0; layer < all.size(); ++layer) {
    all[layer] = layer;
  }
  if (std::all_of(all.begin(), all.end(), is_far) || std::none_of(all.begin(), all.end(), is_far)) {
    return true;
  }
  std::set<std::optional<LayerId>> senders;
  for (const CrossingTensor& tensor : problem.tensors) {
    const bool is_made_far = tensor.producer && is_far(*tensor.producer);
    if (!is_made_far && std::any_of(tensor.consumers.begin(), tensor.consumers.end(), is_far)) {
      senders.insert(tensor.producer);
    }
  }
  if (senders.size() != 1 || !*senders.begin()) {
    return false;
  }
  std::set<LayerId> dependent = {**senders.begin()};
  for (LayerId layer = 0; layer < all.size(); ++layer) {
    for (const CrossingTensor& tensor : problem.tensors) {
      if (tensor.producer && dependent.contains(*tensor.producer) &&
          std::count(tensor.consumers.begin(), tensor.consumers.end(), layer) > 0) {
        dependent.insert(layer);
      }
    }
  }
  dependent.erase(**senders.begin());
  return std::all_of(all.begin(), all.end(),
                     [&](LayerId layer) { return is_far(layer) == dependent.contains(layer); });
}

/// Returns the least objective of cuts in two that keep the limits and that `allowed` accepts.
double best_in_two(const Problem& problem, bool (*allowed)(const Problem&, const Assignment&)) {
  double least = INFINITY;
  each_cut_in_two(problem, [&](const Assignment& tier_of) {
    const NaiveCost cost = naive_cost(problem, tier_of).value();
    if (cost.keeps_limits && allowed(problem, tier_of)) {
      least = std::min(least, cost.value(problem.goal.objective));
    }
  });
  return least;
}

/// Returns whether times, bytes and latencies are whole, so that equal sums are exactly equal.
bool is_whole(const Problem& problem) {
  const auto whole = [](double value) { return value == std::floor(value); };
  return std::all_of(problem.seconds.begin(), problem.seconds.end(),
                     [&](const std::vector<Seconds>& row) {
                       return std::all_of(row.begin(), row.end(),
                                          [&](Seconds time) { return whole(time.si()); });
                     }) &&
         std::all_of(problem.hops.begin(), problem.hops.end(), [&](const Hop& hop) {
           return whole(hop.latency.si()) && whole(hop.up.si()) && whole(hop.down.si());
         });
}

/// Returns the problem without its outputs, in which all layers after `last` cost nothing, read
/// nothing and make nothing.
Problem up_to_layer(Problem problem, LayerId last) {
  for (LayerId later = last + 1; later < problem.layer_count(); ++later) {
    for (auto& row : problem.seconds) {
      row[later] = Seconds(0);
    }
    if (!problem.memory.empty()) {
      problem.memory[later] = {};
    }
  }
  std::erase_if(problem.tensors,
                [&](const CrossingTensor& tensor) { return tensor.producer > last; });
  for (CrossingTensor& tensor : problem.tensors) {
    tensor.is_output = false;
    std::erase_if(tensor.consumers, [&](LayerId reader) { return reader > last; });
  }
  return problem;
}

}  // namespace

TEST_CASE("everything: each algorithm but the integer programme, against all assignments") {
  const Algorithms algorithms;
  const std::uint64_t seed = 861;
  std::map<std::string, std::size_t> answers;
  std::size_t cuts = 0;
  for (std::uint64_t i = 0; i < 300; ++i) {
    const Problem problem = drawn(seed, i);
    const auto best = naive_best(problem);
    cuts += best && *std::max_element(best->tier_of.begin(), best->tier_of.end()) > 0 ? 1U : 0U;
    for (const auto& [name, algorithm] : algorithms) {
      if (name != "exact") {
        const Outcome outcome = algorithms.run(name, problem);
        INFO("seed " << seed << ", problem " << i << ", " << name << " " << refusal_text(outcome)
                     << "\n"
                     << to_dot(problem));
        check_answer(algorithm, problem, best ? best->value : INFINITY, outcome);
        answers[name] += std::holds_alternative<Plan>(outcome) ? 1U : 0U;
      }
    }
  }
  CHECK(cuts > 80);
  for (const char* name : {"brute-force", "neurosurgeon", "multi-tier", "min-cut", "random"}) {
    CAPTURE(std::string(name));
    CHECK(answers[name] > 60);
  }
  for (const char* name :
       {"chain-dp", "jointdnn", "greedy", "throughput", "dads-heavy", "k-means"}) {
    CAPTURE(std::string(name));
    CHECK(answers[name] > 20);
  }
}

TEST_CASE("everything: the integer programme, against all assignments") {
  const Algorithms algorithms;
  const std::uint64_t seed = 862;
  for (std::uint64_t i = 0; i < 25; ++i) {
    const Problem problem = drawn(seed, i);
    const auto best = naive_best(problem);
    const Outcome outcome = algorithms.run("exact", problem);
    INFO("seed " << seed << ", problem " << i << " " << refusal_text(outcome) << "\n"
                 << to_dot(problem));
    check_answer(*algorithms.find("exact"), problem, best ? best->value : INFINITY, outcome);
  }
}

TEST_CASE("everything: neurosurgeon has the best single cut, and min-cut the best cut in two") {
  const Algorithms algorithms;
  const auto any = [](const Problem&, const Assignment&) { return true; };
  std::size_t within_limits = 0;
  std::size_t in_two = 0;
  for (std::uint64_t i = 0; i < 400; ++i) {
    Problem problem = drawn(863, i);
    problem.tail.clear();  // Cuts have no tail.
    INFO("seed 863, problem " << i << "\n" << to_dot(problem));
    const double single = best_in_two(problem, is_single_cut);
    const Outcome found = algorithms.run("neurosurgeon", problem);
    REQUIRE(std::holds_alternative<Plan>(found) == (single < INFINITY));
    if (const auto* plan = std::get_if<Plan>(&found)) {
      CHECK(weigh(problem.goal.objective, plan->cost) == doctest::Approx(single).epsilon(kNear));
      within_limits += has_limits(problem.goal.limits) ? 1U : 0U;
    }
    problem.goal.limits.deadline.reset();
    problem.goal.limits.memory.clear();
    if (problem.goal.objective.is_linear() && !problem.has_stalls()) {
      const Plan plan = std::get<Plan>(algorithms.run("min-cut", problem));
      CHECK(weigh(problem.goal.objective, plan.cost) ==
            doctest::Approx(best_in_two(problem, any)).epsilon(kNear));
      in_two += problem.tier_count() > 2 ? 1U : 0U;
    }
  }
  CHECK(within_limits > 50);
  CHECK(in_two > 50);
}

TEST_CASE("everything: the longest stage alone, with codecs and pins") {
  const Algorithms algorithms;
  std::size_t coded = 0;
  for (std::uint64_t i = 0; i < 200; ++i) {
    Problem problem = drawn(864, i);
    problem.goal.objective = {0, 0, 0, 1};
    problem.goal.limits.deadline.reset();
    problem.goal.limits.memory.clear();
    INFO("seed 864, problem " << i << "\n" << to_dot(problem));
    const double least = naive_optimum(problem);
    const Plan plan = std::get<Plan>(algorithms.run("throughput", problem));
    CHECK(plan.cost.bottleneck.si() == doctest::Approx(least).epsilon(kNear));
    CHECK(*plan.bound == doctest::Approx(least).epsilon(kNear));
    const Outcome weighed = algorithms.run("dads-heavy", problem);
    CHECK(std::holds_alternative<Declined>(weighed) ==
          (problem.tier_count() > 2 && takes_coding_time(problem)));
    if (const auto* other = std::get_if<Plan>(&weighed)) {
      const auto stages = double(problem.tier_count() + 2 * problem.hops.size());
      CHECK(other->cost.bottleneck.si() <= stages * least * (1 + kNear));
    }
    coded += takes_coding_time(problem) ? 1U : 0U;
  }
  CHECK(coded > 50);
}

TEST_CASE("everything: among equal plans, brute-force has the first in the order of the layers") {
  const Algorithms algorithms;
  std::size_t ties = 0;
  for (std::uint64_t i = 0; i < 400; ++i) {
    Problem problem = drawn(865, i);
    for (Hop& hop : problem.hops) {  // With these, sums would not be exact.
      hop.tcp.reset();
      hop.payload = 1;
    }
    if (!is_whole(problem)) {
      continue;
    }
    problem.goal.objective = i % 3 == 0   ? Objective{0, 0, 0, 1}
                             : i % 3 == 1 ? Objective{0, 0, 1, 0}
                                          : Objective{};
    INFO("seed 865, problem " << i << "\n" << to_dot(problem));
    if (const auto best = naive_best(problem)) {
      CHECK(std::get<Plan>(algorithms.run("brute-force", problem)).tier_of == best->tier_of);
      std::size_t equals = 0;
      each_placement(problem, [&](const Assignment& tier_of) {
        const auto cost = naive_cost(problem, tier_of);
        equals += cost && cost->keeps_limits && cost->value(problem.goal.objective) == best->value
                      ? 1U
                      : 0U;
      });
      ties += equals > 1 ? 1U : 0U;
    }
  }
  CHECK(ties > 15);
}

TEST_CASE("everything: greedy places each layer where the layers so far cost least") {
  const Algorithms algorithms;
  std::size_t far = 0;
  for (std::uint64_t i = 0; i < 400; ++i) {
    Problem problem = random_problem(866, i, {.most_layers = 8, .least_tiers = 2});
    RandomStream random = random_stream(866, "everything", i);
    add_everything(random, problem);
    problem.tail.clear();
    problem.goal.limits.deadline.reset();
    problem.goal.objective.bottleneck = 0;
    for (Hop& hop : problem.hops) {  // It considers neither stalls nor the time of codecs.
      hop.tcp.reset();
    }
    for (CrossingTensor& tensor : problem.tensors) {
      if (tensor.coding) {
        tensor.coding->encode.assign(problem.tier_count(), Seconds(0));
        tensor.coding->decode.assign(problem.tier_count(), Seconds(0));
      }
    }
    INFO("seed 866, problem " << i << "\n" << to_dot(problem));
    const Outcome outcome = algorithms.run("greedy", problem);
    const auto* plan = std::get_if<Plan>(&outcome);
    for (LayerId layer = 0; plan != nullptr && layer < problem.layer_count(); ++layer) {
      const Problem part = up_to_layer(problem, layer);
      Assignment tier_of = plan->tier_of;
      std::fill(tier_of.begin() + static_cast<std::ptrdiff_t>(layer) + 1, tier_of.end(), 0);
      double least = INFINITY;
      for (std::size_t tier = 0; tier < problem.tier_count(); ++tier) {
        tier_of[layer] = tier;
        const auto cost = naive_cost(part, tier_of);
        if (cost && cost->keeps_limits) {
          least = std::min(least, cost->value(problem.goal.objective));
        }
      }
      tier_of[layer] = plan->tier_of[layer];
      CHECK(naive_cost(part, tier_of)->value(problem.goal.objective) ==
            doctest::Approx(least).epsilon(kNear));
      far += plan->tier_of[layer] > 0 ? 1U : 0U;
    }
  }
  CHECK(far > 100);
}

}  // namespace offcut::partition::everything_test
