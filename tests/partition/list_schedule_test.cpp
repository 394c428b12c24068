// List schedules: figures by hand, a schedule that goes through time (naive.h), and the shortest
// schedule of small DAGs, found by trying all orders.

#include "partition/list_schedule.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "complaint.h"
#include "naive.h"
#include "random_problem.h"

namespace offcut::partition::list_schedule_test {
namespace {

/// Layers on one tier with these times, of which each pair has a tensor from one to the other.
CostTable table_of(const std::vector<double>& seconds,
                   const std::vector<std::pair<LayerId, LayerId>>& edges) {
  CostTable costs;
  costs.tiers = {"device"};
  costs.seconds.emplace_back();
  for (const double time : seconds) {
    costs.layers.push_back("layer" + std::to_string(costs.layers.size()));
    costs.seconds[0].emplace_back(time);
  }
  for (const auto& [maker, reader] : edges) {
    costs.tensors.push_back({.name = "t" + std::to_string(costs.tensors.size()),
                             .producer = maker,
                             .consumers = {reader},
                             .bytes = Bytes(1)});
  }
  costs.check();
  return costs;
}

double length(const CostTable& costs, std::size_t engines) {
  return schedule_end(costs, costs.seconds[0], std::vector<bool>(costs.layer_count(), true),
                      engines)
      .si();
}

/// Returns the length of the shortest schedule: of all orders in which layers can begin, one begins
/// each layer as soon as its makers are done and an engine is free.
class ShortestSchedule {
 public:
  ShortestSchedule(const CostTable& costs, std::size_t engines)
      : costs_(costs), done_(costs.layer_count(), -1), free_(engines, 0) {}

  double find() {
    place(0, 0);
    return shortest_;
  }

 private:
  void place(std::size_t count, double end) {
    if (count == costs_.layer_count()) {
      shortest_ = std::min(shortest_, end);
      return;
    }
    for (LayerId layer = 0; layer < costs_.layer_count(); ++layer) {
      double start = done_[layer] >= 0 ? -1 : 0;
      for (const CrossingTensor& tensor : costs_.tensors) {
        const bool reads = std::count(tensor.consumers.begin(), tensor.consumers.end(), layer) > 0;
        if (reads && tensor.producer && start >= 0) {
          start = done_[*tensor.producer] < 0 ? -1 : std::max(start, done_[*tensor.producer]);
        }
      }
      if (start < 0) {
        continue;
      }
      const auto engine = std::min_element(free_.begin(), free_.end());
      const double before = *engine;
      const double time = costs_.seconds[0][layer].si();
      done_[layer] = time > 0 ? std::max(start, *engine) + time : start;
      *engine = time > 0 ? done_[layer] : *engine;
      place(count + 1, std::max(end, done_[layer]));
      *engine = before;
      done_[layer] = -1;
    }
  }

