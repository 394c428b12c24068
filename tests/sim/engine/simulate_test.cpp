// Small systems that can be computed by hand. Times are in seconds, sizes in bytes.

#include <doctest/doctest.h>

#include <set>
#include <stdexcept>

#include "recorded.h"
#include "sim/study/isolate.h"

namespace offcut::engine::simulate_test {
namespace {

/// Returns a system of devices that compute 3 s, send 10 B at 2 B/s to one server, which computes
/// 0.25 s, and get 4 B back at 8 B/s, with 0.5 s of latency each way. It stops after `requests`.
OneClass two_tiers(const workload::Arrivals& arrivals, std::size_t devices, std::int64_t requests) {
  return {.tiers = {{.name = "device", .servers = devices, .used = true, .service = Seconds(3)},
                    {.name = "cloud", .servers = 1, .used = true, .service = Seconds(0.25)}},
          .hops = {{.name = "device-cloud",
                    .hop = hop(2, 8, 0.5),
                    .goes_up = true,
                    .up_bytes = Bytes(10),
                    .comes_down = true,
                    .down_bytes = Bytes(4)}},
          .arrivals = &arrivals,
          .stop = {.requests = requests}};
}

/// Returns a system of devices that compute nothing and send `bytes` over one link of 10 B/s to a
/// cloud that takes no time and sends no answer.
OneClass shared_uplink(const workload::Arrivals& arrivals, std::size_t devices, double bytes) {
  OneClass simulation = two_tiers(arrivals, devices, static_cast<std::int64_t>(devices));
  simulation.tiers[0].used = false;
  simulation.tiers[1].service = Seconds(0);
  simulation.hops[0] = {.name = "device-cloud",
                        .hop = hop(10, 10, 0),
                        .shared = true,
                        .goes_up = true,
                        .up_bytes = Bytes(bytes)};
  return simulation;
}

}  // namespace

TEST_CASE("simulate: the times of one request, and the record of its run") {
  // Arrives at 7, computed until 10, sent in 10 / 2 + 0.5 until 15.5, computed until 15.75,
  // answered in 4 / 8 + 0.5 at 16.75.
  const Schedule arrivals({7});
  const Recorded recorded = record(two_tiers(arrivals, 1, 1));
  REQUIRE(recorded.requests.size() == 1);
  const RequestRecord& r = recorded.requests.front();
  CHECK(r.request == 0);
  CHECK(r.device == 0);
  CHECK(r.completed());
  CHECK(r.arrival.si() == 7);
  CHECK(r.completion.si() == about(16.75));
  CHECK(r.latency().si() == about(9.75));
  CHECK(r.device_wait.si() == 0);
  CHECK(r.device_compute.si() == 3);
  CHECK(r.upload_wait.si() == 0);
  CHECK(r.upload.si() == about(5.5));
  CHECK(r.server_wait.si() == 0);
  CHECK(r.server_compute.si() == 0.25);
  CHECK(r.download.si() == about(1));

  const RunRecord& run = recorded.run;
  CHECK(run.arrived == 1);
  CHECK(run.completed == 1);
  CHECK(run.dropped == 0);
  CHECK(run.in_flight == 0);
  CHECK(run.duration.si() == about(16.75));
  REQUIRE(run.tiers.size() == 2);
  CHECK(run.tiers[0].name == "device");
  CHECK(run.tiers[0].busy.si() == about(3));
  CHECK(run.tiers[0].served == 1);
  CHECK(run.tiers[1].busy.si() == about(0.25));
  CHECK(run.tiers[1].servers == 1);
  REQUIRE(run.hops.size() == 1);
  CHECK(run.hops[0].links == 1);
  CHECK(run.hops[0].up == Bytes(10));
  CHECK(run.hops[0].down == Bytes(4));
  CHECK(run.hops[0].up_messages == 1);
  CHECK(run.hops[0].down_messages == 1);
}

TEST_CASE("simulate: all on the device") {
  const Schedule arrivals({1});
  const Recorded recorded =
      record({.tiers = {{.name = "device", .used = true, .service = Seconds(2)}},
              .arrivals = &arrivals,
              .stop = {.requests = 1}});
  CHECK(recorded.requests.front().completion.si() == 3);
  CHECK(recorded.run.hops.empty());
}

TEST_CASE("simulate: a device serves one request at a time, in the order of arrival") {
  // 3 s of service; requests at 0, 1 and 2 start at 0, 3 and 6, and wait 0, 2 and 4.
  const Schedule arrivals({0}, 1);
  OneClass simulation = two_tiers(arrivals, 1, 3);
  simulation.tiers.pop_back();
  simulation.hops.clear();
  const Recorded recorded = record(simulation);
  REQUIRE(recorded.requests.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) {
    const RequestRecord& r = recorded.requests[i];
    const auto n = static_cast<double>(i);
    CHECK(r.request == static_cast<std::int64_t>(i));
    CHECK(r.arrival.si() == n);
    CHECK(r.device_wait.si() == 2 * n);
    CHECK(r.completion.si() == 3 + 3 * n);
  }
  CHECK(recorded.run.tiers[0].waited.si() == 6);
  CHECK(recorded.run.duration.si() == 9);
}

TEST_CASE("simulate: two flows share a link max-min, whenever they start") {
  // 100 B each at 10 B/s. The first is alone until 4 and has sent 40; then each has 5 B/s; its
  // other 60 take until 16. The second has sent 60 by then, and its last 40 take until 20.
  const Schedule arrivals({0, 4});
  const Recorded recorded = record(shared_uplink(arrivals, 2, 100));
  REQUIRE(recorded.requests.size() == 2);
  CHECK(recorded.requests[0].device == 0);
  CHECK(recorded.requests[0].completion.si() == about(16));
  CHECK(recorded.requests[1].completion.si() == about(20));
  CHECK(recorded.requests[0].upload.si() == about(16));
  CHECK(recorded.requests[1].upload.si() == about(16));
  CHECK(recorded.run.hops[0].up == Bytes(200));
  CHECK(recorded.run.hops[0].links == 1);
}

TEST_CASE("simulate: three flows on a link") {
  // From 0, 4 and 10. Sent by 4: 40. By 10, at 5 B/s each: 70 and 30. Then 10/3 B/s each: the first
  // needs 30 more, 9 s, and ends at 19; sent then: 60 and 30. At 5 B/s the second's 40 take 8 s,
  // until 27; the third has sent 70 then, and its last 30 take 3 s, until 30.
  const Schedule arrivals({0, 4, 10});
  const Recorded recorded = record(shared_uplink(arrivals, 3, 100));
  REQUIRE(recorded.requests.size() == 3);
  CHECK(recorded.requests[0].completion.si() == about(19));
  CHECK(recorded.requests[1].completion.si() == about(27));
  CHECK(recorded.requests[2].completion.si() == about(30));
}

TEST_CASE("simulate: flows that start at the same moment on a shared link end at the same moment") {
  // Five times 100 B at 10 B/s: all at 50. SimGrid decides which request is recorded first.
  const Schedule arrivals({0, 0, 0, 0, 0});
  const Recorded recorded = record(shared_uplink(arrivals, 5, 100));
  REQUIRE(recorded.requests.size() == 5);
  std::set<std::size_t> devices;
  for (const RequestRecord& r : recorded.requests) {
    devices.insert(r.device);
    CHECK(r.request == static_cast<std::int64_t>(r.device));
    CHECK(r.completion.si() == about(50));
  }
  CHECK(devices.size() == 5);
}

TEST_CASE("simulate: sizes that no double divides by evenly") {
  // 1/3 of the time of 1e6 / 3 and so on: 7 B at 3 B/s is 7/3 s; two at once share to 14/3 s.
  const Schedule together({0.1, 0.1});
  OneClass simulation = shared_uplink(together, 2, 7);
  simulation.hops[0].hop.up = BytesPerSecond(3);
  for (const RequestRecord& r : record(simulation).requests) {
    CHECK(r.upload.si() == about(14.0 / 3));
  }
}

TEST_CASE("simulate: up and down do not share") {
  // The first request's answer (400 B) goes down from 10 to 50 while the second's input goes up
  // from 12 to 22: both at the full 10 B/s.
  const Schedule arrivals({0, 12});
  OneClass simulation = shared_uplink(arrivals, 2, 100);
  simulation.hops[0].comes_down = true;
  simulation.hops[0].down_bytes = Bytes(400);
  const Recorded recorded = record(simulation);
  CHECK(recorded.requests[0].upload.si() == about(10));
  CHECK(recorded.requests[1].upload.si() == about(10));
  // The answers meet from 22 on: by then 120 of the first one's 400 B are through. At 5 B/s its
  // other 280 take until 78; the second one has 120 left then, which take until 90.
  CHECK(recorded.requests[0].completion.si() == about(78));
  CHECK(recorded.requests[1].completion.si() == about(90));
}

TEST_CASE("simulate: private links do not share") {
  // Three devices at once: each takes what one request alone takes, but for the one server, which
  // serves them 0.25 s one after the other, in the order of the devices.
  const Schedule arrivals({7, 7, 7});
  const Recorded recorded = record(two_tiers(arrivals, 3, 3));
  REQUIRE(recorded.requests.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) {
    const RequestRecord& r = recorded.requests[i];
    CHECK(r.device == i);
    CHECK(r.upload.si() == about(5.5));
    CHECK(r.server_wait.si() == about(0.25 * static_cast<double>(i)));
    CHECK(r.download.si() == about(1));
  }
  CHECK(recorded.run.hops[0].links == 3);
  CHECK(recorded.run.tiers[1].waited.si() == about(0.75));
}

TEST_CASE("simulate: a device sends one message after the other, and latency does not hold it up") {
  // Computed at 1 and 3. The first message's bytes leave from 1 to 11 and arrive at 16; the
  // second's leave from 11 to 21, as soon as the link is free, and arrive at 26.
  const Schedule arrivals({0}, 2);
  OneClass simulation = two_tiers(arrivals, 1, 2);
  simulation.tiers[0].service = Seconds(1);
  simulation.hops[0].hop = hop(10, 10, 5);
  simulation.hops[0].up_bytes = Bytes(100);
  const Recorded recorded = record(simulation);
  CHECK(recorded.requests[0].upload_wait.si() == 0);
  CHECK(recorded.requests[0].upload.si() == about(15));
  CHECK(recorded.requests[1].upload_wait.si() == about(8));
  CHECK(recorded.requests[1].upload.si() == about(15));
  CHECK(recorded.requests[1].completion.si() == about(26 + 0.25 + 0.4 + 5));
}

TEST_CASE("simulate: later hops don't affect the device's queue of messages") {
  // Messages of 100 B at 0, 1 and 2; 10 s on the first hop, one after the other: from 0, 10 and 20.
  // The second hop takes 5 s and is done with them at 15, 25 and 35.
  const Schedule arrivals({0}, 1);
  OneClass simulation = shared_uplink(arrivals, 1, 100);
  simulation.hops[0].shared = false;
  simulation.tiers.push_back({.name = "moon"});
  simulation.hops.push_back({.name = "cloud-moon",
                             .hop = hop(20, 20, 0),
                             .shared = true,
                             .goes_up = true,
                             .up_bytes = Bytes(100)});
  simulation.stop = {.requests = 3};
  const Recorded recorded = record(simulation);
  REQUIRE(recorded.requests.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) {
    const auto n = static_cast<double>(i);
    CHECK(recorded.requests[i].upload_wait.si() == about(9 * n));
    CHECK(recorded.requests[i].completion.si() == about(15 + 10 * n));
  }
}

TEST_CASE("simulate: all devices share the hops after the first") {
  // Two devices at 0 with links of their own: 10 s; then both messages on one link of 20 B/s: 10 s.
  const Schedule arrivals({0, 0});
  OneClass simulation = shared_uplink(arrivals, 2, 100);
  simulation.hops[0].shared = false;
  simulation.tiers.push_back({.name = "moon"});
  simulation.hops.push_back(
      {.name = "cloud-moon", .hop = hop(20, 20, 0), .goes_up = true, .up_bytes = Bytes(100)});
  const Recorded recorded = record(simulation);
  CHECK(recorded.requests[0].completion.si() == about(20));
  CHECK(recorded.requests[1].completion.si() == about(20));
  CHECK(recorded.run.hops[0].links == 2);
  CHECK(recorded.run.hops[1].links == 1);
}

TEST_CASE("simulate: a tier in between relays whole messages, and hop times add up") {
  // Nothing runs on the edge: 12 / 3 + 0.5 to it, 12 / 6 + 0.25 to the cloud; 2 s there; back
  // 3 / 4 + 0.25 and 3 / 2 + 0.5.
  const Schedule arrivals({0});
  const Recorded recorded =
      record({.tiers = {{.name = "device"},
                        {.name = "edge"},
                        {.name = "cloud", .used = true, .service = Seconds(2)}},
              .hops = {{.name = "device-edge",
                        .hop = hop(3, 2, 0.5),
                        .goes_up = true,
                        .up_bytes = Bytes(12),
                        .comes_down = true,
                        .down_bytes = Bytes(3)},
                       {.name = "edge-cloud",
                        .hop = hop(6, 4, 0.25),
                        .shared = true,
                        .goes_up = true,
                        .up_bytes = Bytes(12),
                        .comes_down = true,
                        .down_bytes = Bytes(3)}},
              .arrivals = &arrivals,
              .stop = {.requests = 1}});
  const RequestRecord& r = recorded.requests.front();
  CHECK(r.upload.si() == about(4.5 + 2.25));
  CHECK(r.server_compute.si() == 2);
  CHECK(r.download.si() == about(1 + 2));
  CHECK(r.latency().si() == about(6.75 + 2 + 3));
  CHECK(recorded.run.tiers[0].served == 0);
  CHECK(recorded.run.tiers[1].served == 0);
  CHECK(recorded.run.tiers[2].served == 1);
  CHECK(recorded.run.hops[1].up_messages == 1);
  CHECK(recorded.run.hops[1].down_messages == 1);
}

TEST_CASE("simulate: each hop carries its own bytes, both later tiers compute") {
  const Schedule arrivals({0});
  OneClass simulation = two_tiers(arrivals, 1, 1);  // 3 + (5 + 0.5) + 0.25 + ... + (0.5 + 0.5)
  simulation.tiers.push_back({.name = "moon", .used = true, .service = Seconds(4)});
  simulation.hops.push_back({.name = "cloud-moon",
                             .hop = hop(5, 1, 1),
                             .shared = true,
                             .goes_up = true,
                             .up_bytes = Bytes(20),
                             .comes_down = true,
                             .down_bytes = Bytes(2)});
  const RequestRecord r = record(simulation).requests.front();
  CHECK(r.upload.si() == about(5.5 + 20.0 / 5 + 1));
  CHECK(r.server_compute.si() == about(0.25 + 4));
  CHECK(r.download.si() == about(2.0 / 1 + 1 + 1));
}

TEST_CASE("simulate: the answer may come from a tier before the last") {
  // The cloud computes the outputs; nothing needs the layers on the moon.
  const Schedule arrivals({0});
  OneClass simulation = two_tiers(arrivals, 1, 1);
  simulation.tiers.push_back({.name = "moon", .used = true, .service = Seconds(4)});
  simulation.hops.push_back({.name = "cloud-moon",
                             .hop = hop(5, 1, 1),
                             .shared = true,
                             .goes_up = true,
                             .up_bytes = Bytes(20)});
  const Recorded recorded = record(simulation);
  CHECK(recorded.requests.front().latency().si() == about(3 + 5.5 + 0.25 + 5 + 4 + 1));
  CHECK(recorded.run.hops[1].down_messages == 0);
}

TEST_CASE("simulate: several servers, one queue") {
  // Two servers of 10 s; requests reach them at 0, 1, 2 and 3. The third waits for the first server
  // until 10, the fourth for the second one until 11.
  const Schedule arrivals({0, 1, 2, 3});
  OneClass simulation = shared_uplink(arrivals, 4, 0);
  simulation.tiers[1].servers = 2;
  simulation.tiers[1].service = Seconds(10);
  const Recorded recorded = record(simulation);
  REQUIRE(recorded.requests.size() == 4);
  const std::vector<double> waits = {0, 0, 8, 8};
  const std::vector<double> ends = {10, 11, 20, 21};
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(recorded.requests[i].device == i);
    CHECK(recorded.requests[i].server_wait.si() == about(waits[i]));
    CHECK(recorded.requests[i].completion.si() == about(ends[i]));
  }
  CHECK(recorded.run.tiers[1].busy.si() == about(40));
  CHECK(recorded.run.tiers[1].waited.si() == about(16));
}

