#include "partition/solvers/tile_schedule.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "../between.h"

namespace offcut::partition::tile_schedule_test {
namespace {

TileProblem random_tiles(RandomStream& random) {
  const Between between{random};
  TileProblem problem;
  for (int devices = between(1, 4); devices > 0; --devices) {
    problem.devices.push_back({"device", static_cast<double>(between(1, 3)),
                               BytesPerSecond(between(1, 3)), Bytes(between(2, 9))});
  }
  if (between(0, 1) == 0) {
    problem.devices.assign(problem.devices.size(), problem.devices.front());
  }
  for (int tiles = between(0, 6); tiles > 0; --tiles) {
    problem.tiles.push_back({static_cast<double>(between(0, 9)), Bytes(between(0, 3)),
                             Bytes(between(0, 3)), Bytes(between(1, 8))});
  }
  return problem;
}

/// Returns the makespan from the formula; infinite if a device has too little memory.
double naive_makespan(const TileProblem& problem, const std::vector<std::size_t>& device_of) {
  std::vector<double> loads(problem.devices.size(), 0);
  for (std::size_t i = 0; i < device_of.size(); ++i) {
    const TileNeeds& tile = problem.tiles[i];
    const TileDevice& device = problem.devices[device_of[i]];
    double seconds = tile.work / device.speed;
    if (device_of[i] > 0) {
      seconds += (tile.input.si() + tile.output.si()) / device.bandwidth.si();
    }
    loads[device_of[i]] +=
        tile.memory > device.memory ? std::numeric_limits<double>::infinity() : seconds;
  }
  return *std::max_element(loads.begin(), loads.end());
}

/// Returns the least makespan over all assignments of tiles to devices.
double least_makespan(const TileProblem& problem) {
  std::vector<std::size_t> device_of(problem.tiles.size(), 0);
  double least = std::numeric_limits<double>::infinity();
  while (true) {
    least = std::min(least, naive_makespan(problem, device_of));
    std::size_t digit = 0;  // Counts up to the next assignment.
    while (digit < device_of.size() && ++device_of[digit] == problem.devices.size()) {
      device_of[digit++] = 0;
    }
    if (digit == device_of.size()) {
      return least;
    }
  }
}

}  // namespace

TEST_CASE("tile schedule: against every assignment of tiles to devices") {
  std::size_t better = 0;
  for (std::uint64_t i = 0; i < 1500; ++i) {
    RandomStream random = random_stream(561, "tiles", i);
    const TileProblem problem = random_tiles(random);
    problem.check();
    INFO("seed 561, problem " << i);
    const double least = least_makespan(problem);
    const auto stolen = steal_tiles(problem);
    const auto best = schedule_tiles(problem, 1e6);
    REQUIRE(best.has_value() == std::isfinite(least));
    REQUIRE(stolen.has_value() == best.has_value());
    if (!best) {
      continue;
    }
    CHECK(best->makespan.si() == doctest::Approx(least).epsilon(1e-12));
    CHECK(naive_makespan(problem, best->device_of) == doctest::Approx(least).epsilon(1e-12));
    CHECK(best->bound == best->makespan);
    CHECK(stolen->bound.si() <= least * (1 + 1e-12));
    CHECK(naive_makespan(problem, stolen->device_of) ==
          doctest::Approx(stolen->makespan.si()).epsilon(1e-12));
    better += best->makespan.si() < stolen->makespan.si() * (1 - 1e-9) ? 1U : 0U;
    const auto stopped = schedule_tiles(problem, 0);  // This is known without a search.
    CHECK(stopped->bound.si() <= least * (1 + 1e-12));
    CHECK(stopped->makespan.si() >= least * (1 - 1e-12));
  }
  CHECK(better > 200);
}

TEST_CASE("tile schedule: equal tiles on equal devices") {
  // 25 tiles of 2 s on 6 devices, with links that take no time, need 5 rounds: 10 s.
  TileProblem problem = {
      .tiles = std::vector<TileNeeds>(25, {.work = 2}),
      .devices = std::vector<TileDevice>(6, {"board", 1, BytesPerSecond(1), Bytes(1)})};
  CHECK(steal_tiles(problem)->makespan == Seconds(10));
  const auto best = schedule_tiles(problem, 1e6);
  CHECK(best->makespan == Seconds(10));
  CHECK(best->bound == Seconds(10));
  problem.tiles[0].memory = Bytes(2);
  CHECK(!schedule_tiles(problem, 1e6).has_value());
  problem.devices.clear();
  CHECK_THROWS_WITH_AS(problem.check(), "tiles over devices: expected at least one device",
                       std::logic_error);
}

}  // namespace offcut::partition::tile_schedule_test
