// Random systems with all features at once. The engine itself checks in each run that no request is
// lost, Little's law and the utilisation law; this test checks its records, that it ends, and that
// it repeats itself.

#include <doctest/doctest.h>
#include <unistd.h>

#include <cmath>
#include <cstdlib>
#include <cstring>

#include "../random_simulation.h"
#include "../recorded.h"
#include "tests/random_systems.h"

namespace offcut::engine::chaos_test {
namespace {

constexpr std::uint64_t kRuns = 1000;

/// Returns the seeds; OFFCUT_CHAOS=first-last replaces them, to repeat one or to try others.
std::pair<std::uint64_t, std::uint64_t> seeds() {
  const char* chosen = std::getenv("OFFCUT_CHAOS");
  if (chosen == nullptr) {
    return {1, random_systems(kRuns)};
  }
  char* rest = nullptr;
  const std::uint64_t first = std::strtoull(chosen, &rest, 10);
  return {first, *rest == '-' ? std::strtoull(rest + 1, nullptr, 10) : first};
}

double parts(const RequestRecord& r) {
  return (r.device_wait + r.device_compute + r.upload_wait + r.upload + r.server_wait +
          r.server_compute + r.download + r.lost + r.handover)
      .si();
}

/// Checks when requests with time-outs end.
void check_time_outs(const Simulation& simulation, const Recorded& recorded) {
  for (const RequestRecord& r : recorded.requests) {
    const TimeOut& time_out = simulation.classes[r.request_class].time_out;
    const double most = time_out.after.si() + 1e-9 * std::max(1.0, r.completion.si());
    const bool timed_out =
        r.ending == Ending::dropped && recorded.run.drops.at(r.reason).reason == "timed out";
    if (time_out.counts == TimeOut::Counts::waiting) {
      CHECK((!r.completed() || r.upload_wait.si() <= most));
    } else if (timed_out) {
      CHECK(r.latency().si() == doctest::Approx(time_out.after.si()));
    } else if (time_out.counts == TimeOut::Counts::unanswered && r.ending != Ending::in_flight) {
      CHECK(r.latency().si() <= most);
    }
    CHECK((time_out.after < kNever || !timed_out));
  }
}

void check(const Recorded& recorded, bool has_updates) {
  const RunRecord& run = recorded.run;
  CHECK(run.arrived == run.completed + run.dropped + run.in_flight);
  CHECK(recorded.requests.size() == static_cast<std::size_t>(run.arrived));
  std::vector<bool> seen(recorded.requests.size());
  std::int64_t endings[3] = {};
  for (const RequestRecord& r : recorded.requests) {
    ++endings[static_cast<std::size_t>(r.ending)];
    REQUIRE(r.request < run.arrived);
    CHECK(!seen[static_cast<std::size_t>(r.request)]);
    seen[static_cast<std::size_t>(r.request)] = true;
    if (r.completed()) {
      CHECK(std::abs(parts(r) - r.latency().si()) < 1e-9 * std::max(1.0, r.completion.si()));
    }
  }
  CHECK(endings[0] == run.in_flight);
  CHECK(endings[1] == run.completed);
  CHECK(endings[2] == run.dropped);
  std::int64_t drops = 0, arrived = 0;
  for (const DropCount& drop : run.drops) {
    drops += drop.requests;
  }
  for (const ClassUsage& usage : run.classes) {
    CHECK(usage.arrived == usage.completed + usage.dropped + usage.in_flight);
    arrived += usage.arrived;
  }
  for (const HopUsage& hop : run.hops) {
    CHECK(hop.up <= hop.up_load.offered);
    CHECK(hop.down <= hop.down_load.offered);
    CHECK(hop.up_traffic.in_part >= Bytes(-1e-6));
    CHECK(hop.down_traffic.in_part >= Bytes(-1e-6));
    CHECK((has_updates || hop.up_traffic.left + hop.down_traffic.left <= run.in_flight));
    CHECK(hop.up_traffic.update_bytes <= hop.up);
    CHECK(hop.down_traffic.update_bytes <= hop.down);
  }
  for (const TierUsage& tier : run.tiers) {
    const double existing = tier.existing.si() + 1e-9 * std::max(1.0, tier.existing.si());
    CHECK(tier.busy.si() <= existing);
    std::int64_t served = 0;
    double busy = 0;
    for (const MachineGroupUsage& group : tier.groups) {
      served += group.served;
      busy += group.busy.si();
      CHECK(group.busy.si() <= static_cast<double>(group.servers) * run.duration.si() * (1 + 1e-9));
    }
    CHECK((tier.groups.empty() || served == tier.served));
    CHECK((tier.groups.empty() || std::abs(busy - tier.busy.si()) < 1e-6 * std::max(1.0, busy)));
    CHECK(tier.most_cores <= tier.servers);
    CHECK((tier.is_scaled || tier.starts == 0));
  }
  std::int64_t of_groups = 0;
  for (const ClassUsage& group : run.groups) {
    CHECK(group.arrived == group.completed + group.dropped + group.in_flight);
    of_groups += group.arrived;
  }
  CHECK((run.groups.empty() || of_groups == run.arrived));
  CHECK(drops == run.dropped);
  CHECK(arrived == run.arrived);
}

bool same(const Recorded& a, const Recorded& b) {
  if (a.requests.size() != b.requests.size()) {
    return false;
  }
  for (std::size_t i = 0; i < a.requests.size(); ++i) {
    const RequestRecord& x = a.requests[i];
    const RequestRecord& y = b.requests[i];
    if (x.request != y.request || x.device != y.device || x.ending != y.ending ||
        x.reason != y.reason || x.failures != y.failures || x.completion != y.completion ||
        parts(x) != parts(y)) {
      return false;
    }
  }
  return true;
}

void check(const Simulation& simulation) {
  INFO(describe(simulation));
  alarm(120);  // A run that does not end kills the test, whose last output names it.
  Simulation at_simgrid = simulation;
  at_simgrid.own_links = false;
  if (at_simgrid.updates) {  // Nothing can be paused there.
    at_simgrid.updates->uploads.clear();
    at_simgrid.updates->models.front().is_background = false;
  }
  const std::vector<Recorded> runs = record_all({simulation, simulation, at_simgrid});
  alarm(0);
  check(runs[0], simulation.updates.has_value());
  check(runs[2], simulation.updates.has_value());
  check_time_outs(simulation, runs[0]);
  check_time_outs(at_simgrid, runs[2]);
  CHECK(same(runs[0], runs[1]));
}

/// Devices that move are served by the engine's own links alone. Returns the number of handovers.
std::int64_t check_moving(const Simulation& simulation) {
  INFO(describe(simulation));
  alarm(120);
  const std::vector<Recorded> runs = record_all({simulation, simulation});
  alarm(0);
  check(runs[0], false);
  check_time_outs(simulation, runs[0]);
  CHECK(same(runs[0], runs[1]));
  return runs[0].run.handovers.handovers;
}

}  // namespace

TEST_CASE("chaos: random systems whose devices move between sites" * doctest::test_suite("slow")) {
  std::int64_t handovers = 0, systems = 0;
  for (std::uint64_t seed = 20001; seed < 20001 + random_systems(2000); ++seed) {
    RandomSimulation random(seed);
    if (seed % 4 == 0) {
      add_tcp(random.simulation);
    }
    if (seed % 3 == 0) {
      add_groups(random.simulation);
    }
    add_mobility(random.simulation);
    const std::vector<Link>& hops = random.simulation.hops;
    if (seed % 5 == 0 && std::none_of(hops.begin(), hops.end(),
                                      [](const Link& hop) { return hop.cell.has_value(); })) {
      add_moving_rates(random.simulation);
    }
    handovers += check_moving(random.simulation);
    systems += random.simulation.mobility ? 1 : 0;
  }
  CHECK(systems > std::int64_t(random_systems(800)));
  CHECK(handovers > std::int64_t(random_systems(800)));
}

TEST_CASE("chaos: random systems lose nothing and repeat themselves" *
          doctest::test_suite("slow")) {
  const auto [first, last] = seeds();
  for (std::uint64_t seed = first; seed <= last; ++seed) {
    check(RandomSimulation(seed).simulation);
  }
}

TEST_CASE("chaos: random systems with groups of devices and of unlike machines" *
          doctest::test_suite("slow")) {
  for (std::uint64_t seed = 10001; seed < 10001 + random_systems(2000); ++seed) {
    RandomSimulation random(seed);
    if (seed % 4 == 0) {
      add_tcp(random.simulation);
    }
    add_groups(random.simulation);
    check(random.simulation);
  }
}

TEST_CASE("chaos: random systems with direct hops and packets that pass tiers" *
          doctest::test_suite("slow")) {
  for (std::uint64_t seed = 7001; seed < 7001 + random_systems(1000); ++seed) {
    RandomSimulation random(seed);
    add_routes(random.simulation);
    if (seed % 4 == 0) {
      add_tcp(random.simulation);
    }
    check(random.simulation);
  }
}

TEST_CASE("chaos: random systems with moving rates and latencies, jitter and losses" *
          doctest::test_suite("slow")) {
  for (std::uint64_t seed = 14001; seed < 14001 + random_systems(1000); ++seed) {
    RandomSimulation random(seed);
    if (seed % 4 == 0) {
      add_groups(random.simulation);
    } else if (seed % 4 == 1) {
      add_routes(random.simulation);
    }
    if (seed % 3 == 0) {
      add_tcp(random.simulation);
    }
    add_moving_rates(random.simulation);
    check(random.simulation);
  }
}

TEST_CASE("chaos: random systems with pushes of weights and data for training" *
          doctest::test_suite("slow")) {
  for (std::uint64_t seed = 20001; seed < 20001 + random_systems(1000); ++seed) {
    RandomSimulation random(seed);
    if (seed % 4 == 0) {
      add_tcp(random.simulation);
    }
    if (seed % 3 == 0) {
      add_groups(random.simulation);
    } else if (seed % 3 == 1) {
      add_routes(random.simulation);
    }
    add_updates(random.simulation);
    check(random.simulation);
  }
}

TEST_CASE("chaos: random systems with TCP, which give up and fail during its stalls" *
          doctest::test_suite("slow")) {
  for (std::uint64_t seed = 5001; seed < 5001 + random_systems(300); ++seed) {
    RandomSimulation random(seed);
    add_tcp(random.simulation);
    check(random.simulation);
  }
}

}  // namespace offcut::engine::chaos_test