TEST_CASE("simulate: messages without bytes take the latency alone, which may be 0") {
  const Schedule arrivals({2});
  OneClass simulation = two_tiers(arrivals, 1, 1);
  simulation.hops[0].up_bytes = simulation.hops[0].down_bytes = Bytes(0);
  const Recorded recorded = record(simulation);
  CHECK(recorded.requests.front().upload.si() == 0.5);
  CHECK(recorded.requests.front().download.si() == 0.5);
  CHECK(recorded.requests.front().latency().si() == 3 + 0.5 + 0.25 + 0.5);
  CHECK(recorded.run.hops[0].up_messages == 1);
  CHECK(recorded.run.hops[0].up == Bytes(0));

  simulation.hops[0].hop.latency = Seconds(0);
  CHECK(record(simulation).requests.front().latency().si() == 3.25);
}

TEST_CASE("simulate: a request that costs nothing is answered when it arrives") {
  const Schedule arrivals({2});
  const Recorded recorded = record({.tiers = {{.name = "device", .used = true}},
                                    .arrivals = &arrivals,
                                    .stop = {.requests = 1}});
  CHECK(recorded.requests.front().latency().si() == 0);
}

TEST_CASE("simulate: one byte, and more than fits into 32 bits") {
  const Schedule arrivals({0});
  OneClass simulation = shared_uplink(arrivals, 1, 1);
  CHECK(record(simulation).requests.front().upload.si() == about(0.1));
  simulation.hops[0].up_bytes = Bytes(1e12);
  simulation.hops[0].hop.up = BytesPerSecond(1e11);
  CHECK(record(simulation).requests.front().upload.si() == about(10));
}

