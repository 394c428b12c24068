#include "analysis/statistics/run_summary.h"

#include <doctest/doctest.h>

namespace offcut::analysis::run_summary_test {

TEST_CASE("utilisation: the busy share of all cores") {
  // Three servers were busy for 6 s in total, over 4 s: 6 / 12.
  CHECK(utilisation({.name = "edge", .servers = 3, .busy = Seconds(6)}, Seconds(4)) == 0.5);
  CHECK(utilisation({.name = "edge", .servers = 3}, Seconds(4)) == 0);
  CHECK(utilisation({.name = "edge", .servers = 3}, Seconds(0)) == 0);  // No time passed.
}

TEST_CASE("utilisation: carried bytes over what the links could have carried") {
  // Two pairs of links carry 40 B of 80 in 4 s at 10 B/s up, and 30 B of 40 at 5 B/s down, 2 B of
  // them of messages that did not arrive.
  const engine::HopUsage hop{.name = "up",
                             .links = 2,
                             .hop = {BytesPerSecond(10), BytesPerSecond(5), Seconds(1)},
                             .up = Bytes(40),
                             .down = Bytes(28),
                             .down_traffic = {.in_part = Bytes(2)}};
  CHECK(up_utilisation(hop, Seconds(4)) == 0.5);
  CHECK(down_utilisation(hop, Seconds(4)) == 0.75);
  CHECK(up_utilisation(hop, Seconds(0)) == 0);
}

TEST_CASE("offered load: offered work over the capacity until the last request arrives") {
  // Three servers are offered 12 s of work in 5 s: 12 / 15.
  CHECK(offered_load({.servers = 3, .offered = Seconds(12), .capacity = Seconds(15)}) == 0.8);
  CHECK(offered_load({.servers = 3, .offered = Seconds(12)}) == 0);  // All requests arrive at once.
}

TEST_CASE("run summary: sums over classes, and goodput") {
  RunSummary summary;
  CHECK(summary.goodput() == 0);
  summary.record = {
      .completed = 30,
      .duration = Seconds(10),
      .classes = {{.name = "a", .completed = 20, .late = 3, .fell_back = 1, .failures = 7},
                  {.name = "b", .completed = 10, .late = 2, .fell_back = 4}}};
  CHECK(summary.late() == 5);
  CHECK(summary.fell_back() == 5);
  CHECK(summary.failures() == 7);
  CHECK(summary.goodput() == 2.5);
  CHECK(goodput(summary.record.classes[0], Seconds(10)) == 1.7);
  CHECK(goodput(summary.record.classes[0], Seconds(0)) == 0);
}

TEST_CASE("run summary: throughput and accuracy") {
  RunSummary summary;
  CHECK(summary.throughput() == 0);
  CHECK(!summary.accuracy());  // Without labels there is no accuracy.
  summary.record.completed = 30;
  summary.record.duration = Seconds(12);
  summary.labelled = 8;
  summary.correct = 6;
  CHECK(summary.throughput() == 2.5);
  CHECK(summary.accuracy() == 0.75);
}

TEST_CASE("run summary: passes through JSON without loss") {
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
                                              .download = 13,
                                              .lost = 14},
                    .class_latency = {std::nullopt, LatencySummary{.p95 = 0.3}},
                    .labelled = 5,
                    .correct = 4};
  before.record = {.arrived = std::int64_t{1} << 60,
                   .completed = 2,
                   .dropped = 3,
                   .in_flight = 4,
                   .duration = Seconds(0.1),
                   .tiers = {{.name = "device",
                              .servers = 2,
                              .busy = Seconds(1.0 / 3),
                              .served = 5,
                              .waited = Seconds(0.7),
                              .batches = 6,
                              .rejected = 7,
                              .lost = 8,
                              .loads = 9,
                              .loading = Seconds(0.1),
                              .offered = Seconds(0.2),
                              .capacity = Seconds(0.4),
                              .blocked = Seconds(0.3),
                              .most_waiting = 10,
                              .mean_jobs = 1.1,
                              .verdict = engine::Verdict::overloaded,
                              .left = 11,
                              .queues = 12,
                              .worst = 1.2,
                              .saturated = 13,
                              .machines = 14,
                              .is_scaled = true,
                              .existing = Seconds(0.6),
                              .most_cores = 15,
                              .starts = 16,
                              .cold_starts = 17,
                              .warming = Seconds(0.9)}},
                   .hops = {{.name = "up",
                             .links = 3,
                             .hop = {BytesPerSecond(0.3), BytesPerSecond(2), Seconds(0.9)},
                             .up = Bytes(1e15),
                             .down = Bytes(2),
                             .up_messages = 6,
                             .down_messages = 7,
                             .up_lost = 8,
                             .down_lost = 9,
                             .up_is_ours = true,
                             .up_one_at_a_time = true,
                             .up_traffic = {.in_part = Bytes(1),
                                            .waited = Seconds(0.7),
                                            .mean_messages = 1.0 / 3,
                                            .left = 2},
                             .down_traffic = {.left = 3},
                             .up_load = {.offered = Bytes(4),
                                         .held = Bytes(0.7),
                                         .capacity = Bytes(0.1),
                                         .worst = 0.3,
                                         .saturated = 5,
                                         .most = 6,
                                         .verdict = engine::Verdict::backlogged},
                             .down_load = {.most = 7},
                             .site_up_load = {.most = 8},
                             .site_down_load = {.most = 9}}},
                   .classes = {{.name = "urgent",
                                .arrived = 1,
                                .completed = 2,
                                .dropped = 3,
                                .in_flight = 4,
                                .late = 5,
                                .fell_back = 6,
                                .failures = 7}},
                   .drops = {{"edge full", 11}},
                   .fairness = 0.9,
                   .latency_fairness = 1.0 / 7,
                   .in_flight_age = Seconds(0.7),
                   .oldest_in_flight = Seconds(0.3),
                   .in_flight_late = 5};
  RunSummary after;
  from_json(to_json(before), after);
  CHECK(after.labelled == 5);
  CHECK(after.correct == 4);
  const engine::RunRecord& r = after.record;
  CHECK(r.arrived == std::int64_t{1} << 60);
  CHECK(r.completed == 2);
  CHECK(r.dropped == 3);
  CHECK(r.in_flight == 4);
  CHECK(r.duration == Seconds(0.1));
  CHECK(r.in_flight_age == Seconds(0.7));
  CHECK(r.oldest_in_flight == Seconds(0.3));
  CHECK(r.in_flight_late == 5);
  REQUIRE(r.tiers.size() == 1);
  CHECK(r.tiers[0].name == "device");
  CHECK(r.tiers[0].servers == 2);
  CHECK(r.tiers[0].busy == Seconds(1.0 / 3));
  CHECK(r.tiers[0].served == 5);
  CHECK(r.tiers[0].waited == Seconds(0.7));
  CHECK(r.tiers[0].batches == 6);
  CHECK(r.tiers[0].rejected == 7);
  CHECK(r.tiers[0].lost == 8);
  CHECK(r.tiers[0].loads == 9);
  CHECK(r.tiers[0].loading == Seconds(0.1));
  CHECK(r.tiers[0].left == 11);
  CHECK(r.tiers[0].queues == 12);
  CHECK(r.tiers[0].worst == 1.2);
  CHECK(r.tiers[0].saturated == 13);
  CHECK(r.tiers[0].machines == 14);
  CHECK(r.tiers[0].is_scaled);
  CHECK(r.tiers[0].existing == Seconds(0.6));
  CHECK(r.tiers[0].most_cores == 15);
  CHECK(r.tiers[0].starts == 16);
  CHECK(r.tiers[0].cold_starts == 17);
  CHECK(r.tiers[0].warming == Seconds(0.9));
  CHECK(r.tiers[0].offered == Seconds(0.2));
  CHECK(r.tiers[0].capacity == Seconds(0.4));
  CHECK(r.tiers[0].blocked == Seconds(0.3));
  CHECK(r.tiers[0].most_waiting == 10);
  CHECK(r.tiers[0].mean_jobs == 1.1);
  CHECK(r.tiers[0].verdict == engine::Verdict::overloaded);
  REQUIRE(r.hops.size() == 1);
  const engine::HopUsage& hop = r.hops[0];
  CHECK(hop.up_traffic.in_part == Bytes(1));
  CHECK(hop.up_traffic.waited == Seconds(0.7));
  CHECK(hop.up_traffic.mean_messages == 1.0 / 3);
  CHECK(hop.up_traffic.left == 2);
  CHECK(hop.down_traffic.left == 3);
  CHECK(hop.up_load.offered == Bytes(4));
  CHECK(hop.up_load.held == Bytes(0.7));
  CHECK(hop.up_load.capacity == Bytes(0.1));
  CHECK(hop.up_load.worst == 0.3);
  CHECK(hop.up_load.saturated == 5);
  CHECK(hop.up_load.most == 6);
  CHECK(hop.up_load.verdict == engine::Verdict::backlogged);
  CHECK(hop.down_load.most == 7);
  CHECK(hop.site_up_load.most == 8);
  CHECK(hop.site_down_load.most == 9);
  CHECK(r.hops[0].links == 3);
  CHECK(r.hops[0].hop.up == BytesPerSecond(0.3));
  CHECK(r.hops[0].hop.latency == Seconds(0.9));
  CHECK(r.hops[0].up == Bytes(1e15));
  CHECK(r.hops[0].down == Bytes(2));
  CHECK(r.hops[0].up_messages == 6);
  CHECK(r.hops[0].down_messages == 7);
  CHECK(r.hops[0].up_lost == 8);
  CHECK(r.hops[0].down_lost == 9);
  CHECK(r.hops[0].up_is_ours);
  CHECK(r.hops[0].up_one_at_a_time);
  CHECK(!r.hops[0].down_is_ours);
  REQUIRE(r.classes.size() == 1);
  CHECK(r.classes[0].name == "urgent");
  CHECK(r.classes[0].arrived == 1);
  CHECK(r.classes[0].completed == 2);
  CHECK(r.classes[0].dropped == 3);
  CHECK(r.classes[0].in_flight == 4);
  CHECK(r.classes[0].late == 5);
  CHECK(r.classes[0].fell_back == 6);
  CHECK(r.classes[0].failures == 7);
  REQUIRE(r.drops.size() == 1);
  CHECK(r.drops[0].reason == "edge full");
  CHECK(r.drops[0].requests == 11);
  CHECK(r.fairness == 0.9);
  CHECK(r.latency_fairness == 1.0 / 7);
  REQUIRE(after.class_latency.size() == 2);
  CHECK(!after.class_latency[0]);
  CHECK(after.class_latency[1]->p95 == 0.3);
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
  CHECK(after.latency->lost == 14);

  before.latency.reset();
  RunSummary empty;
  from_json(to_json(before), empty);
  CHECK(!empty.latency);
}

}  // namespace offcut::analysis::run_summary_test
