// Handovers of devices: small systems whose times are computed by hand, and a fleet on the move.

#include "sim/engine/mobility/handovers.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "sim/network/listed_moves.h"
#include "tests/sim/engine/small_systems.h"

namespace offcut::engine::handovers_test {
namespace {

using UnderWay = Mobility::UnderWay;

std::shared_ptr<network::ListedMoves> moves(
    std::initializer_list<std::pair<double, std::size_t>> of_device_0) {
  auto movement = std::make_shared<network::ListedMoves>();
  for (const auto& [time, place] : of_device_0) {
    movement->add(0, {Seconds(time), place});
  }
  return movement;
}

/// One device, and two sites with a server each. A message of `up` bytes, 3 s of computing, an
/// answer of 2 bytes, over links of 1 B/s without latency. The backbone takes 0.5 s and 0.5 s per
/// byte.
Simulation two_sites(const workload::Arrivals& arrivals, double up,
                     std::initializer_list<std::pair<double, std::size_t>> of_device_0,
                     double interruption, UnderWay under_way) {
  Simulation simulation = system_of(1, {.servers = 2, .sites = 2}, {asks(arrivals, {3}, up)});
  simulation.itineraries[0].crossings[0].comes_down = true;
  simulation.itineraries[0].crossings[0].down_bytes = Bytes(2);
  simulation.mobility = Mobility{.movement = moves(of_device_0),
                                 .interruption = Seconds(interruption),
                                 .under_way = under_way,
                                 .backbone = BytesPerSecond(2),
                                 .latency = Seconds(0.5)};
  return simulation;
}

}  // namespace

TEST_CASE("handovers: a message on the device's link is sent again, or its request is dropped") {
  // Sent from 0 on. The device moves at 5 and can send again at 7: until 15, computed until 18, and
  // answered until 20.
  const Times arrivals{{0}};
  for (const UnderWay under_way : {UnderWay::follow, UnderWay::finish}) {
    const Recorded recorded = run(two_sites(arrivals, 8, {{5, 1}}, 2, under_way));
    CHECK(ends(recorded) == "20");
    CHECK(recorded.requests[0].handover.si() == about(7));
    CHECK(recorded.requests[0].upload.si() == about(8));
    CHECK(recorded.requests[0].failures == 0);
    CHECK(recorded.run.handovers.handovers == 1);
    CHECK(recorded.run.handovers.interruption.si() == about(2));
    CHECK(recorded.run.handovers.backbone == Bytes(0));
    CHECK(recorded.run.hops[0].up_traffic.in_part.si() == about(5));
    CHECK(recorded.run.hops[0].up == Bytes(8));
  }
  const Recorded dropped = run(two_sites(arrivals, 8, {{5, 1}}, 2, UnderWay::drop));
  CHECK(ends(dropped) == "x5");
  CHECK(dropped.run.drops.back().reason == "handover");
  CHECK(dropped.run.drops.back().requests == 1);
}

TEST_CASE("handovers: a machine finishes what it has begun, and the answer crosses the backbone") {
  // At site 0 from 8 to 11. The answer is at site 1 at 12.5, and at the device at 14.5.
  const Times arrivals{{0}};
  for (const UnderWay under_way : {UnderWay::follow, UnderWay::finish}) {
    const Recorded recorded = run(two_sites(arrivals, 8, {{9, 1}}, 1, under_way));
    CHECK(ends(recorded) == "14.5");
    CHECK(recorded.requests[0].handover.si() == about(1.5));
    CHECK(recorded.run.handovers.taken_along == 1);
    CHECK(recorded.run.handovers.backbone == Bytes(2));
  }
  CHECK(ends(two_sites(arrivals, 8, {{9, 1}}, 1, UnderWay::drop)) == "x9");
}

TEST_CASE("handovers: a request in the queue of the old site follows, stays, or is dropped") {
  // The first one is computed from 1 to 4, and its answer is at site 1 at 5.5. The second one is
  // in the queue from 2 on.
  const Times arrivals{{0, 0}};
  // It is at site 1 at 3 + 1, and computed until 7. The first answer then has 0.5 bytes left, and
  // takes 1 s more beside the second one, which is through 1.5 s after that.
  const Recorded follow = run(two_sites(arrivals, 1, {{3, 1}}, 1, UnderWay::follow));
  CHECK(ends(follow) == "8 9.5");
  CHECK(follow.requests[1].handover.si() == about(2));  // One second of it in the queue.
  CHECK(follow.requests[1].server_wait.si() == about(0));
  CHECK(follow.run.handovers.backbone == Bytes(3));
  // It is computed at site 0 until 7, and its answer crosses the backbone until 8.5.
  const Recorded finish = run(two_sites(arrivals, 1, {{3, 1}}, 1, UnderWay::finish));
  CHECK(ends(finish) == "7.5 10.5");
  CHECK(finish.requests[1].handover.si() == about(1.5));
  CHECK(finish.requests[1].server_wait.si() == about(2));
  CHECK(ends(two_sites(arrivals, 1, {{3, 1}}, 1, UnderWay::drop)) == "x3 x3");
}

TEST_CASE("handovers: a message that would begin waits for the end of the interruption") {
  const Times arrivals{{5.5}};
  for (const UnderWay under_way : {UnderWay::follow, UnderWay::finish, UnderWay::drop}) {
    const Recorded recorded = run(two_sites(arrivals, 1, {{5, 1}}, 2, under_way));
    CHECK(ends(recorded) == "13");
    CHECK(recorded.requests[0].handover.si() == about(1.5));
  }
}

TEST_CASE("handovers: an answer on the link crosses the backbone, and waits for the link") {
  // On the link from 4 on, lost at 5, at site 1 at 6.5, on the link again from 8 to 10.
  const Times arrivals{{0}};
  const Recorded recorded = run(two_sites(arrivals, 1, {{5, 1}}, 3, UnderWay::follow));
  CHECK(ends(recorded) == "10");
  CHECK(recorded.requests[0].handover.si() == about(4));
  CHECK(recorded.run.hops[0].down_traffic.in_part.si() == about(1));
  CHECK(ends(two_sites(arrivals, 1, {{5, 1}}, 3, UnderWay::drop)) == "x5");
}

TEST_CASE("handovers: what has left the device arrives at the old site") {
  // With a latency of 2 s, the message arrives at site 0 at 3, and follows to site 1 until 4. It is
  // computed until 7, and its answer takes 2 + 2 s. Or it is computed at site 0 until 6, and its
  // answer is at site 1 at 7.5.
  const Times arrivals{{0}};
  const auto with_latency = [&](UnderWay under_way) {
    Simulation simulation = two_sites(arrivals, 1, {{2, 1}}, 0, under_way);
    simulation.hops[0].hop.latency = Seconds(2);
    return simulation;
  };
  CHECK(ends(with_latency(UnderWay::follow)) == "11");
  CHECK(ends(with_latency(UnderWay::finish)) == "11.5");
  CHECK(ends(with_latency(UnderWay::drop)) == "x3");
}

TEST_CASE("handovers: a new site serves nothing before the state of the device is there") {
  // The state is there at 1 + 5.5.
  const Times arrivals{{1.5}};
  Simulation simulation = two_sites(arrivals, 1, {{1, 1}}, 0, UnderWay::follow);
  simulation.mobility->state = Bytes(10);
  const Recorded recorded = run(simulation);
  CHECK(ends(recorded) == "11.5");
  CHECK(recorded.requests[0].handover.si() == about(4));
  CHECK(recorded.run.handovers.backbone == Bytes(10));
}

TEST_CASE("handovers: a site pulls a model once, and requests wait for it") {
  // The first request needs it at 3, and it is there at 5.5, which is when the second one, there at
  // 5, joins the queue. The third one is at site 0, which had the model at the start.
  const Times arrivals{{2, 4, 21}};
  Simulation simulation = two_sites(arrivals, 1, {{1, 1}, {20, 0}}, 0, UnderWay::follow);
  simulation.itineraries[0].stages[1].model = Bytes(4);
  simulation.mobility->pulls_models = true;
  const Recorded recorded = run(simulation);
  CHECK(ends(recorded) == "10.5 13.5 27");
  CHECK(recorded.requests[0].handover.si() == about(2.5));
  CHECK(recorded.requests[1].handover.si() == about(0.5));
  CHECK(recorded.run.handovers.pulls == 1);
  CHECK(recorded.run.handovers.backbone == Bytes(4));
}

TEST_CASE("handovers: a move during an interruption begins another one") {
  const Times arrivals{{0}};
  const Simulation simulation = two_sites(arrivals, 8, {{5, 1}, {6, 0}}, 2, UnderWay::follow);
  CHECK(events(simulation) ==
        "5 handover_begins 0.0 0-1\n6 handover_ends 0.0 0-1\n"
        "6 handover_begins 0.0 1-0\n8 handover_ends 0.0 1-0\n");
  const Recorded recorded = run(simulation);
  CHECK(ends(recorded) == "21");
  CHECK(recorded.requests[0].handover.si() == about(8));
  CHECK(recorded.run.handovers.interruption.si() == about(3));
}

TEST_CASE(
    "handovers: a move at the start says where a device is, and one to its own site is none") {
  const Times arrivals{{0}};
  const Simulation simulation = two_sites(arrivals, 1, {{0, 1}, {2, 1}}, 2, UnderWay::follow);
  CHECK(ends(simulation) == "6");
  CHECK(events(simulation).empty());
}

TEST_CASE("handovers: uplinks of unlike rates, which a device without others reaches by moving") {
  // Own links of 8 B/s; uplink 0 has 4 B/s, uplink 1 has 2 B/s up and 1 B/s down.
  const Times arrivals{{0, 10}};
  Simulation simulation = two_sites(arrivals, 8, {{9, 1}}, 0, UnderWay::follow);
  simulation.hops[0].hop.up = simulation.hops[0].hop.down = BytesPerSecond(8);
  simulation.hops[0].site =
      Link::Uplink{.devices = 1, .up = BytesPerSecond(4), .down = BytesPerSecond(4), .count = 2};
  const auto rates = [](double first, double second) {
    return network::Rates(
        {network::Rate(BytesPerSecond(first)), network::Rate(BytesPerSecond(second))});
  };
  simulation.hops[0].site->moving_rates = {.up = rates(4, 2), .down = rates(4, 1)};
  CHECK(ends(simulation) == "5.5 19");
}

TEST_CASE("handovers: 100 devices, 5 sites, 1,000 moves") {
  const auto arrivals = make_arrivals("poisson", {{"rate", 0.5}});
  for (const UnderWay under_way : {UnderWay::follow, UnderWay::finish, UnderWay::drop}) {
    Simulation simulation =
        system_of(100, {.servers = 10, .sites = 5}, {asks(*arrivals, {0.1}, 400)});
    simulation.itineraries[0].crossings[0].comes_down = true;
    simulation.itineraries[0].crossings[0].down_bytes = Bytes(100);
    simulation.hops[0].hop = hop(1000, 1000, 0.01);
    simulation.hops[0].site = Link::Uplink{20, BytesPerSecond(10'000), BytesPerSecond(10'000)};
    simulation.stop = {.after = Seconds(1000)};
    auto movement = std::make_shared<network::ListedMoves>();
    for (std::size_t device = 0; device < 100; ++device) {
      for (std::size_t i = 1; i <= 10; ++i) {
        movement->add(device,
                      {Seconds(90.0 * static_cast<double>(i) + 0.37 * static_cast<double>(device)),
                       (device / 20 + i * (1 + device % 4)) % 5});
      }
    }
    simulation.mobility = Mobility{.movement = movement,
                                   .interruption = Seconds(0.5),
                                   .under_way = under_way,
                                   .backbone = BytesPerSecond(1e6),
                                   .latency = Seconds(0.02),
                                   .state = Bytes(1000)};
    const Recorded recorded = run(simulation);
    CHECK(recorded.run.arrived ==
          recorded.run.completed + recorded.run.dropped + recorded.run.in_flight);
    CHECK(recorded.requests.size() == static_cast<std::size_t>(recorded.run.arrived));
    CHECK(recorded.run.handovers.handovers == 1000);
    CHECK(recorded.run.handovers.interruption.si() == about(500));
    const auto touched =
        std::count_if(recorded.requests.begin(), recorded.requests.end(),
                      [](const RequestRecord& r) { return r.handover > Seconds(0); });
    CHECK(touched > 100);
    CHECK((recorded.run.dropped > 100) == (under_way == UnderWay::drop));
    const std::string all = events(simulation);
    CHECK(std::count(all.begin(), all.end(), '\n') == 2000);
  }
}

}  // namespace offcut::engine::handovers_test
