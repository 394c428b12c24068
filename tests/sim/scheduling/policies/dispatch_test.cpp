#include <doctest/doctest.h>

#include <boost/random/uniform_int_distribution.hpp>
#include <cmath>

#include "../policy.h"

namespace offcut::scheduling::dispatch_test {
namespace {

/// Returns servers of two cores with these numbers of requests, of one second each, at time 0.
std::vector<ServerState> servers_with(const std::vector<std::size_t>& jobs) {
  std::vector<ServerState> servers;
  for (const std::size_t count : jobs) {
    const std::size_t busy = std::min<std::size_t>(count, 2);
    servers.push_back({.cores = 2,
                       .waiting = count - busy,
                       .running = busy,
                       .busy = busy,
                       .waiting_work = Seconds(static_cast<double>(count - busy)),
                       .running_ends = Seconds(static_cast<double>(busy))});
  }
  return servers;
}

/// Returns the fraction of choices of each server.
std::vector<double> shares(Dispatch& policy, const std::vector<ServerState>& servers,
                           int draws = 60'000) {
  RandomStream stream = random_stream(1, "dispatch");
  std::vector<double> all(servers.size());
  for (int i = 0; i < draws; ++i) {
    all[policy.choose(servers, {}, Seconds(0), stream)] += 1.0 / draws;
  }
  return all;
}

/// Compares within five standard errors.
bool alike(const std::vector<double>& seen, const std::vector<double>& expected,
           int draws = 60'000) {
  bool fine = seen.size() == expected.size();
  for (std::size_t i = 0; fine && i < seen.size(); ++i) {
    fine = std::abs(seen[i] - expected[i]) <=
           5 * std::sqrt(expected[i] * (1 - expected[i]) / draws) + 1e-9;
  }
  return fine;
}

std::size_t chosen(Dispatch& policy, const std::vector<ServerState>& servers) {
  RandomStream stream = random_stream(2, "dispatch");
  return policy.choose(servers, {}, Seconds(0), stream);
}

}  // namespace

TEST_CASE("round-robin: chooses servers in turn, without those that are down") {
  const auto policy = offcut::scheduling::policy(dispatch(), "round-robin");
  std::vector<ServerState> servers = servers_with({9, 0, 0, 5});
  const auto turns = [&](int count) {
    std::vector<std::size_t> all;
    for (int i = 0; i < count; ++i) {
      all.push_back(chosen(*policy, servers));
    }
    return all;
  };
  CHECK(turns(6) == std::vector<std::size_t>{0, 1, 2, 3, 0, 1});
  servers[2].is_up = false;
  CHECK(turns(4) == std::vector<std::size_t>{3, 0, 1, 3});
  servers = {servers[0]};  // Its servers may change.
  CHECK(turns(2) == std::vector<std::size_t>{0, 0});
}

TEST_CASE("random: chooses servers that are up with equal probabilities") {
  const auto policy = offcut::scheduling::policy(dispatch(), "random");
  std::vector<ServerState> servers = servers_with({0, 7, 1, 2, 3});
  CHECK(alike(shares(*policy, servers), {0.2, 0.2, 0.2, 0.2, 0.2}));
  servers[0].is_up = servers[3].is_up = false;
  CHECK(alike(shares(*policy, servers), {0, 1.0 / 3, 1.0 / 3, 0, 1.0 / 3}));
}

TEST_CASE("shortest-queue: chooses the fewest requests, and breaks ties at random") {
  const auto policy = offcut::scheduling::policy(dispatch(), "shortest-queue");
  std::vector<ServerState> servers = servers_with({3, 1, 4, 1, 5, 1});
  CHECK(alike(shares(*policy, servers), {0, 1.0 / 3, 0, 1.0 / 3, 0, 1.0 / 3}));
  servers[1].is_up = servers[3].is_up = servers[5].is_up = false;
  CHECK(chosen(*policy, servers) == 0);
}

TEST_CASE("two-choices: chooses the best of several different servers") {
  const std::vector<ServerState> servers = servers_with({4, 0, 3, 1, 2});
  const std::vector<std::size_t> rank = {4, 0, 3, 1, 2};  // 0 has the fewest.
  const auto choices = [&](double count) {
    return offcut::scheduling::policy(dispatch(), "two-choices", {{"choices", count}});
  };
  // Of d different ones out of 5, the best is that of rank r with probability
  // C(4 - r, d - 1) / C(5, d).
  for (const auto& [count, of_rank] : {std::pair(1, std::vector<double>{0.2, 0.2, 0.2, 0.2, 0.2}),
                                       {2, {0.4, 0.3, 0.2, 0.1, 0}},
                                       {3, {0.6, 0.3, 0.1, 0, 0}},
                                       {5, {1, 0, 0, 0, 0}},
                                       {9, {1, 0, 0, 0, 0}}}) {
    CAPTURE(count);
    std::vector<double> expected;
    for (const std::size_t r : rank) {
      expected.push_back(of_rank[r]);
    }
    const auto policy = choices(count);
    CHECK(alike(shares(*policy, servers), expected));
  }
  const auto two = offcut::scheduling::policy(dispatch(), "two-choices");  // The default is two.
  CHECK(alike(shares(*two, servers_with({1, 1, 1, 1})), {0.25, 0.25, 0.25, 0.25}));
  std::vector<ServerState> some_down = servers;
  some_down[1].is_up = some_down[3].is_up = some_down[4].is_up = false;
  CHECK(chosen(*two, some_down) == 2);
}

TEST_CASE("least-work: chooses the server that is done first, not that with the fewest requests") {
  const auto policy = offcut::scheduling::policy(dispatch(), "least-work");
  std::vector<ServerState> servers = servers_with({1, 3, 2});
  CHECK(chosen(*policy, servers) == 0);  // 1, 3 and 2 seconds on two cores.
  servers[0].running_ends = Seconds(9);
  CHECK(chosen(*policy, servers) == 2);
  servers[2].waiting_work = Seconds(30);
  CHECK(chosen(*policy, servers) == 1);
  // Requests that should have ended by now count no more: both servers have 0.
  servers = servers_with({1, 2, 3});
  for (ServerState& server : servers) {
    server.running_ends = Seconds(-5);
  }
  CHECK(alike(shares(*policy, servers), {0.5, 0.5, 0}));
}

TEST_CASE("by-resources: chooses the first with enough free cores, or else that with the most") {
  const auto half = offcut::scheduling::policy(dispatch(), "by-resources", {{"rho", 0.4}});
  CHECK(chosen(*half, servers_with({2, 1, 0})) == 1);  // 0, 1/2 and all are free.
  const auto most = offcut::scheduling::policy(dispatch(), "by-resources", {{"rho", 0.5}});
  CHECK(chosen(*most, servers_with({2, 1, 0})) == 2);
  CHECK(chosen(*most, servers_with({2, 1, 5})) == 1);  // None has more than that.
  CHECK(alike(shares(*most, servers_with({2, 9, 3})), {1.0 / 3, 1.0 / 3, 1.0 / 3}));
  std::vector<ServerState> down = servers_with({2, 0, 1});
  down[1].is_up = false;
  CHECK(chosen(*most, down) == 2);
}

TEST_CASE("by-load: chooses the first with a small load, or else the smallest") {
  const auto policy = offcut::scheduling::policy(dispatch(), "by-load", {{"lambda", 1}});
  CHECK(chosen(*policy, servers_with({2, 1, 0})) == 1);  // 1, 1/2 and 0 per core.
  CHECK(chosen(*policy, servers_with({9, 4, 5})) == 1);
  CHECK(alike(shares(*policy, servers_with({9, 4, 4})), {0, 0.5, 0.5}));
  std::vector<ServerState> down = servers_with({9, 0, 1});
  down[1].is_up = false;
  CHECK(chosen(*policy, down) == 2);
}

TEST_CASE("hybrid: chooses the first with free cores or a small load, or else the smallest load") {
  const auto policy =
      offcut::scheduling::policy(dispatch(), "hybrid", {{"rho", 0.4}, {"lambda", 1.5}});
  std::vector<ServerState> servers = servers_with({4, 2, 1});
  CHECK(chosen(*policy, servers) == 1);  // Loads 2, 1 and 1/2; only the last has a free core.
  servers[1].waiting = 9;
  CHECK(chosen(*policy, servers) == 2);
  // A batch of eight on one core: half of it is free, though its load is large.
  servers[1] = {.cores = 2, .running = 8, .busy = 1};
  CHECK(chosen(*policy, servers) == 1);
  CHECK(chosen(*policy, servers_with({9, 3, 4})) == 1);
}

}  // namespace offcut::scheduling::dispatch_test
