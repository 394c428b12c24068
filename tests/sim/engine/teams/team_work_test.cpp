// Tests of requests that several machines of the first tier work on.

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <stdexcept>

#include "../small_systems.h"
#include "tests/partition/between.h"

namespace offcut::engine::team_work_test {
namespace {

using partition::Team;
using partition::TeamPhase;
using partition::TeamStep;

/// Returns a system of so many devices, each with a team of so many machines on links of 1 B/s,
/// whose requests take these phases.
Simulation team_of(std::size_t devices, std::size_t machines, const workload::Arrivals& arrivals,
                   std::vector<TeamPhase> phases, double latency = 0) {
  Simulation simulation = system_of(devices, {}, {asks(arrivals, {0})});
  simulation.tiers[0].servers *= machines;
  simulation.teams = {machines, BytesPerSecond(1), Seconds(latency)};
  Itinerary& itinerary = simulation.itinerary_of(0);
  itinerary.stages = {{}, {}};
  itinerary.crossings = {{}};
  itinerary.team = std::move(phases);
  return simulation;
}

/// Three seconds on machine 0, a message of 2 B to machine 1, and four seconds there.
std::vector<TeamPhase> two_stages() {
  return {{{TeamStep::compute(0, Seconds(3)), TeamStep::receive(1, Bytes(2)),
            TeamStep::compute(1, Seconds(4))}}};
}

}  // namespace

TEST_CASE("team work: requests take turns on machines and links") {
  // The first request is on machine 1 from 5 s to 9 s; the second one leaves machine 0 after 6 s,
  // is there after 8 s, and waits for 1 s.
  const Times arrivals{{0, 0}};
  const Simulation simulation = team_of(1, 2, arrivals, two_stages());
  const Recorded recorded = run(simulation);
  CHECK(ends(recorded) == "9 13");
  const RequestRecord& second = recorded.requests[1];
  CHECK(second.device_wait == Seconds(3 + 1));
  CHECK(second.device_compute == Seconds(7));
  CHECK(second.team == Seconds(2));
  const TierUsage& tier = recorded.run.tiers[0];
  CHECK(tier.busy == Seconds(14));
  CHECK(tier.served == 4);
  REQUIRE(recorded.run.teams.size() == 1);
  const HopUsage& links = recorded.run.teams[0];
  CHECK(links.down == Bytes(4));
  CHECK(links.down_messages == 2);
  CHECK(links.up_messages == 0);
  CHECK(links.down_traffic.waited == Seconds(0));
}

TEST_CASE("team work: messages wait for their link, and arrive after its latency") {
  // Both strands send 3 B over the link of machine 0: they leave after 3 s and 6 s, and the second
  // one is there after 7 s. Then machine 0 computes 1 s.
  const Times arrivals{{0}};
  const std::vector<TeamPhase> phases = {
      {{TeamStep::send(0, Bytes(3))}, {TeamStep::send(0, Bytes(3))}},
      {},
      {{TeamStep::compute(0, Seconds(1))}}};
  const Recorded recorded = run(team_of(1, 3, arrivals, phases, 1));
  CHECK(ends(recorded) == "8");
  CHECK(recorded.requests[0].team == Seconds(7));
  CHECK(recorded.run.teams[0].up_traffic.waited == Seconds(3));
  CHECK(recorded.run.teams[0].up_load.most == 2);
}

TEST_CASE("team work: each device has helpers of its own") {
  const Times arrivals{{0, 0}, {1, 1}, {0}};
  CHECK(ends(team_of(3, 2, arrivals, two_stages())) == "9 9 13 10 14");
}

TEST_CASE("team work: a run that is stopped in the middle keeps its books") {
  const Times arrivals{{0, 0, 0}};
  for (const double end : {1.0, 4.0, 6.0, 8.0, 12.0}) {
    Simulation simulation = team_of(1, 2, arrivals, two_stages());
    simulation.stop = {.requests = {}, .after = Seconds(end)};
    const Recorded recorded = run(simulation);
    CHECK(recorded.run.arrived == 3);
    CHECK(recorded.run.in_flight == (end < 9 ? 3 : 2));
  }
}

TEST_CASE("team work: an idle team takes the planned time, and a busy one loses nothing") {
  std::vector<Simulation> simulations;
  std::vector<Team> teams;
  const Times once{{0}, {1000}};
  const Times often{{0, 1, 1, 5, 9, 9, 9}, {0, 2, 4, 8}};
  for (std::uint64_t i = 0; i < 200; ++i) {
    RandomStream random = random_stream(771, "teams", i);
    const partition::Between between{random};
    const auto machines = static_cast<std::size_t>(between(1, 4));
    Team team{
        .machines = machines, .bandwidth = BytesPerSecond(1), .latency = Seconds(between(0, 2))};
    for (int phase = between(1, 4); phase > 0; --phase) {
      TeamPhase& strands = team.phases.emplace_back();
      for (int strand = between(0, 4); strand > 0; --strand) {
        partition::TeamStrand& steps = strands.emplace_back();
        for (int step = between(0, 4); step > 0; --step) {
          // Real numbers, so that no two steps are ready at one time.
          steps.push_back({.kind = static_cast<TeamStep::Kind>(between(0, 2)),
                           .machine = static_cast<std::size_t>(between(0, 3)) % machines,
                           .time = Seconds(between(1, 1'000'000) / 1e5),
                           .bytes = Bytes(between(1, 1'000'000) / 1e5)});
        }
      }
    }
    for (const Times* arrivals : {&once, &often}) {
      simulations.push_back(team_of(2, machines, *arrivals, team.phases, team.latency.si()));
    }
    teams.push_back(std::move(team));
  }
  const std::vector<Recorded> first = record_all(simulations);
  const std::vector<Recorded> again = record_all(simulations);
  for (std::size_t i = 0; i < teams.size(); ++i) {
    INFO("team " << i);
    for (const RequestRecord& request : first[2 * i].requests) {
      CHECK(request.latency().si() == about(idle_latency(teams[i]).si()));
    }
    CHECK(first[2 * i + 1].run.completed == 11);
    for (std::size_t request = 0; request < first[2 * i + 1].requests.size(); ++request) {
      CHECK(first[2 * i + 1].requests[request].completion ==
            again[2 * i + 1].requests[request].completion);
    }
  }
}

TEST_CASE("team work: what is refused") {
  const Times arrivals{{0}};
  const auto error = [](const Simulation& simulation) -> std::string {
    try {
      run(simulation);
    } catch (const std::exception& thrown) {
      return thrown.what();
    }
    return "";
  };
  Simulation none = team_of(1, 2, arrivals, two_stages());
  none.teams.reset();
  CHECK(error(none).find("an itinerary of a team needs one, and no tier or hop") !=
        std::string::npos);
  Simulation odd = team_of(1, 2, arrivals, two_stages());
  odd.tiers[0].servers = 3;
  CHECK(error(odd).find("must be a multiple of those of a team") != std::string::npos);
  Simulation small = team_of(1, 1, arrivals, two_stages());
  CHECK(error(small).find("the steps of a team must name its machines") != std::string::npos);
  Simulation impatient = team_of(1, 2, arrivals, two_stages());
  impatient.classes[0].time_out.after = Seconds(1);
  CHECK(error(impatient).find("requests of teams do not give up") != std::string::npos);
}

}  // namespace offcut::engine::team_work_test
