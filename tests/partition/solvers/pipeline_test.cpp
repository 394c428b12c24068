#include "partition/solvers/pipeline.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "../between.h"

namespace offcut::partition::pipeline_test {
namespace {

/// Returns a random problem in small whole numbers, so that sums are exact, and ties and tight
/// memories are frequent.
PipelineProblem random_pipeline(RandomStream& random) {
  const Between between{random};
  PipelineProblem problem;
  problem.input = Bytes(between(0, 4));
  const int blocks = between(1, 6);
  for (int i = 0; i < blocks; ++i) {
    problem.weights.emplace_back(between(0, 6));
    problem.passes.emplace_back(between(0, 6));
  }
  for (int kinds = between(1, 3); kinds > 0; --kinds) {
    PipelineDevices devices{.name = "kind",
                            .count = static_cast<std::size_t>(between(0, 2)),
                            .memory = Bytes(between(4, 30)),
                            .bandwidth = BytesPerSecond(1 << between(0, 2))};
    for (int i = 0; i < blocks; ++i) {
      devices.seconds.emplace_back(between(0, 9));
    }
    devices.per_request = Seconds(between(0, 2));
    problem.devices.push_back(devices);
  }
  return problem;
}

/// The oracle: evaluates every order of devices with every range of blocks.
class EveryPipeline {
 public:
  EveryPipeline(const PipelineProblem& problem, PipelineGoal goal) : p_(problem), goal_(goal) {
    for (const PipelineDevices& devices : p_.devices) {
      left_.push_back(devices.count);
    }
  }

  double least() {
    from(0, p_.devices.size(), 0);
    return least_;
  }

 private:
  double join(double a, double b) const {
    return goal_ == PipelineGoal::period ? std::max(a, b) : a + b;
  }

  void from(std::size_t block, std::size_t sender, double so_far) {
    if (block == p_.weights.size()) {
      least_ = std::min(least_, so_far);
      return;
    }
    for (std::size_t device = 0; device < p_.devices.size(); ++device) {
      if (left_[device] == 0) {
        continue;
      }
      --left_[device];
      const double received = (block == 0 ? p_.input : p_.passes[block - 1]).si();
      double arrived = so_far;
      if (block > 0) {
        const double a = p_.devices[sender].bandwidth.si();
        const double b = p_.devices[device].bandwidth.si();
        arrived = join(so_far, std::max(received / a, received / b));
      }
      double memory = received;
      double compute = p_.devices[device].per_request.si();
      for (std::size_t i = block; i < p_.weights.size(); ++i) {
        memory += p_.weights[i].si();
        compute += p_.devices[device].seconds[i].si();
        if (memory + p_.passes[i].si() <= p_.devices[device].memory.si()) {
          from(i + 1, device, join(arrived, compute));
        }
      }
      ++left_[device];
    }
  }

  const PipelineProblem& p_;
  PipelineGoal goal_;
  std::vector<std::size_t> left_;
  double least_ = std::numeric_limits<double>::infinity();
};

PipelineDevices device(std::string name, std::size_t count, double memory,
                       std::vector<Seconds> seconds) {
  return {std::move(name), count, Bytes(memory), BytesPerSecond(1), std::move(seconds)};
}

}  // namespace

TEST_CASE("pipeline: the best of every order of devices and every range of blocks") {
  std::size_t solved = 0;
  for (std::uint64_t i = 0; i < 2000; ++i) {
    RandomStream random = random_stream(501, "pipeline", i);
    const PipelineProblem problem = random_pipeline(random);
    problem.check();
    for (const PipelineGoal goal : {PipelineGoal::period, PipelineGoal::latency}) {
      INFO("seed 501, problem " << i);
      const double least = EveryPipeline(problem, goal).least();
      const auto plan = best_pipeline(problem, goal);
      REQUIRE(plan.has_value() == std::isfinite(least));
      if (!plan) {
        continue;
      }
      ++solved;
      CHECK((goal == PipelineGoal::period ? plan->period : plan->latency).si() == least);
      std::size_t next = 0;
      std::vector<std::size_t> used(problem.devices.size(), 0);
      for (const PipelineStage& stage : plan->stages) {
        CHECK(stage.first == next);
        CHECK(stage_memory(problem, stage) <= problem.devices[stage.device].memory);
        CHECK(++used[stage.device] <= problem.devices[stage.device].count);
        next = stage.last;
      }
      CHECK(next == problem.block_count());
    }
  }
  CHECK(solved > 1000);
}

TEST_CASE("pipeline: n equal devices share n equal blocks") {
  // 6 blocks of 2 s without outputs on 3 devices: 2 blocks each, 4 s.
  const PipelineProblem problem = {
      .weights = std::vector(6, Bytes(1)),
      .passes = std::vector(6, Bytes(0)),
      .devices = {device("board", 3, 100, std::vector(6, Seconds(2)))}};
  const auto plan = best_pipeline(problem, PipelineGoal::period);
  REQUIRE(plan.has_value());
  CHECK(plan->stages == std::vector<PipelineStage>{{0, 0, 2}, {0, 2, 4}, {0, 4, 6}});
  CHECK(plan->period == Seconds(4));
  CHECK(plan->latency == Seconds(12));
}

TEST_CASE("pipeline: memory decides the placement of blocks") {
  // The fast device runs all blocks in 3 s if it can hold 3 weights and the buffers (1 in, 1 out:
  // 5). With 4, it holds 2 blocks; the third takes 5 s on the slow device, and the tensor between 1
  // s.
  PipelineProblem problem = {.weights = std::vector(3, Bytes(1)),
                             .passes = std::vector(3, Bytes(1)),
                             .input = Bytes(1),
                             .devices = {device("fast", 1, 5, std::vector(3, Seconds(1))),
                                         device("slow", 1, 9, std::vector(3, Seconds(5)))}};
  CHECK(best_pipeline(problem, PipelineGoal::period)->stages ==
        std::vector<PipelineStage>{{0, 0, 3}});
  problem.devices[0].memory = Bytes(4);
  const auto plan = best_pipeline(problem, PipelineGoal::latency);
  REQUIRE(plan.has_value());
  CHECK(plan->latency == Seconds(1 + 1 + 1 + 5));
  CHECK(plan->period == Seconds(5));
  problem.devices[1].memory = Bytes(2);
  CHECK(!best_pipeline(problem, PipelineGoal::period).has_value());
}

TEST_CASE("pipeline: an invalid problem is refused") {
  const PipelineProblem good = {.weights = {Bytes(1)},
                                .passes = {Bytes(1)},
                                .devices = {device("board", 1, 5, {Seconds(1)})}};
  CHECK_NOTHROW(good.check());
  PipelineProblem bad = good;
  bad.devices[0].seconds.clear();
  CHECK_THROWS_WITH_AS(
      bad.check(), "pipeline problem: each block needs a time on 'board', finite and not negative",
      std::logic_error);
  bad = good;
  bad.passes.clear();
  CHECK_THROWS_AS(bad.check(), std::logic_error);
}

}  // namespace offcut::partition::pipeline_test
