#include "sim/engine/core/verdict.h"

#include <doctest/doctest.h>

namespace offcut::engine {

TEST_CASE("verdict: the backlog against the run, and then the load") {
  const JudgedLoad load{.arrivals = 100, .backlog = 6, .offered = 90, .capacity = 100};
  CHECK(judge(load, 100) == Verdict::backlogged);
  CHECK(judge(load, 120) == Verdict::stable);  // A twentieth of it.
  JudgedLoad other = load;
  other.offered = 101;
  CHECK(judge(other, 100) == Verdict::overloaded);
  other.arrivals = 99;
  CHECK(judge(other, 100) == Verdict::stable);
  other = load;
  other.capacity = 0;  // All came at once.
  CHECK(judge(other, 100) == Verdict::backlogged);
  other.backlog = 0;
  CHECK(judge(other, 0) == Verdict::stable);  // All times are zero.
}

TEST_CASE("verdict: one of several must exceed its capacity by four standard deviations") {
  // 400 arrivals: 4 / 20 more.
  JudgedLoad load{.arrivals = 400, .backlog = 10, .offered = 119, .capacity = 100};
  CHECK(!is_overloaded_alone(load, 100));
  load.offered = 121;
  CHECK(is_overloaded_alone(load, 100));
  load.backlog = 4;
  CHECK(!is_overloaded_alone(load, 100));
}

}  // namespace offcut::engine