TEST_CASE("simulate: periodic without spread: every device at 0 and at each period") {
  const auto arrivals = make_arrivals("periodic", {{"period", 10}, {"spread", 0}});
  const Recorded recorded = record(two_tiers(*arrivals, 3, 9));
  REQUIRE(recorded.requests.size() == 9);
  for (std::size_t device = 0; device < 3; ++device) {
    CHECK(arrivals_of(recorded, device) == std::vector<double>{0, 10, 20});
  }
  // Numbered in order of arrival: at the same moment, in the order of the devices.
  for (const RequestRecord& r : recorded.requests) {
    CHECK(r.request ==
          static_cast<std::int64_t>(r.arrival.si() / 10 * 3) + static_cast<std::int64_t>(r.device));
  }
}

TEST_CASE("simulate: a closed loop without think time sends the next request at the answer") {
  // Two devices, 0.75 s of transfer and computing at home, 0.25 s on the one server: after the
  // first round they take turns there. Each device's next arrival is its last completion.
  const auto arrivals = make_arrivals("closed-loop", {{"think", 0}});
  OneClass simulation = two_tiers(*arrivals, 2, 40);
  simulation.closed_loop = true;
  const Recorded recorded = record(simulation);
  CHECK(recorded.run.arrived == 40);
  CHECK(recorded.run.completed == 40);
  std::vector<double> answered = {0, 0};
  for (const RequestRecord& r : recorded.requests) {
    CHECK(r.arrival.si() == answered[r.device]);
    CHECK(r.device_wait.si() == 0);  // A device has one request at a time.
    answered[r.device] = r.completion.si();
  }
}

