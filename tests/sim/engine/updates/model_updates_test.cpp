// Messages of updates over one link, computed by hand.

#include "sim/engine/updates/model_updates.h"

#include "../recorded.h"

namespace offcut::engine::model_updates_test {
namespace {

/// A device that asks at 1 s, sends 300 bytes in 3 s, is computed in 1 s, and gets 200 bytes in 2
/// s.
Simulation one_request(const workload::Arrivals& arrivals, Seconds end) {
  return OneClass{
      .tiers = {{.name = "device"}, {.name = "cloud", .used = true, .service = Seconds(1)}},
      .hops = {{.name = "hop",
                .hop = hop(100, 100, 0),
                .goes_up = true,
                .up_bytes = Bytes(300),
                .comes_down = true,
                .down_bytes = Bytes(200)}},
      .arrivals = &arrivals,
      .stop = {.after = end}};
}

ModelUpdate push_at(double time, double bytes, bool background = false) {
  return {.classes = {0},
          .schedule = {.at = {Seconds(time)}, .every = {}, .first = {}},
          .bytes = {Bytes(bytes), Bytes(0)},
          .is_background = background};
}

}  // namespace

TEST_CASE("updates: what crossed until the end is the integral of the shares") {
  const Schedule arrivals({1});
  Simulation simulation = one_request(arrivals, Seconds(6));
  simulation.updates = Updates{.models = {push_at(4, 1000)}, .uploads = {}};
  // Alone from 4 s to 5 s: 100 bytes. Half of the link from 5 s to 6 s: 50 bytes, as the answer.
  const Recorded shared = record(simulation);
  CHECK(shared.run.hops[0].down == Bytes(0));
  CHECK(shared.run.hops[0].down_traffic.in_part.si() == about(200));
  CHECK(shared.run.hops[0].down_load.offered == Bytes(1200));
  // In the background, it stops at 5 s, and the answer has the whole link.
  simulation.updates->models = {push_at(4, 1000, true)};
  const Recorded paused = record(simulation);
  CHECK(paused.run.hops[0].down_traffic.in_part.si() == about(200));
  simulation.stop.after = Seconds(8);
  const Recorded later = record(simulation);
  CHECK(later.requests.front().completion.si() == about(7));
  CHECK(later.run.hops[0].down == Bytes(200));
  CHECK(later.run.hops[0].down_traffic.in_part.si() == about(200));  // 4 s to 5 s, 7 s to 8 s.
}

TEST_CASE("updates: data in the background never holds up a request") {
  const Schedule arrivals({1});
  Simulation simulation = one_request(arrivals, Seconds(20));
  const Recorded alone = record(simulation);
  simulation.updates =
      Updates{.models = {},
              .uploads = {{.tier = 0,
                           .bytes = Bytes(500),
                           .schedule = {.at = {}, .every = Seconds(2), .first = Seconds(0)}}}};
  const Recorded busy = record(simulation);
  CHECK(busy.requests.front().completion == alone.requests.front().completion);
  const HopUsage& used = busy.run.hops[0];
  // The link is never idle: 2,000 bytes in 20 s, 300 of them of the request.
  CHECK(used.up.si() + used.up_traffic.in_part.si() == about(2000));
  CHECK(used.up_traffic.update_bytes == used.up - Bytes(300));
  CHECK(used.up_traffic.update_messages == 3);
}

TEST_CASE("updates: a request has the newest version that all machines on its way have") {
  const Schedule arrivals({1}, 2);
  Simulation simulation = one_request(arrivals, Seconds(30));
  simulation.tiers[0].load = BytesPerSecond(100);
  simulation.itineraries[0].stages[0].used = true;
  simulation.updates = Updates{.models = {push_at(4, 100, true)}, .uploads = {}};
  const Recorded recorded = record(simulation);
  bool any_new = false;
  std::int32_t before = 0;
  for (const RequestRecord& request : recorded.requests) {
    CHECK(request.version >= before);
    CHECK((request.version == 0 || request.arrival >= Seconds(6)));
    before = request.version;
    any_new = any_new || request.version == 1;
  }
  CHECK(any_new);
  simulation.itineraries[0].stages[0].used = false;  // The device's version does not matter.
  const Recorded cloud = record(simulation);
  for (const RequestRecord& request : cloud.requests) {
    CHECK(request.version == (request.arrival >= Seconds(4) ? 1 : 0));
  }
}

TEST_CASE("updates: invalid ones are refused") {
  const Schedule arrivals({1});
  Simulation simulation = one_request(arrivals, Seconds(6));
  simulation.updates = Updates{.models = {push_at(4, 100.5)}, .uploads = {}};
  CHECK_THROWS_AS(record(simulation), std::exception);
  simulation.updates->models = {push_at(-1, 100)};
  CHECK_THROWS_AS(record(simulation), std::exception);
  simulation.updates->models = {push_at(4, 100, true)};
  simulation.own_links = false;
  CHECK_THROWS_AS(record(simulation), std::exception);
}

}  // namespace offcut::engine::model_updates_test
