// Tests of the time of one request on an idle team.

#include "partition/team.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <utility>

#include "between.h"

namespace offcut::partition::team_test {

TEST_CASE("team: steps follow each other, strands run at once, phases wait for all strands") {
  // Machine 0 computes 3 s. Meanwhile, machine 1 gets 4 B over its link in 2 s, which are there 1 s
  // later, and computes 5 s: 8 s. Then machine 0 computes 1 s.
  const Team team{.machines = 2,
                  .bandwidth = BytesPerSecond(2),
                  .latency = Seconds(1),
                  .phases = {{{TeamStep::compute(0, Seconds(3))},
                              {TeamStep::receive(1, Bytes(4)), TeamStep::compute(1, Seconds(5))}},
                             {{TeamStep::compute(0, Seconds(1))}}}};
  team.check();
  CHECK(idle_latency(team) == Seconds(9));
  CHECK(longest_stage(team) == Seconds(5));
}

TEST_CASE("team: a link carries one message after the other, each way") {
  // Two messages leave over one link: 2 s and 2 s, and the second one is there 1 s later. A third
  // one comes over the other direction of the link meanwhile, in 3 s.
  const Team team{.machines = 1,
                  .bandwidth = BytesPerSecond(2),
                  .latency = Seconds(1),
                  .phases = {{{TeamStep::send(0, Bytes(4))},
                              {TeamStep::send(0, Bytes(4))},
                              {TeamStep::receive(0, Bytes(6))}}}};
  CHECK(idle_latency(team) == Seconds(5));
  CHECK(longest_stage(team) == Seconds(4));
  CHECK(idle_latency({}) == Seconds(0));
}

TEST_CASE("team: a machine computes one step after the other, as they become ready") {
  // Both strands need machine 1: the second one is ready for it first, after 1 s.
  const Team team{.machines = 2,
                  .phases = {{{TeamStep::compute(0, Seconds(2)), TeamStep::compute(1, Seconds(4))},
                              {TeamStep::receive(0, Bytes(1)), TeamStep::compute(1, Seconds(3))}}}};
  CHECK(idle_latency(team) == Seconds(1 + 3 + 4));
}

TEST_CASE("team: a request takes no less than any strand, and no more than all steps together") {
  for (std::uint64_t i = 0; i < 500; ++i) {
    RandomStream random = random_stream(881, "team", i);
    const Between between{random};
    Team team{.machines = static_cast<std::size_t>(between(1, 4)),
              .bandwidth = BytesPerSecond(between(1, 5)),
              .latency = Seconds(between(0, 2))};
    Seconds least;
    Seconds most;
    for (int phase = between(0, 4); phase > 0; --phase) {
      TeamPhase& strands = team.phases.emplace_back();
      Seconds longest;
      for (int strand = between(0, 4); strand > 0; --strand) {
        TeamStrand& steps = strands.emplace_back();
        Seconds alone;
        for (int step = between(0, 4); step > 0; --step) {
          steps.push_back({.kind = static_cast<TeamStep::Kind>(between(0, 2)),
                           .machine = static_cast<std::size_t>(between(1, 4)) % team.machines,
                           .time = Seconds(between(0, 5)),
                           .bytes = Bytes(between(0, 9))});
          const TeamStep& added = steps.back();
          alone += added.kind == TeamStep::Kind::compute
                       ? added.time
                       : added.bytes / team.bandwidth + team.latency;
        }
        longest = std::max(longest, alone);
        most += alone;
      }
      least += longest;
    }
    team.check();
    const double latency = idle_latency(team).si();
    INFO("team " << i);
    CHECK(latency >= least.si() * (1 - 1e-12));
    CHECK(latency <= most.si() * (1 + 1e-12));
    CHECK(latency >= longest_stage(team).si() * (1 - 1e-12));
  }
}

TEST_CASE("team: steps must name its machines, and all values be amounts") {
  const auto is_valid = [](Team team) {
    try {
      team.check();
      return true;
    } catch (const std::logic_error&) {
      return false;
    }
  };
  CHECK(is_valid({}));
  CHECK(!is_valid({.machines = 0}));
  CHECK(!is_valid({.bandwidth = BytesPerSecond(0)}));
  CHECK(!is_valid({.latency = Seconds(-1)}));
  CHECK(!is_valid({.phases = {{{TeamStep::compute(1, Seconds(1))}}}}));
  CHECK(!is_valid({.phases = {{{TeamStep::compute(0, Seconds(-1))}}}}));
  CHECK(!is_valid(
      {.phases = {{{TeamStep::send(0, Bytes(std::numeric_limits<double>::infinity()))}}}}));
}

}  // namespace offcut::partition::team_test
