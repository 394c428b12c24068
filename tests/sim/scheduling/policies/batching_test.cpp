#include <doctest/doctest.h>

#include <cmath>
#include <stdexcept>

#include "../policy.h"

namespace offcut::scheduling::batching_test {
namespace {

/// Makes Triton's rule with a full batch of 8, these preferred sizes and this delay.
std::unique_ptr<Batching> timeout(std::vector<double> preferred, double delay, double most = 8) {
  const BatchingKind& kind = *batching().find("timeout");
  Parameters parameters = with(kind.parameters, {{"max", most}, {"delay", delay}});
  parameters.set("preferred", std::move(preferred));
  return kind.make(parameters);
}

/// Returns the size of the batch of `waiting` requests, of which the oldest arrived at 10 s.
std::size_t taken(Batching& policy, std::size_t waiting, double now) {
  return policy.decide(waiting, Seconds(10), Seconds(now)).take;
}

}  // namespace

TEST_CASE("fixed: takes its size and no other") {
  const auto fixed = policy(batching(), "fixed", {{"size", 3}});
  CHECK(taken(*fixed, 2, 1e9) == 0);
  CHECK(std::isinf(fixed->decide(2, Seconds(10), Seconds(11)).again.si()));
  CHECK(taken(*fixed, 3, 10) == 3);
  CHECK(taken(*fixed, 7, 10) == 3);
}

TEST_CASE("timeout: without a delay, takes the largest preferred size, or all requests") {
  const auto plain = timeout({}, 0);
  const auto preferring = timeout({2, 4}, 0);
  const auto preferring_full = timeout({8, 4}, 0);
  //                             waiting  plain  {2, 4}  {8, 4}
  const std::size_t expected[][4] = {{1, 1, 1, 1}, {2, 2, 2, 2}, {3, 3, 2, 3}, {4, 4, 4, 4},
                                     {7, 7, 4, 4}, {8, 8, 4, 8}, {9, 8, 4, 8}};
  for (const auto& row : expected) {
    CAPTURE(row[0]);
    CHECK(taken(*plain, row[0], 10) == row[1]);
    CHECK(taken(*preferring, row[0], 10) == row[2]);
    CHECK(taken(*preferring_full, row[0], 10) == row[3]);
  }
}

TEST_CASE("timeout: with a delay, waits for a preferred or full batch, or for the oldest") {
  const auto plain = timeout({}, 0.5);
  const auto preferring = timeout({4, 6}, 0.5);
  CHECK(plain->decide(7, Seconds(10), Seconds(10.2)).take == 0);
  CHECK(plain->decide(7, Seconds(10), Seconds(10.2)).again == Seconds(10.5));
  CHECK(taken(*plain, 8, 10) == 8);
  CHECK(taken(*plain, 7, 10.5) == 7);
  CHECK(taken(*preferring, 3, 10.2) == 0);
  CHECK(taken(*preferring, 4, 10.2) == 4);
  CHECK(taken(*preferring, 5, 10.2) == 4);
  CHECK(taken(*preferring, 7, 10.2) == 6);
  CHECK(taken(*preferring, 3, 10.5) == 3);
}

TEST_CASE("timeout: never waits at the time that it set, however that is rounded") {
  for (int i = 1; i < 10'000; ++i) {
    const auto policy = timeout({}, 0.1 / i);
    const Seconds oldest(1e4 / 3 * i);
    const Seconds again = policy->decide(1, oldest, oldest).again;
    REQUIRE(policy->decide(1, oldest, again).take == 1);
  }
}

TEST_CASE("timeout: invalid preferred sizes") {
  CHECK_THROWS_WITH_AS(timeout({4, 9}, 0), "preferred: 9 is more than max (8)",
                       std::invalid_argument);
}

TEST_CASE("adaptive: grows by steps, shrinks by a tenth") {
  const auto policy =
      offcut::scheduling::policy(batching(), "adaptive", {{"objective", 1}, {"max", 12}});
  const auto limit = [&] { return taken(*policy, 1000, 10); };
  for (std::size_t size = 1; size < 12; ++size) {
    CHECK(limit() == size);
    policy->finished(size, Seconds(1));  // As long as the objective allows.
  }
  CHECK(limit() == 12);
  policy->finished(12, Seconds(1));
  CHECK(limit() == 12);  // The maximum.
  policy->finished(12, Seconds(1.01));
  CHECK(limit() == 10);  // Rounded from 10.8.
  policy->finished(9, Seconds(0.1));
  CHECK(limit() == 10);  // A smaller batch does not count.
  policy->finished(10, Seconds(0.1));
  CHECK(limit() == 11);  // Rounded from 11.8.
  for (int i = 0; i < 50; ++i) {
    policy->finished(1, Seconds(2));
  }
  CHECK(limit() == 1);
  CHECK(taken(*policy, 1, 10) == 1);
}

TEST_CASE("adaptive: settles around the largest batch within the objective") {
  // A batch of b takes 2 + 0.5 b ms; 16 of them take 10 ms.
  const auto policy =
      offcut::scheduling::policy(batching(), "adaptive", {{"objective", 0.010}, {"max", 500}});
  for (int i = 0; i < 500; ++i) {
    const std::size_t size = taken(*policy, 1000, 10);
    if (i > 30) {
      REQUIRE(size >= 15);  // The least of 0.9 (17 .. 18) is 15.3.
      REQUIRE(size <= 17);
    }
    policy->finished(size, Seconds(0.002 + 0.0005 * static_cast<double>(size)));
  }
}

}  // namespace offcut::scheduling::batching_test