TEST_CASE("simulate: a closed loop with think time thinks before each request, also the first") {
  const auto arrivals = make_arrivals("closed-loop", {{"think", 5}});
  OneClass simulation = two_tiers(*arrivals, 1, 2000);
  simulation.closed_loop = true;
  const Recorded recorded = record(simulation);
  double answered = 0;
  double thought = 0;
  for (const RequestRecord& r : recorded.requests) {
    CHECK(r.arrival.si() > answered);
    thought += r.arrival.si() - answered;
    answered = r.completion.si();
  }
  // 2,000 exponential times of mean 5: the mean's standard deviation is 5 / sqrt(2000) = 0.11.
  CHECK(thought / 2000 == doctest::Approx(5).epsilon(5 * 0.11 / 5));
}

TEST_CASE("simulate: a run that stops at a time records the requests in flight") {
  // One request each at 0, 10, 20 and 30 that takes 9.75 s, and one at 40 that is stopped at 42.
  const auto arrivals = make_arrivals("periodic", {{"period", 10}, {"spread", 0}});
  OneClass simulation = two_tiers(*arrivals, 1, 0);
  simulation.stop = {.after = Seconds(42)};
  const Recorded recorded = record(simulation);
  CHECK(recorded.run.arrived == 5);
  CHECK(recorded.run.completed == 4);
  CHECK(recorded.run.in_flight == 1);
  CHECK(recorded.run.duration == Seconds(42));
  REQUIRE(recorded.requests.size() == 5);
  CHECK(!recorded.requests.back().completed());
  CHECK(recorded.requests.back().request == 4);
  CHECK(recorded.requests.back().arrival == Seconds(40));
}

