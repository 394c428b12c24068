// The contract of every registered policy, for any input.

#include <doctest/doctest.h>

#include <boost/random/uniform_int_distribution.hpp>
#include <boost/random/uniform_real_distribution.hpp>
#include <cmath>

#include "policy.h"

namespace offcut::scheduling::contract_test {
namespace {

using Whole = boost::random::uniform_int_distribution<std::size_t>;
using Real = boost::random::uniform_real_distribution<double>;

Job random_job(RandomStream& random, std::int64_t request, Seconds now) {
  return {.request = request,
          .device = Whole(0, 4)(random),
          .request_class = Whole(0, 2)(random),
          .priority = static_cast<int>(Whole(0, 3)(random)) - 1,
          .queued = now,
          .service = Seconds(Real(0, 2)(random)),
          .rest = Seconds(Real(0, 2)(random)),
          .deadline = now + Seconds(Real(0, 9)(random))};
}

/// Returns a server in any possible state at `now`: busy, idle, full, down.
ServerState random_server(RandomStream& random, Seconds now) {
  ServerState server{.is_up = Whole(0, 3)(random) > 0, .cores = Whole(1, 4)(random)};
  server.busy = Whole(0, server.cores)(random);
  server.running = server.busy * Whole(1, 2)(random);
  server.waiting = server.busy == server.cores ? Whole(0, 5)(random) : 0;
  server.waiting_work = Seconds(static_cast<double>(server.waiting) * Real(0, 2)(random));
  server.running_ends = (now + Seconds(Real(0, 3)(random))) * static_cast<double>(server.busy);
  return server;
}

std::vector<ServerState> random_servers(RandomStream& random, Seconds now) {
  std::vector<ServerState> servers(Whole(1, 6)(random));
  for (ServerState& server : servers) {
    server = random_server(random, now);
  }
  servers[Whole(0, servers.size() - 1)(random)].is_up = true;
  return servers;
}

template <class Kind>
void check_record(const Kind& kind) {
  CHECK(!kind.doc.empty());
  for (const ParameterSpec& spec : kind.parameters) {
    INFO(spec.name);
    CHECK(!spec.doc.empty());
    CHECK(spec.least <= spec.most);
    CHECK(spec.fallback.value_or(spec.least) >= spec.least);
    CHECK(spec.fallback.value_or(spec.least) <= spec.most);
    CHECK((!spec.is_whole || spec.most <= 0x1p53));
  }
}

}  // namespace

TEST_CASE("queues: keys are numbers, and depend on the jobs alone") {
  CHECK(queues().size() >= 7);
  for (const auto& [name, kind] : queues()) {
    INFO(name);
    check_record(kind);
    CHECK(kind.shares == (kind.make == nullptr));
    if (kind.shares) {
      continue;
    }
    const auto one = policy(queues(), name);
    const auto same = policy(queues(), name);
    RandomStream random = random_stream(1, name);
    for (std::int64_t i = 0; i < 1000; ++i) {
      const Job job = random_job(random, i, Seconds(static_cast<double>(i)));
      const double key = one->key(job);
      REQUIRE(std::isfinite(key));
      REQUIRE(same->key(job) == key);
      if (i % 3 == 0) {
        one->served(job, key);
        same->served(job, key);
      }
    }
    CHECK(!std::isnan(one->key({})));  // Without a deadline.
  }
}

TEST_CASE("batching: takes at most the waiting requests and its largest batch, or waits") {
  CHECK(batching().size() >= 3);
  for (const auto& [name, kind] : batching()) {
    INFO(name);
    check_record(kind);
    RandomStream random = random_stream(2, name);
    for (int round = 0; round < 50; ++round) {
      Parameters parameters = with(kind.parameters);
      for (const ParameterSpec& spec : kind.parameters) {
        if (spec.is_whole && !spec.is_list) {
          parameters.set(spec.name, static_cast<double>(Whole(1, 20)(random)));
        } else if (spec.dimension == Dimension::time) {
          parameters.set(spec.name, Real(1e-3, 3)(random));
        }
      }
      const std::size_t most = kind.most(parameters);
      const auto one = kind.make(parameters);
      const auto same = kind.make(parameters);
      for (int i = 0; i < 100; ++i) {
        const std::size_t waiting = Whole(1, 40)(random);
        const Seconds oldest(Real(0, 10)(random));
        const Seconds now = oldest + Seconds(Real(0, 5)(random));
        const BatchDecision decision = one->decide(waiting, oldest, now);
        REQUIRE(decision.take <= waiting);
        REQUIRE(decision.take <= most);
        REQUIRE(same->decide(waiting, oldest, now).take == decision.take);
        // A server that waits decides again at the next request or at that time, and then takes
        // one.
        if (decision.take == 0) {
          REQUIRE(decision.again > now);
          if (std::isfinite(decision.again.si())) {
            REQUIRE(one->decide(waiting, oldest, decision.again).take > 0);
          }
        }
        REQUIRE(one->decide(most, oldest, now).take > 0);  // Waiting for more can't help.
        const Seconds took(Real(0, 4)(random));
        one->finished(std::max<std::size_t>(decision.take, 1), took);
        same->finished(std::max<std::size_t>(decision.take, 1), took);
      }
    }
  }
}

TEST_CASE("dispatch: chooses a server that is up, and the same one from the same stream") {
  CHECK(dispatch().size() >= 8);
  for (const auto& [name, kind] : dispatch()) {
    INFO(name);
    check_record(kind);
    const auto one = policy(dispatch(), name);
    const auto same = policy(dispatch(), name);
    RandomStream random = random_stream(3, name);
    RandomStream draws = random_stream(4, name);
    RandomStream same_draws = draws;
    for (std::int64_t i = 0; i < 5000; ++i) {
      const Seconds now(static_cast<double>(i));
      const std::vector<ServerState> servers = random_servers(random, now);
      const Job job = random_job(random, i, now);
      const std::size_t chosen = one->choose(servers, job, now, draws);
      REQUIRE(chosen < servers.size());
      REQUIRE(servers[chosen].is_up);
      REQUIRE(same->choose(servers, job, now, same_draws) == chosen);
    }
  }
}

TEST_CASE("admission: an idle server takes the first request that has time, and decisions repeat") {
  CHECK(admission().size() >= 3);
  for (const auto& [name, kind] : admission()) {
    INFO(name);
    check_record(kind);
    CHECK(policy(admission(), name)->admits({}, {}, Seconds(0)));
    const auto one = policy(admission(), name);
    const auto same = policy(admission(), name);
    RandomStream random = random_stream(5, name);
    int taken = 0;
    for (std::int64_t i = 0; i < 5000; ++i) {
      const Seconds now(0.25 * static_cast<double>(i));
      const ServerState server = random_server(random, now);
      const Job job = random_job(random, i, now);
      const bool admitted = one->admits(server, job, now);
      REQUIRE(same->admits(server, job, now) == admitted);
      taken += admitted ? 1 : 0;
    }
    CHECK(taken > 0);  // Some are taken, and some are rejected.
    CHECK(taken < 5000);
  }
}

TEST_CASE("autoscaling: no load needs no machine, more load never fewer, and decisions repeat") {
  CHECK(autoscaling().size() >= 2);
  for (const auto& [name, kind] : autoscaling()) {
    INFO(name);
    check_record(kind);
    const auto one = policy(autoscaling(), name);
    const auto same = policy(autoscaling(), name);
    CHECK(one->desired({.machines = 4}, Seconds(0)) == 0);
    CHECK(one->desired({.machines = 0}, Seconds(0)) == 0);
    RandomStream random = random_stream(6, name);
    for (int i = 0; i < 1000; ++i) {
      SiteLoad load{.machines = Whole(1, 50)(random), .requests = Real(0, 100)(random)};
      load.busy = std::min(load.requests, static_cast<double>(load.machines));
      const Seconds now(static_cast<double>(i));
      const std::size_t desired = one->desired(load, now);
      REQUIRE(same->desired(load, now) == desired);
      load.requests *= 2;
      load.busy = std::min(2 * load.busy, static_cast<double>(load.machines));
      REQUIRE(policy(autoscaling(), name)->desired(load, now) >=
              policy(autoscaling(), name)
                  ->desired({load.machines, load.busy / 2, load.requests / 2}, now));
    }
  }
}

}  // namespace offcut::scheduling::contract_test
