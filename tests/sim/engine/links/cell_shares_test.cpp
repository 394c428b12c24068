// Wi-Fi cells: systems computed by hand, and Heusse's closed form with active stations throughout.

#include "sim/engine/links/cell_shares.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "sim/network/listed_moves.h"
#include "tests/sim/engine/random_parts.h"
#include "tests/sim/engine/small_systems.h"

namespace offcut::engine::cell_shares_test {
namespace {

/// Devices whose messages of so many bytes get no answer, and take no time to compute. The rates
/// are those of stations alone.
Simulation cell_of(std::vector<double> rates, double bytes, const workload::Arrivals& arrivals) {
  Simulation simulation = system_of(rates.size(), {}, {asks(arrivals, {0}, bytes)});
  simulation.hops[0].cell.emplace();
  std::vector<network::Rate> of_stations;
  for (const double rate : rates) {
    of_stations.emplace_back(BytesPerSecond(rate));
  }
  simulation.hops[0].moving_rates.up = network::Rates(std::move(of_stations));
  return simulation;
}

}  // namespace

TEST_CASE("cells: a station alone has its own rate, and stations of unlike rates equal ones") {
  // 8 B/s, 8 B/s and 1 B/s: together each has 1 / (1/8 + 1/8 + 1) = 0.8 B/s. The first sends 4 B
  // from 0, alone until 0.25, when it has sent 2. From then on the third sends, too: each has 8/9.
  // At 1.375 each has sent one more, and the second one joins: the first has its last byte through
  // 1.25 s later, at 2.625. The third one, with 2 of 4 B, and the second one, with 1, go on at
  // 8/9: 2 more take 2.25 s, until 4.875. The last byte of the second one takes 0.125 s alone.
  const Times arrivals{{0}, {1.375}, {0.25}};
  CHECK(ends(cell_of({8, 8, 1}, 4, arrivals)) == "2.625 4.875 5");
}

TEST_CASE("cells: the throughput of stations that always send is Heusse's closed form") {
  const auto arrivals = make_arrivals("closed-loop", {{"think", 0}});
  const std::vector<double> rates = {11, 11, 5.5, 1};
  Simulation simulation = cell_of(rates, 3, *arrivals);
  simulation.classes[0].closed_loop = true;
  simulation.stop = {.after = Seconds(1000)};
  const Recorded recorded = record(simulation);
  double round = 0;
  for (const double rate : rates) {
    round += 1 / rate;
  }
  // Each device sends one message of 3 bytes after another, all in step.
  const auto each = static_cast<std::int64_t>(1000 / (3 * round));
  CHECK(recorded.run.completed >= 4 * each - 4);
  CHECK(recorded.run.completed <= 4 * each + 4);
  CHECK(recorded.requests.front().upload.si() == about(3 * round));
}

TEST_CASE("cells: messages up and down share the medium, or do not") {
  // Both devices send 4 B at 1 B/s until 8, or alone. The answer to the first, 4 B from 6 on, and
  // the message of the second meet from 6 on.
  const Times arrivals{{0}, {6}};
  for (const bool separate : {false, true}) {
    Simulation simulation = system_of(2, {}, {asks(arrivals, {2}, 4)});
    simulation.hops[0].cell = Link::Cell{.separate = separate};
    simulation.itineraries[0].crossings[0].comes_down = true;
    simulation.itineraries[0].crossings[0].down_bytes = Bytes(4);
    // Shared: both have 4 B left at 6 and are through at 14. The answer to the second one follows
    // from 16 to 20.
    CHECK(ends(simulation) == (separate ? "10 16" : "14 20"));
  }
}

TEST_CASE("cells: the devices at one site share a medium, and sites do not") {
  const Times arrivals{{0}, {0}};
  Simulation simulation = cell_of({2, 1}, 4, arrivals);
  CHECK(ends(simulation) == "6 6");
  simulation.tiers[1].servers = simulation.tiers[1].sites = 2;
  CHECK(ends(simulation) == "2 4");
}

TEST_CASE("cells: a device that moves joins the cell of its new site") {
  // Device 0 sends 4 B at 2 B/s. It moves to the cell of device 1 at 1, and sends again: both have
  // 2/3 B/s. Device 1 has 3 of 4 B left, until 5.5; then device 0 has 1 B left at 2 B/s.
  const Times arrivals{{0}, {0}};
  Simulation simulation = cell_of({2, 1}, 4, arrivals);
  simulation.tiers[1].servers = simulation.tiers[1].sites = 2;
  auto movement = std::make_shared<network::ListedMoves>();
  movement->add(0, {Seconds(1), 1});
  simulation.mobility = Mobility{.movement = movement};
  CHECK(ends(simulation) == "6 5.5");
}

TEST_CASE("cells: a link that fails loses its message, and the others have its airtime") {
  // Both have 2/3 B/s until 1.5, when device 0's link fails for a second: device 1 has sent 1 of 4
  // B, and 2 at 2.5. Device 0 sends again: device 1 is through at 5.5, and device 0, with 2 B left,
  // at 6.5.
  const Times arrivals{{0}, {0}};
  Simulation simulation = cell_of({2, 1}, 4, arrivals);
  simulation.hops[0].faults.outages = {{0, Seconds(1.5), Seconds(2.5)}};
  const Recorded recorded = run(simulation);
  CHECK(ends(recorded) == "6.5 5.5");
  CHECK(recorded.run.hops[0].up_traffic.in_part.si() == about(1));
}

TEST_CASE("cells: random stations, against an event by event computation") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Draws draws(seed, "cells");
    std::vector<double> rates, begins;
    for (std::size_t i = 0; i < 6; ++i) {
      rates.push_back(draws.between(1, 50));
      begins.push_back(draws.between(0.1, 10));
    }
    const Schedule arrivals(begins);
    Simulation simulation = cell_of(rates, 40, arrivals);
    simulation.stop = {.after = Seconds(1e5)};
    const Recorded recorded = run(simulation);
    // Event by event: the next begin or end.
    std::vector<double> left(6, 40), done(6, -1);
    double now = 0;
    while (std::any_of(done.begin(), done.end(), [](double time) { return time < 0; })) {
      double round = 0, next = 1e9;
      for (std::size_t i = 0; i < 6; ++i) {
        const bool is_active = begins[i] <= now && done[i] < 0;
        round += is_active ? 1 / rates[i] : 0;
        next = begins[i] > now ? std::min(next, begins[i] - now) : next;
      }
      for (std::size_t i = 0; i < 6; ++i) {
        next = begins[i] <= now && done[i] < 0 ? std::min(next, left[i] * round) : next;
      }
      for (std::size_t i = 0; i < 6; ++i) {
        if (begins[i] <= now && done[i] < 0) {
          left[i] -= next / round;
          done[i] = left[i] < 1e-9 ? now + next : -1;
        }
      }
      now += next;
    }
    for (const RequestRecord& request : recorded.requests) {
      CHECK(request.completion.si() == doctest::Approx(done[request.device]).epsilon(1e-9));
    }
  }
}

}  // namespace offcut::engine::cell_shares_test
