// Every part of a cost on problems with all that a problem may have, against a request that is
// followed (naive.h): evaluate(), its terms by name, and the errors that verify() sees in it.

#include <doctest/doctest.h>

#include <map>
#include <stdexcept>

#include "naive.h"
#include "partition/algorithm.h"
#include "partition/cost_terms.h"
#include "random_problem.h"

namespace offcut::partition::cost_parts_test {
namespace {

doctest::Approx about(double value) { return doctest::Approx(value).epsilon(1e-9).scale(1e-12); }

/// Returns number i of the problems with everything, and a plan of it that need not keep limits.
struct Drawn {
  Drawn(std::uint64_t seed, std::uint64_t i) : problem(random_problem(seed, i)) {
    RandomStream random = random_stream(seed, "everything", i);
    add_everything(random, problem);
    if (problem.memory.empty() && i % 2 == 0) {
      for (LayerId layer = 0; layer < problem.layer_count(); ++layer) {
        problem.memory.push_back({Bytes(double(random() % 9)), Bytes(double(random() % 9))});
      }
    }
    plan = {.algorithm = "any", .tier_of = random_assignment(random, problem)};
    plan.cost = evaluate(problem, plan.tier_of);
  }

  Problem problem;
  Plan plan;
};

bool passes(const Problem& problem, const Plan& plan) {
  try {
    verify(problem, plan);
  } catch (const InvalidPlan&) {
    return false;
  }
  return true;
}

/// Calls visit(part) with every number of the cost.
template <class Visit>
void each_part(Cost& cost, Visit visit) {
  for (auto* times : {&cost.compute, &cost.up_time, &cost.down_time}) {
    std::for_each(times->begin(), times->end(), visit);
  }
  for (auto* sizes : {&cost.up_bytes, &cost.down_bytes, &cost.memory}) {
    std::for_each(sizes->begin(), sizes->end(), visit);
  }
  visit(cost.tail);
  visit(cost.bottleneck);
  visit(cost.energy);
  visit(cost.money);
}

double number(double value) { return value; }
template <class Quantity>
double number(Quantity value) {
  return value.si();
}

/// Returns the cost with its part number `index` multiplied, or with 1e-6 in place of a 0.
Cost with_error(Cost cost, std::size_t index, double factor) {
  std::size_t i = 0;
  each_part(cost, [&](auto& part) {
    if (i++ == index) {
      part =
          std::remove_reference_t<decltype(part)>(number(part) == 0 ? 1e-6 : number(part) * factor);
    }
  });
  return cost;
}

std::size_t count_parts(Cost cost) {
  std::size_t count = 0;
  each_part(cost, [&](auto&) { ++count; });
  return count;
}

/// Returns the problem with the layer pinned, together with all that it depends on.
Problem with_pin(Problem problem, LayerId layer) {
  std::vector<bool> stays(problem.layer_count(), false);
  for (const LayerId pinned : problem.goal.limits.pinned) {
    stays[pinned] = true;
  }
  stays[layer] = true;
  for (LayerId reader = layer + 1; reader-- > 0;) {
    for (const CrossingTensor& tensor : problem.tensors) {
      if (stays[reader] && tensor.producer &&
          std::count(tensor.consumers.begin(), tensor.consumers.end(), reader) > 0) {
        stays[*tensor.producer] = true;
      }
    }
  }
  problem.goal.limits.pinned.clear();
  for (LayerId id = 0; id < stays.size(); ++id) {
    if (stays[id]) {
      problem.goal.limits.pinned.push_back(id);
    }
  }
  return problem;
}

/// Returns the first limit that the plan breaks.
std::optional<BrokenLimit::Kind> broken(const Problem& problem, const Plan& plan) {
  const auto limit = broken_limit(problem, plan.tier_of, plan.cost);
  return limit ? std::optional(limit->kind) : std::nullopt;
}

/// Checks that a limit breaks the plan, in every function that decides about limits.
void check_broken(const Problem& problem, const Plan& plan, BrokenLimit::Kind kind) {
  CHECK(broken(problem, plan) == kind);
  CHECK(!passes(problem, plan));
  CHECK(!value_within_limits(problem, plan.tier_of));
  CHECK(!naive_cost(problem, plan.tier_of)->keeps_limits);
}

}  // namespace

TEST_CASE("cost: every part is that of a request that is followed, with all that problems have") {
  const std::uint64_t seed = 831;
  std::size_t coded = 0;
  std::size_t broken_limits = 0;
  for (std::uint64_t i = 0; i < 2000; ++i) {
    const auto [problem, plan] = Drawn(seed, i);
    const Cost& cost = plan.cost;
    INFO("seed " << seed << ", problem " << i << ", " << to_text(plan.tier_of) << "\n"
                 << to_dot(problem));
    const NaiveCost naive = naive_cost(problem, plan.tier_of).value();
    REQUIRE(cost.compute.size() == naive.busy.size());
    for (std::size_t tier = 0; tier < problem.tier_count(); ++tier) {
      CHECK(cost.compute[tier].si() == about(naive.busy[tier]));
    }
    REQUIRE(cost.up_bytes.size() == naive.up.size());
    for (std::size_t hop = 0; hop < problem.hops.size(); ++hop) {
      CHECK(cost.up_bytes[hop].si() == about(naive.up[hop].bytes));
      CHECK(cost.up_time[hop].si() == about(naive.up[hop].seconds));
      CHECK(cost.goes_up[hop] == naive.up[hop].is_sent);
      CHECK(cost.down_bytes[hop].si() == about(naive.down[hop].bytes));
      CHECK(cost.down_time[hop].si() == about(naive.down[hop].seconds));
      CHECK(cost.comes_down[hop] == naive.down[hop].is_sent);
    }
    REQUIRE(cost.memory.size() == naive.memory.size());
    for (std::size_t tier = 0; tier < naive.memory.size(); ++tier) {
      CHECK(cost.memory[tier].si() == naive.memory[tier]);
    }
    CHECK(cost.latency().si() == about(naive.seconds));
    CHECK(cost.bottleneck.si() == about(naive.longest));
    CHECK(cost.energy.si() == about(naive.joules));
    CHECK(cost.money == about(naive.money));
    CHECK(weigh(problem.goal.objective, cost) == about(naive.value(problem.goal.objective)));
    CHECK(value_within_limits(problem, plan.tier_of).has_value() == naive.keeps_limits);
    CHECK(passes(problem, plan) == naive.keeps_limits);
    broken_limits += naive.keeps_limits ? 0U : 1U;
    for (const std::size_t id : crossing(problem, plan.tier_of)) {
      coded += problem.tensors[id].coding ? 1U : 0U;
    }
  }
  CHECK(coded > 300);
  CHECK(broken_limits > 200);
}

TEST_CASE("verify: an error in any single part of a cost") {
  const std::uint64_t seed = 832;
  std::size_t tried = 0;
  for (std::uint64_t i = 0; i < 300; ++i) {
    auto [problem, plan] = Drawn(seed, i);
    problem.goal.limits.deadline.reset();
    problem.goal.limits.memory.clear();
    problem.goal.limits.pinned.clear();
    INFO("seed " << seed << ", problem " << i << ", " << to_text(plan.tier_of) << "\n"
                 << to_dot(problem));
    REQUIRE(passes(problem, plan));
    const Cost right = plan.cost;
    for (std::size_t part = 0; part < count_parts(right); ++part) {
      CAPTURE(part);
      plan.cost = with_error(right, part, 1 + 1e-7);
      CHECK(!passes(problem, plan));
      plan.cost = with_error(right, part, 1 - 1e-7);
      CHECK(!passes(problem, plan));
      ++tried;
    }
    plan.cost = right;
    for (std::size_t hop = 0; hop < problem.hops.size(); ++hop) {
      for (auto* flags : {&plan.cost.goes_up, &plan.cost.comes_down}) {
        (*flags)[hop] = !(*flags)[hop];
        CHECK(!passes(problem, plan));
        (*flags)[hop] = !(*flags)[hop];
      }
    }
    CHECK(passes(problem, plan));
    if (!plan.cost.memory.empty()) {
      plan.cost.memory.pop_back();
      CHECK(!passes(problem, plan));
    }
  }
  CHECK(tried > 3000);
}

TEST_CASE("limits: a plan that just keeps a limit, and one that just breaks it") {
  constexpr double kLess = 1 - 1e-7;
  const std::uint64_t seed = 833;
  std::map<BrokenLimit::Kind, std::size_t> tried;
  for (std::uint64_t i = 0; i < 400; ++i) {
    auto [problem, plan] = Drawn(seed, i);
    problem.goal.limits = {};
    INFO("seed " << seed << ", problem " << i << ", " << to_text(plan.tier_of) << "\n"
                 << to_dot(problem));
    const auto check_limit = [&](BrokenLimit::Kind kind, auto set, auto amount) {
      Problem limited = problem;
      set(limited.goal.limits, amount);
      CHECK(!broken(limited, plan));
      CHECK(passes(limited, plan));
      set(limited.goal.limits, amount * kLess);
      if (amount.si() > 0) {
        check_broken(limited, plan, kind);
        ++tried[kind];
      }
    };
    check_limit(
        BrokenLimit::Kind::deadline, [](Limits& limits, Seconds most) { limits.deadline = most; },
        plan.cost.latency());
    for (std::size_t tier = 0; tier < plan.cost.memory.size(); ++tier) {
      const auto set = [&](Limits& limits, Bytes most) {
        limits.memory.assign(problem.tier_count(), std::nullopt);
        limits.memory[tier] = most;
      };
      check_limit(BrokenLimit::Kind::memory, set, plan.cost.memory[tier]);
    }
    for (LayerId layer = 0; layer < problem.layer_count(); ++layer) {
      const bool in_tail = std::count(problem.tail.begin(), problem.tail.end(), layer) > 0;
      if (!in_tail && plan.tier_of[layer] == 0) {
        CHECK(passes(with_pin(problem, layer), plan));
      } else if (!in_tail) {
        check_broken(with_pin(problem, layer), plan, BrokenLimit::Kind::pin);
        ++tried[BrokenLimit::Kind::pin];
      }
    }
  }
  CHECK(tried[BrokenLimit::Kind::deadline] > 300);
  CHECK(tried[BrokenLimit::Kind::memory] > 300);
  CHECK(tried[BrokenLimit::Kind::pin] > 300);
}

TEST_CASE("limits: the first one that a plan breaks is a pin, then memory, then the deadline") {
  auto [problem, plan] = Drawn(834, 0);
  for (std::uint64_t i = 1; plan.cost.memory.empty() || plan.tier_of.back() == 0 ||
                            plan.cost.memory[plan.tier_of.back()] == Bytes(0);
       ++i) {
    const Drawn next(834, i);
    problem = next.problem;
    plan = next.plan;
  }
  problem.goal.limits = {};
  problem.goal.limits.deadline = Seconds(0);
  CHECK(broken(problem, plan) == BrokenLimit::Kind::deadline);
  problem.goal.limits.memory.assign(problem.tier_count(), std::nullopt);
  problem.goal.limits.memory[plan.tier_of.back()] = Bytes(0);
  CHECK(broken(problem, plan) == BrokenLimit::Kind::memory);
  CHECK(broken(with_pin(problem, problem.layer_count() - 1), plan) == BrokenLimit::Kind::pin);
}

TEST_CASE("cost terms: each one by its name, of requests in problems that have only its part") {
  const std::uint64_t seed = 835;
  std::size_t energies = 0;
  for (std::uint64_t i = 0; i < 500; ++i) {
    auto [problem, plan] = Drawn(seed, i);
    problem.goal.objective = {2, 3, 5, 7};
    INFO("seed " << seed << ", problem " << i << ", " << to_text(plan.tier_of) << "\n"
                 << to_dot(problem));
    const NaiveCost naive = naive_cost(problem, plan.tier_of).value();
    const auto joules_of = [&](DevicePower power, RadioOverhead radio) {
      Problem part = problem;
      part.power = power;
      part.radio = radio;
      part.radio.promotion = problem.radio.promotion;
      return naive_cost(part, plan.tier_of)->joules;
    };
    const DevicePower& power = problem.power;
    std::map<std::string, double> expected = {
        {"longest stage", 7 * naive.longest},
        {"energy: computing", 3 * joules_of({.busy = power.busy}, {})},
        {"energy: radio",
         3 * joules_of({.send = power.send, .receive = power.receive}, problem.radio)},
        {"energy: idle", 3 * joules_of({.idle = power.idle}, {})}};
    for (std::size_t tier = 0; tier < problem.tier_count(); ++tier) {
      const std::string& name = problem.tiers[tier];
      expected["compute " + name] = 2 * naive.busy[tier];
      if (!problem.price.empty()) {
        expected["money: " + name] = 5 * problem.price[tier] * naive.busy[tier];
      }
    }
    for (std::size_t hop = 0; hop < problem.hops.size(); ++hop) {
      const std::string name = problem.tiers[hop] + "-" + problem.tiers[hop + 1];
      expected["send " + name] = 2 * naive.up[hop].seconds;
      expected["answer " + name] = 2 * naive.down[hop].seconds;
      expected["money: " + name] =
          5 * problem.hops[hop].price * (naive.up[hop].bytes + naive.down[hop].bytes);
    }
    const std::vector<CostTerm> terms = cost_terms(problem, plan.cost);
    CHECK(terms.size() == expected.size());
    for (const CostTerm& term : terms) {
      CAPTURE(term.name);
      REQUIRE(expected.contains(term.name));
      // The idle energy is what is left of the device's, so its error is relative to that.
      CHECK(term.value == about(expected[term.name]).scale(naive.joules + 1e-12));
    }
    energies += expected["energy: radio"] > 0 && expected["energy: idle"] > 0 ? 1U : 0U;
    std::size_t alone = 0;
    for (double Objective::*weight :
         {&Objective::latency, &Objective::energy, &Objective::money, &Objective::bottleneck}) {
      Problem other = problem;
      other.goal.objective = {0, 0, 0, 0};
      other.goal.objective.*weight = 1;
      alone += cost_terms(other, plan.cost).size();
    }
    CHECK(alone == terms.size());
  }
  CHECK(energies > 50);
}

}  // namespace offcut::partition::cost_parts_test
