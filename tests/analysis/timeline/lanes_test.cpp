#include "analysis/timeline/lanes.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "models/base/random.h"

namespace offcut::analysis::lanes_test {
namespace {

struct Interval {
  std::int64_t begin, end;
};

/// Returns the largest number of intervals that have an instant in common, by counting at each
/// beginning. Those of no length count only inside of others.
std::size_t depth_of(const std::vector<Interval>& all) {
  std::size_t most = 0;
  for (const Interval& at : all) {
    const auto has_it = [&](const Interval& other) {
      return other.begin <= at.begin && at.begin < other.end;
    };
    most = std::max(most, static_cast<std::size_t>(std::count_if(all.begin(), all.end(), has_it)));
  }
  return most;
}

}  // namespace

TEST_CASE("lanes: as few as intervals overlap, and none overlap on a lane") {
  RandomStream stream = random_stream(1, "lanes");
  for (int round = 0; round < 200; ++round) {
    std::vector<Interval> all;
    const std::size_t count = 1 + stream() % 60;
    for (std::size_t i = 0; i < count; ++i) {
      const auto begin = static_cast<std::int64_t>(stream() % 50);
      all.push_back({begin, begin + 1 + static_cast<std::int64_t>(stream() % 12)});
    }
    std::sort(all.begin(), all.end(),
              [](const Interval& a, const Interval& b) { return a.begin < b.begin; });
    Lanes lanes;
    std::vector<std::int64_t> free_at;
    for (const Interval& interval : all) {
      const std::size_t lane = lanes.take(interval.begin, interval.end);
      free_at.resize(std::max(free_at.size(), lane + 1));
      CHECK(free_at[lane] <= interval.begin);
      free_at[lane] = interval.end;
    }
    CHECK(lanes.count() == depth_of(all));
  }
}

TEST_CASE("lanes: intervals that touch, or have no length, share one") {
  Lanes lanes;
  CHECK(lanes.take(0, 5) == 0);
  CHECK(lanes.take(5, 5) == 0);
  CHECK(lanes.take(5, 9) == 0);
  CHECK(lanes.take(8, 9) == 1);
  CHECK(lanes.take(9, 10) == 0);
  CHECK(lanes.count() == 2);
}

}  // namespace offcut::analysis::lanes_test
