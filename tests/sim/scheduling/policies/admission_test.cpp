#include <doctest/doctest.h>

#include <boost/random/uniform_int_distribution.hpp>

#include "../policy.h"

namespace offcut::scheduling::admission_test {
namespace {

using Whole = boost::random::uniform_int_distribution<std::int64_t>;

/// Returns the times of the requests that are taken, of those that arrive at these times.
std::vector<double> taken(Admission& policy, const std::vector<double>& times) {
  std::vector<double> all;
  for (const double time : times) {
    if (policy.admits({}, {}, Seconds(time))) {
      all.push_back(time);
    }
  }
  return all;
}

}  // namespace

TEST_CASE("deadline: takes requests that are predicted to be in time") {
  const auto policy = offcut::scheduling::policy(admission(), "deadline");
  const auto admits = [&](const ServerState& server, double deadline) {
    const Job job{.service = Seconds(2), .rest = Seconds(1), .deadline = Seconds(deadline)};
    return policy->admits(server, job, Seconds(10));
  };
  CHECK(admits({}, 13));
  CHECK(!admits({}, 12.9));
  // One core is busy until 14 s: with one alone it waits for that, with two it doesn't.
  ServerState busy{.running = 1, .busy = 1, .running_ends = Seconds(14)};
  CHECK(admits(busy, 17));
  CHECK(!admits(busy, 16.9));
  busy.cores = 2;
  CHECK(admits(busy, 13));
  // Both busy, until 14 and 16 s, and 6 s of work waits: 16 s in all, over two cores.
  const ServerState full{.cores = 2,
                         .waiting = 3,
                         .running = 2,
                         .busy = 2,
                         .waiting_work = Seconds(6),
                         .running_ends = Seconds(30)};
  CHECK(admits(full, 21));
  CHECK(!admits(full, 20.9));
  CHECK(policy->admits(full, {}, Seconds(1e9)));  // Without a deadline.
}

TEST_CASE("token-bucket: it decides as counting tokens would") {
  // In whole milliseconds at 8 requests a second: a token is 125 of the units that drop in one by
  // one each millisecond.
  RandomStream random = random_stream(1, "admission");
  for (const std::int64_t burst : {1, 2, 5}) {
    const auto policy = offcut::scheduling::policy(
        admission(), "token-bucket", {{"rate", 8}, {"burst", static_cast<double>(burst)}});
    std::int64_t now = 0;
    std::int64_t tokens = 125 * burst;
    std::int64_t admitted = 0;
    for (int i = 0; i < 20'000; ++i) {
      const std::int64_t gap =
          Whole(0, 9)(random) == 0 ? Whole(0, 900)(random) : 5 * Whole(0, 20)(random);
      now += gap;
      tokens = std::min(125 * burst, tokens + gap);
      const bool expected = tokens >= 125;
      REQUIRE(policy->admits({}, {}, Seconds(static_cast<double>(now) / 1000)) == expected);
      tokens -= expected ? 125 : 0;
      admitted += expected ? 1 : 0;
    }
    CHECK(admitted > 1000);
    CHECK(admitted < 19'000);
    CHECK(125 * admitted <= now + 125 * burst);  // The rate holds in the long run.
  }
}

TEST_CASE("token-bucket: requests at exactly the rate all pass, whatever the rate") {
  for (const double rate : {0.3, 7.0, 1e4 / 3}) {
    const auto policy = offcut::scheduling::policy(admission(), "token-bucket", {{"rate", rate}});
    std::vector<double> multiples, sums;
    double sum = 0;
    for (int i = 0; i < 10'000; ++i) {
      multiples.push_back(i / rate);
      sums.push_back(1e4 / rate + (sum += 1 / rate));
    }
    CHECK(taken(*policy, multiples) == multiples);
    CHECK(taken(*policy, sums) == sums);
  }
}

TEST_CASE("token-bucket: a burst at once, and then one by one") {
  const auto policy =
      offcut::scheduling::policy(admission(), "token-bucket", {{"rate", 2}, {"burst", 3}});
  CHECK(taken(*policy, {5, 5, 5, 5, 5.4, 5.5, 5.6, 6.5, 6.5, 6.5}).size() == 6);
}

TEST_CASE("bounded-queue: limits waiting requests, and a free core needs no place to wait") {
  const auto loss = offcut::scheduling::policy(admission(), "bounded-queue", {{"capacity", 0}});
  const auto two = offcut::scheduling::policy(admission(), "bounded-queue", {{"capacity", 2}});
  const auto server = [](std::size_t busy, std::size_t waiting) {
    return ServerState{.cores = 3, .waiting = waiting, .running = busy, .busy = busy};
  };
  const auto admits = [](Admission& policy, const ServerState& state) {
    return policy.admits(state, {}, Seconds(0));
  };
  CHECK(admits(*loss, server(2, 0)));
  CHECK(!admits(*loss, server(3, 0)));
  CHECK(admits(*two, server(3, 1)));
  CHECK(!admits(*two, server(3, 2)));
  CHECK(!admits(*two, server(2, 2)));  // No place, if it waits for a batch.
  ServerState down = server(0, 0);
  down.is_up = false;
  CHECK(!admits(*loss, down));  // It would have to wait.
  CHECK(admits(*two, down));
}

}  // namespace offcut::scheduling::admission_test
