#include "analysis/run_summary.h"

#include <doctest/doctest.h>

namespace offcut {

TEST_CASE("utilisation: the busy share of all servers") {
  // Three servers that were busy for 6 s in all, over 4 s: 6 / 12.
  CHECK(utilisation({.name = "edge", .servers = 3, .busy = Seconds(6)}, Seconds(4)) == 0.5);
  CHECK(utilisation({.name = "edge", .servers = 3}, Seconds(4)) == 0);
  CHECK(utilisation({.name = "edge", .servers = 3}, Seconds(0)) == 0);  // nothing happened
}

TEST_CASE("utilisation: what the links carried of what they could have") {
  // Two pairs of links, up 10 B/s each: 40 B in 4 s of 80; down 5 B/s: 30 B of 40.
  const HopUsage hop{.name = "up",
                     .links = 2,
                     .hop = {BytesPerSecond(10), BytesPerSecond(5), Seconds(1)},
                     .up = Bytes(40),
                     .down = Bytes(30)};
  CHECK(up_utilisation(hop, Seconds(4)) == 0.5);
  CHECK(down_utilisation(hop, Seconds(4)) == 0.75);
  CHECK(up_utilisation(hop, Seconds(0)) == 0);
}

TEST_CASE("run summary: throughput and accuracy") {
  RunSummary summary;
  CHECK(summary.throughput() == 0);
  CHECK(!summary.accuracy());  // no labels, no accuracy
  summary.record.completed = 30;
  summary.record.duration = Seconds(12);
  summary.labelled = 8;
  summary.correct = 6;
  CHECK(summary.throughput() == 2.5);
  CHECK(summary.accuracy() == 0.75);
}

TEST_CASE("run summary: goes through JSON without loss") {
  RunSummary before{.latency = LatencySummary{.mean = 0.1,
                                              .p50 = 1.0 / 3,
                                              .p90 = 1e-300,
                                              .p95 = 4,
                                              .p99 = 5,
                                              .max = 6,
                                              .device_wait = 7,
                                              .device_compute = 8,
                                              .upload_wait = 9,
                                              .upload = 10,
                                              .server_wait = 11,
                                              .server_compute = 12,
                                              .download = 13},
                    .labelled = 5,
                    .correct = 4};
  before.record = {.arrived = std::int64_t{1} << 60,
                   .completed = 2,
                   .dropped = 3,
                   .in_flight = 4,
                   .duration = Seconds(0.1),
                   .tiers = {{"device", 2, Seconds(1.0 / 3), 5, Seconds(0.7)}},
                   .hops = {{"up",
                             3,
                             {BytesPerSecond(0.3), BytesPerSecond(2), Seconds(0.9)},
                             Bytes(1e15),
                             Bytes(2),
                             6,
                             7}}};
  RunSummary after;
  from_json(to_json(before), after);
  CHECK(after.labelled == 5);
  CHECK(after.correct == 4);
  const RunRecord& r = after.record;
  CHECK(r.arrived == std::int64_t{1} << 60);
  CHECK(r.completed == 2);
  CHECK(r.dropped == 3);
  CHECK(r.in_flight == 4);
  CHECK(r.duration == Seconds(0.1));
  REQUIRE(r.tiers.size() == 1);
  CHECK(r.tiers[0].name == "device");
  CHECK(r.tiers[0].servers == 2);
  CHECK(r.tiers[0].busy == Seconds(1.0 / 3));
  CHECK(r.tiers[0].served == 5);
  CHECK(r.tiers[0].waited == Seconds(0.7));
  REQUIRE(r.hops.size() == 1);
  CHECK(r.hops[0].links == 3);
  CHECK(r.hops[0].hop.up == BytesPerSecond(0.3));
  CHECK(r.hops[0].hop.latency == Seconds(0.9));
  CHECK(r.hops[0].up == Bytes(1e15));
  CHECK(r.hops[0].down == Bytes(2));
  CHECK(r.hops[0].up_messages == 6);
  CHECK(r.hops[0].down_messages == 7);
  REQUIRE(after.latency.has_value());
  CHECK(after.latency->mean == 0.1);
  CHECK(after.latency->p50 == 1.0 / 3);
  CHECK(after.latency->p90 == 1e-300);
  CHECK(after.latency->p95 == 4);
  CHECK(after.latency->p99 == 5);
  CHECK(after.latency->max == 6);
  CHECK(after.latency->device_wait == 7);
  CHECK(after.latency->device_compute == 8);
  CHECK(after.latency->upload_wait == 9);
  CHECK(after.latency->upload == 10);
  CHECK(after.latency->server_wait == 11);
  CHECK(after.latency->server_compute == 12);
  CHECK(after.latency->download == 13);

  before.latency.reset();
  RunSummary empty;
  from_json(to_json(before), empty);
  CHECK(!empty.latency);
}

}  // namespace offcut
