#include "partition/solvers/shared_server.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <boost/random/uniform_01.hpp>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>

#include "../between.h"

namespace offcut::partition::shared_server_test {
namespace {

SharedServer random_server(RandomStream& random) {
  const Between between{random};
  const bool whole = between(0, 1) == 0;
  const auto amount = [&] {
    return Seconds(whole ? between(0, 6)
                         : std::pow(10, 2 * boost::random::uniform_01<double>()(random)));
  };
  SharedServer server;
  server.units = static_cast<std::size_t>(between(0, 6));
  double speedup = 1;
  for (std::size_t i = 0; i < server.units; ++i, speedup += between(0, 2)) {
    server.speedup.push_back(speedup);  // Some units give no speedup.
  }
  for (int users = between(1, 3); users > 0; --users) {
    ServerUser user{"user", {}};
    for (int cuts = between(1, 3); cuts > 0; --cuts) {
      user.cuts.push_back({"cut", amount(), between(0, 3) == 0 ? Seconds(0) : amount()});
    }
    server.users.push_back(user);
  }
  return server;
}

using Join = std::function<double(double, double)>;

/// The oracle: tries every cut and every share of every user.
double least_of(const SharedServer& server, const Join& join, std::size_t user = 0,
                std::size_t used = 0) {
  if (user == server.users.size()) {
    return 0;
  }
  double least = std::numeric_limits<double>::infinity();
  for (const SharedCut& cut : server.users[user].cuts) {
    for (std::size_t units = 0; used + units <= server.units; ++units) {
      if (cut.on_server.si() == 0 || units > 0) {
        const double own =
            cut.before.si() + (units > 0 ? cut.on_server.si() / server.speedup[units - 1] : 0);
        least = std::min(least, join(own, least_of(server, join, user + 1, used + units)));
      }
    }
  }
  return least;
}

double join_all(const SharedPlan& plan, const Join& join) {
  double value = 0;
  for (auto it = plan.latency.rbegin(); it != plan.latency.rend(); ++it) {
    value = join(it->si(), value);
  }
  return value;
}

void check(const SharedServer& server, const std::optional<SharedPlan>& plan, const Join& join) {
  const double least = least_of(server, join);
  REQUIRE(plan.has_value() == std::isfinite(least));
  if (!plan) {
    return;
  }
  CHECK(join_all(*plan, join) == doctest::Approx(least).epsilon(1e-12));
  CHECK(std::accumulate(plan->units_of.begin(), plan->units_of.end(), std::size_t{0}) <=
        server.units);
  for (std::size_t user = 0; user < server.users.size(); ++user) {
    const SharedCut& cut = server.users[user].cuts.at(plan->cut_of[user]);
    const std::size_t units = plan->units_of[user];
    CHECK((units > 0 || cut.on_server == Seconds(0)));
    const Seconds server_time = units > 0 ? cut.on_server / server.speedup[units - 1] : Seconds(0);
    CHECK(plan->latency[user].si() ==
          doctest::Approx((cut.before + server_time).si()).epsilon(1e-12));
  }
}

}  // namespace

TEST_CASE("shared server: cuts and shares against every combination") {
  const Join longest = [](double a, double b) { return std::max(a, b); };
  const Join sum = [](double a, double b) { return a + b; };
  std::size_t unlike = 0;
  for (std::uint64_t i = 0; i < 2000; ++i) {
    RandomStream random = random_stream(531, "server", i);
    const SharedServer server = random_server(random);
    server.check();
    INFO("seed 531, server " << i);
    const auto least_long = least_longest_latency(server);
    const auto least_sum = least_summed_latency(server);
    check(server, least_long, longest);
    check(server, least_sum, sum);
    unlike +=
        least_long && join_all(*least_long, sum) > join_all(*least_sum, sum) * (1 + 1e-9) ? 1U : 0U;
  }
  CHECK(unlike > 100);  // The two objectives differ.
}

TEST_CASE("shared server: equal users get equal shares, and more units never make it slower") {
  // 3 users take 2 s to send and 12 s on one unit. With 9 units and linear speedup, each takes
  // 2 + 12 / 3 = 6 s.
  SharedServer server = {
      .users = std::vector<ServerUser>(3, {"user", {{"cut", Seconds(2), Seconds(12)}}}),
      .units = 9,
      .speedup = amdahl_speedup(9, 0)};
  const auto plan = least_longest_latency(server);
  REQUIRE(plan.has_value());
  CHECK(plan->units_of == std::vector<std::size_t>{3, 3, 3});
  CHECK(plan->latency[0].si() == doctest::Approx(6));
  CHECK(least_summed_latency(server)->units_of == std::vector<std::size_t>{3, 3, 3});
  double before = std::numeric_limits<double>::infinity();
  for (server.units = 3; server.units <= 9; ++server.units) {
    const auto with = least_longest_latency(server);
    const double now = std::max_element(with->latency.begin(), with->latency.end())->si();
    CHECK(now <= before);
    before = now;
  }
  server.units = 2;  // One user gets no unit.
  CHECK(!least_longest_latency(server).has_value());
  CHECK(!least_summed_latency(server).has_value());
}

TEST_CASE("shared server: the slowest user gets no units that would not shorten its latency") {
  SharedServer server = {.users = {{"alone", {{"end", Seconds(5), Seconds(0)}}},
                                   {"sender", {{"start", Seconds(1), Seconds(2)}}}},
                         .units = 4,
                         .speedup = amdahl_speedup(4, 0)};
  CHECK(least_longest_latency(server)->units_of == std::vector<std::size_t>{0, 1});
  server.users[1].cuts[0].on_server = Seconds(8);  // 1 + 8 / 2 = 5 s: more would not be seen.
  CHECK(least_longest_latency(server)->units_of == std::vector<std::size_t>{0, 2});
}

TEST_CASE("shared server: Amdahl's law, and invalid servers") {
  CHECK(amdahl_speedup(4, 0.5)[3] == doctest::Approx(1.6));  // The value is 1 / (0.5 + 0.125).
  CHECK(amdahl_speedup(3, 1) == std::vector<double>{1, 1, 1});
  SharedServer bad = {.units = 2, .speedup = {2, 1}};
  CHECK_THROWS_WITH_AS(bad.check(),
                       "shared server: speedups must be positive and must not decrease",
                       std::logic_error);
  bad.speedup = {1};
  CHECK_THROWS_AS(bad.check(), std::logic_error);
  bad = {.users = {{"nobody", {}}}};
  CHECK_THROWS_AS(bad.check(), std::logic_error);
}

}  // namespace offcut::partition::shared_server_test
