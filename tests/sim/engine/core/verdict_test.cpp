#include "sim/engine/core/verdict.h"

#include <doctest/doctest.h>

namespace offcut::engine::verdict_test {

TEST_CASE("verdict: the backlog against the run, and then the load") {
  const JudgedLoad load{.requests = 100, .backlog = 6, .offered = 90, .capacity = 100};
  CHECK(judge(load, 100) == Verdict::backlogged);
  CHECK(judge(load, 120) == Verdict::stable);  // A twentieth of it.
  JudgedLoad other = load;
  other.offered = 101;
  CHECK(judge(other, 100) == Verdict::overloaded);
  other.requests = 99;
  CHECK(judge(other, 100) == Verdict::stable);
  other = load;
  other.capacity = 0;  // All came at once.
  CHECK(judge(other, 100) == Verdict::backlogged);
  other.backlog = 0;
  CHECK(judge(other, 0) == Verdict::stable);  // All times are zero.
}

TEST_CASE("verdict: few arrivals must exceed the capacity by four standard deviations") {
  // 16 arrivals: 4 / 4 more. A periodic stream that needs 2.1 times what there is.
  JudgedLoad load{.requests = 16, .backlog = 100, .offered = 210, .capacity = 100};
  CHECK(judge(load, 200) == Verdict::overloaded);
  load.backlog = 10;
  CHECK(judge(load, 200) == Verdict::stable);
  load.backlog = 100;
  load.offered = 199;
  CHECK(judge(load, 200) == Verdict::stable);
  load = {.requests = 9, .backlog = 900, .offered = 1000, .capacity = 100};
  CHECK(judge(load, 1000) == Verdict::stable);
  load = {.requests = 50, .backlog = 900, .offered = 1000, .capacity = 0};  // All at once.
  CHECK(judge(load, 1000) == Verdict::stable);
}

TEST_CASE("verdict: one of several must exceed its capacity by four standard deviations") {
  // 400 arrivals: 4 / 20 more.
  JudgedLoad load{.requests = 400, .backlog = 10, .offered = 119, .capacity = 100};
  CHECK(!is_overloaded_alone(load, 100));
  load.offered = 121;
  CHECK(is_overloaded_alone(load, 100));
  load.backlog = 4;
  CHECK(!is_overloaded_alone(load, 100));
}

}  // namespace offcut::engine::verdict_test