  const CostTable& costs_;
  std::vector<double> done_;  // Negative: not placed.
  std::vector<double> free_;
  double shortest_ = INFINITY;
};

}  // namespace

TEST_CASE("list schedule: independent layers run at the same time, dependent ones do not") {
  const CostTable fork =
      table_of({1, 4, 2, 3, 1}, {{0, 1}, {0, 2}, {0, 3}, {1, 4}, {2, 4}, {3, 4}});
  CHECK(length(fork, 1) == 11);
  CHECK(length(fork, 2) == 1 + 5 + 1);  // 4 beside 3, and then 2 beside the end of 4.
  CHECK(length(fork, 3) == 1 + 4 + 1);
  CHECK(length(fork, 64) == 1 + 4 + 1);
  const CostTable chain = table_of({1, 4, 2, 3}, {{0, 1}, {1, 2}, {2, 3}});
  CHECK(length(chain, 64) == 10);
  CHECK(length(table_of({}, {}), 2) == 0);
}

TEST_CASE(
    "list schedule: the longest path to the end begins first, of equal ones the first layer") {
  // Layer 0 takes as long as layer 1, but layer 3 waits for layer 1.
  const CostTable paths = table_of({2, 2, 2, 5}, {{1, 3}});
  CHECK(length(paths, 2) == 7);
  // Of the three equal paths, those that begin with layers 0 and 1 begin. A short layer waits.
  const CostTable equal = table_of({1, 3, 2, 1}, {{0, 2}});
  CHECK(length(equal, 2) == 4);
}

TEST_CASE("list schedule: it need not be the shortest one") {
  const CostTable costs = table_of({3, 3, 2, 2, 2}, {});
  CHECK(length(costs, 2) == 7);  // Both engines take 3 and 2 first.
  CHECK(ShortestSchedule(costs, 2).find() == 6);
}

TEST_CASE("list schedule: a layer without time needs no engine") {
  const CostTable fused = table_of({2, 2, 0, 0, 1}, {{0, 2}, {2, 3}, {3, 4}});
  CHECK(length(fused, 2) == 3);
  // Both engines are busy when layer 1 is ready, and the end of the stage is not delayed by it.
  const CostTable free = table_of({2, 0, 3}, {});
  CHECK(length(free, 2) == 3);
  CHECK(length(table_of({0, 0, 0}, {{0, 1}, {1, 2}}), 2) == 0);
}

TEST_CASE("list schedule: layers of other stages are done, or have not begun") {
  const CostTable costs = table_of({1, 4, 3, 2}, {{0, 1}, {0, 2}, {1, 3}, {2, 3}});
  const std::vector<bool> branches = {false, true, true, false};
  CHECK(schedule_end(costs, costs.seconds[0], branches, 2, Seconds(10)) == Seconds(14));
  CHECK(schedule_end(costs, costs.seconds[0], branches, 1, Seconds(10)) == Seconds(17));
}

TEST_CASE("list schedule: 2,000 random DAGs against a schedule that goes through time") {
  std::size_t shorter = 0;
  for (std::uint64_t i = 0; i < 2000; ++i) {
    Problem problem = random_problem(1811, i, {.most_layers = 12, .most_tiers = 1});
    std::set<LayerId> all;
    for (LayerId layer = 0; layer < problem.layer_count(); ++layer) {
      all.insert(layer);
    }
    for (const std::size_t engines : {2U, 3U, 5U}) {
      problem.parallel = {engines};
      INFO("problem " << i << ", " << engines << " engines\n" << to_dot(problem));
      CHECK(length(problem, engines) == naive_schedule(problem, 0, all));
      shorter += length(problem, engines) < length(problem, 1) ? 1U : 0U;
    }
  }
  CHECK(shorter > 3000);
}

TEST_CASE("list schedule: 400 random DAGs against the shortest schedule and Graham's bound") {
  std::size_t longer = 0;
  for (std::uint64_t i = 0; i < 400; ++i) {
    const Problem problem =
        random_problem(1812, i, {.least_layers = 3, .most_layers = 7, .most_tiers = 1});
    for (const std::size_t engines : {2U, 3U}) {
      INFO("problem " << i << ", " << engines << " engines\n" << to_dot(problem));
      const double shortest = ShortestSchedule(problem, engines).find();
      const double found = length(problem, engines);
      const double most = 2 - 1 / static_cast<double>(engines);
      CHECK(found >= shortest * (1 - 1e-12));
      CHECK(found <= most * shortest * (1 + 1e-12));
      longer += found > shortest * (1 + 1e-12) ? 1U : 0U;
    }
  }
  CHECK(longer < 80);  // Of 800: the schedule is nearly always the shortest one.
  CHECK(longer > 0);
}

TEST_CASE("list schedule: a cost table with invalid numbers of engines is refused") {
  Problem problem = random_problem(1813, 0, {.least_tiers = 2, .most_tiers = 2});
  problem.parallel = {1};
  CHECK(complaint(problem) == "partition problem: expected a number of engines per tier, or none");
  problem.parallel = {1, 0};
  CHECK(complaint(problem) == "partition problem: a tier needs an engine");
  problem.parallel = {1, 1};
  CHECK(complaint(problem).empty());
  CHECK_FALSE(problem.is_parallel());
  problem.parallel = {1, 2};
  CHECK(problem.is_parallel());
}

}  // namespace offcut::partition::list_schedule_test