TEST_CASE(
    "simulate: what is in flight at the end comes in the order of arrival, whatever its stage") {
  // Stopped at 5. Device 0's request of 0 s is on its way up (3 to 8.5), its requests of 1, 2, 3, 4
  // wait; the other devices' of 0.5, 1.5, ... are computed or wait. None is answered.
  const Schedule arrivals({0, 0.5, 0.25}, 1);
  OneClass simulation = two_tiers(arrivals, 3, 0);
  simulation.stop = {.after = Seconds(5)};
  const Recorded recorded = record(simulation);
  CHECK(recorded.run.completed == 0);
  CHECK(recorded.run.arrived == recorded.run.in_flight);
  REQUIRE(recorded.requests.size() == static_cast<std::size_t>(recorded.run.in_flight));
  for (std::size_t i = 0; i < recorded.requests.size(); ++i) {
    CHECK(recorded.requests[i].request == static_cast<std::int64_t>(i));
    CHECK(!recorded.requests[i].completed());
  }
}

TEST_CASE("simulate: a server that works when the run stops was busy until then") {
  // 3 s of computing from 0 on; stopped at 2. The tier was busy for 2 s of 2, not for 0 or 3. The
  // second device starts at 1.5.
  const Schedule arrivals({0, 1.5});
  OneClass simulation = two_tiers(arrivals, 2, 0);
  simulation.stop = {.after = Seconds(2)};
  CHECK(record(simulation).run.tiers[0].busy.si() == about(2 + 0.5));
  // Stopped at 4, when the first one is on its way up: 3 + 2.5.
  simulation.stop = {.after = Seconds(4)};
  CHECK(record(simulation).run.tiers[0].busy.si() == about(3 + 2.5));
}

TEST_CASE("simulate: a run may stop before any request arrives") {
  const Schedule arrivals({3});
  OneClass simulation = two_tiers(arrivals, 1, 0);
  simulation.stop = {.after = Seconds(2)};
  const Recorded recorded = record(simulation);
  CHECK(recorded.run.arrived == 0);
  CHECK(recorded.requests.empty());
  CHECK(recorded.run.duration == Seconds(2));
}

TEST_CASE("simulate: a second simulation in one process is refused") {
  const Schedule arrivals({0});
  const OneClass simulation = two_tiers(arrivals, 1, 1);
  const study::IsolatedJob twice = [&](const ProgressSink&) {
    simulate(simulation, {});
    simulate(simulation, {});
    return std::string();
  };
  CHECK_THROWS_WITH_AS(study::run_isolated({twice}, 1),
                       "a process can run one simulation: SimGrid's clock is global",
                       std::runtime_error);
}

TEST_CASE("simulate: names the version of SimGrid that it was built with") {
  CHECK(simgrid_version().starts_with("3."));
}

}  // namespace offcut::engine::simulate_test
