#include <doctest/doctest.h>

#include <cmath>

#include "partition/algorithm.h"
#include "tests/partition/naive.h"
#include "tests/partition/random_problem.h"

namespace offcut {
namespace {

const Algorithm& codec_aware() {
  static const Registry<Algorithm> registry = [] {
    Registry<Algorithm> all;
    register_algorithms(all);
    return all;
  }();
  return *registry.find("codec-aware");
}

Parameters with_budget(double loss) {
  Parameters parameters = defaults(codec_aware().parameters);
  parameters.set("accuracy-loss", loss);
  return parameters;
}

/// All ways to give each of these tensors one of two codecs.
std::vector<CodecOf> all_ways(const Problem& problem, const std::vector<std::size_t>& tensors) {
  std::vector<CodecOf> ways = {{}};
  for (const std::size_t id : tensors) {
    std::vector<CodecOf> longer;
    for (const CodecOf& way : ways) {
      for (const char* codec : {"coarse", "fine"}) {
        longer.push_back(way);
        longer.back()[problem.tensors[id].name] = codec;
      }
    }
    ways = std::move(longer);
  }
  return ways;
}

/// Two codecs for most tensors, and a loss for some ways to use them at each cut.
Problem with_choices(std::uint64_t i) {
  Problem problem = random_problem(601, i, {.most_layers = 6, .least_tiers = 2, .most_tiers = 3});
  RandomStream random = random_stream(601, "codecs", i);
  const auto times = [&] {
    std::vector<Seconds> all;
    for (std::size_t tier = 0; tier < problem.tier_count(); ++tier) {
      all.emplace_back(static_cast<double>(random() % 8) / 8);
    }
    return all;
  };
  for (Seconds& on_device : problem.seconds.front()) {
    on_device += Seconds(9);  // so that much goes out
  }
  for (CrossingTensor& tensor : problem.tensors) {
    tensor.bytes += Bytes(5);
    for (const char* codec : {"coarse", "fine"}) {
      if (random() % 5 > 0) {
        const auto bytes = static_cast<double>(random() % 4);
        tensor.candidates.push_back({Bytes(bytes), times(), times(), codec});
      }
    }
  }
  each_cut_in_two(problem, [&](const Assignment& tier_of) {
    for (CodecOf& way : all_ways(problem, crossing(problem, tier_of))) {
      if (!way.empty() && random() % 3 > 0) {
        problem.accuracy.add(std::move(way), static_cast<double>(random() % 10) / 100);
      }
    }
  });
  problem.check();
  return problem;
}

/// Puts the coding of that name into the tensor, where it has one.
void encode(CrossingTensor& tensor, const std::string& codec) {
  for (const Coding& candidate : tensor.candidates) {
    if (candidate.codec == codec) {
      tensor.coding = candidate;
    }
  }
}

double loss_of(const Problem& problem, const CodecOf& way) {
  std::set<std::string> names;
  for (const auto& [tensor, codec] : way) {
    names.insert(tensor);
  }
  for (const AccuracyTable::Entry& entry : problem.accuracy.at(names)) {
    if (entry.codecs == way) {
      return entry.loss;
    }
  }
  return INFINITY;  // not measured
}

/// Every cut in two, with every way to encode what crosses and with none.
double brute_force(const Problem& problem, double budget) {
  double least = INFINITY;
  each_cut_in_two(problem, [&](const Assignment& tier_of) {
    least = std::min(least, evaluate(problem, tier_of).latency().si());
    for (const CodecOf& way : all_ways(problem, crossing(problem, tier_of))) {
      if (loss_of(problem, way) <= budget) {
        Problem coded = problem;
        for (CrossingTensor& tensor : coded.tensors) {
          if (way.contains(tensor.name)) {
            encode(tensor, way.at(tensor.name));
          }
        }
        least = std::min(least, evaluate(coded, tier_of).latency().si());
      }
    }
  });
  return least;
}

}  // namespace

TEST_CASE("codec-aware: the best cut and codecs within the budget, as brute force finds them") {
  int encoded = 0;
  for (std::uint64_t i = 0; i < 300; ++i) {
    const Problem problem = with_choices(i);
    if (problem.accuracy.empty()) {
      continue;
    }
    for (const double budget : {0.0, 0.035, 1.0}) {
      INFO("problem " << i << ", budget " << budget << "\n" << to_dot(problem));
      const Outcome outcome = solve(codec_aware(), problem, with_budget(budget));
      const Plan& plan = std::get<Plan>(outcome);
      CHECK(plan.cost.latency().si() ==
            doctest::Approx(brute_force(problem, budget)).epsilon(1e-12));
      encoded += plan.codecs.empty() ? 0 : 1;
    }
  }
  CHECK(encoded > 100);
}

TEST_CASE("codec-aware: a larger budget is never slower") {
  for (std::uint64_t i = 0; i < 100; ++i) {
    const Problem problem = with_choices(1000 + i);
    double before = INFINITY;
    for (int percent = 0; percent <= 10 && !problem.accuracy.empty(); ++percent) {
      const Outcome outcome = solve(codec_aware(), problem, with_budget(percent / 100.0));
      const double now = std::get<Plan>(outcome).cost.latency().si();
      CHECK(now <= before);
      before = now;
    }
  }
}

TEST_CASE("codec-aware: declines where nothing was measured, and where cuts are many") {
  Problem problem = with_choices(0);
  Parameters few = with_budget(0.01);
  few.set("most", 1.0);
  CHECK(std::get<Declined>(solve(codec_aware(), problem, few)).reason ==
        "there are more than 1 legal cuts (the parameter 'most' sets the limit)");
  problem.accuracy = {};
  CHECK(std::get<Declined>(solve(codec_aware(), problem, with_budget(0.01))).reason ==
        "no codec's accuracy was measured (plan.codec: a list of codecs)");
}

TEST_CASE("verify: a plan's codecs are among the tensors' candidates, and its cost is theirs") {
  const Problem problem = {
      .tiers = {"device", "cloud"},
      .layers = {"a", "b"},
      .seconds = {{Seconds(1), Seconds(9)}, {Seconds(9), Seconds(1)}},
      .tensors = {{.name = "x", .producer = 0, .consumers = {1}, .bytes = Bytes(8)},
                  {.name = "y", .producer = 1, .consumers = {}, .bytes = Bytes(0)}},
      .hops = {{BytesPerSecond(1), BytesPerSecond(1), Seconds(0)}}};
  Problem coded = problem;
  const std::vector<Seconds> free = {Seconds(0), Seconds(0)};
  coded.tensors[0].candidates = {{Bytes(2), free, free, "small"}};
  Plan plan{.algorithm = "mine", .tier_of = {0, 1}, .cost = {}, .codecs = {{"x", "small"}}};
  plan.cost = evaluate(with_codecs(coded, plan.codecs), plan.tier_of);
  CHECK(plan.cost.latency() == Seconds(4));  // 1 + 2 B at 1 B/s + 1
  CHECK_NOTHROW(verify(coded, plan));
  CHECK_THROWS_AS(verify(problem, plan), std::logic_error);  // has no such candidate
  plan.codecs = {};
  CHECK_THROWS_AS(verify(coded, plan), std::logic_error);  // 8 bytes cross then
  plan.codecs = {{"z", "small"}};
  CHECK_THROWS_AS(verify(coded, plan), std::logic_error);
}

}  // namespace offcut
