// Devices that differ in speed, and in the bandwidths of their links. Times are in seconds, sizes
// in bytes.

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "small_systems.h"

namespace offcut::engine::slowness_test {
namespace {

const std::vector<double> kSlowness = {2, 0.5, 1, 3.25};
const std::vector<double> kRates = {2, 5, 0.7, 40};

network::Rates rates() {
  std::vector<network::Rate> all;
  for (const double rate : kRates) {
    all.emplace_back(rate);
  }
  return network::Rates(std::move(all));
}

/// Returns devices that compute `service`, send 10 B to a server that computes 0.25 s, get 4 B
/// back, with 0.5 s of latency each way, and compute a tail of 1 s.
Simulation unlike_devices(const workload::Arrivals& arrivals, double service = 3) {
  Simulation simulation;
  simulation.tiers = {{.name = "device", .servers = kSlowness.size()},
                      {.name = "cloud", .servers = 1}};
  simulation.tiers[0].slowness = kSlowness;
  simulation.hops = {{.name = "device-cloud", .hop = hop(12, 12, 0.5)}};
  simulation.hops[0].moving_rates = {.up = rates(), .down = rates()};
  PlannedClass planned;
  planned.arrivals = &arrivals;
  planned.stages = {{.used = true, .service = {Seconds(service)}, .tail = Seconds(1)},
                    {.used = true, .service = {Seconds(0.25)}}};
  planned.crossings = {
      {.goes_up = true, .up_bytes = Bytes(10), .comes_down = true, .down_bytes = Bytes(4)}};
  add_class(simulation, std::move(planned));
  simulation.stop.requests = 1'000'000'000;
  return simulation;
}

}  // namespace

TEST_CASE("slowness: the closed form of a device with a speed and a link of its own") {
  const Times arrivals{{0}, {100}, {200}, {300}};
  for (const bool own : {true, false}) {
    Simulation simulation = unlike_devices(arrivals);
    simulation.own_links = own;
    const Recorded recorded = run(simulation);
    REQUIRE(recorded.requests.size() == kSlowness.size());
    double busy = 0;
    for (const RequestRecord& r : recorded.requests) {
      const double factor = kSlowness[r.device], rate = kRates[r.device];
      CHECK(r.device_compute.si() == about(4 * factor));
      CHECK(r.upload.si() == about(10 / rate + 0.5));
      CHECK(r.download.si() == about(4 / rate + 0.5));
      CHECK(r.latency().si() == about(4 * factor + 14 / rate + 1 + 0.25));
      busy += 4 * factor;
    }
    CHECK(recorded.run.tiers[0].busy.si() == about(busy));
    CHECK(recorded.run.tiers[0].offered.si() == about(busy));
    CHECK(recorded.run.tiers[0].batches == 8);
  }
}

TEST_CASE("slowness: requests of a slow device queue for as long as it computes") {
  const Times arrivals{{0, 1, 2}, {0, 1, 2}, {}, {}};
  Simulation simulation = unlike_devices(arrivals);
  simulation.hops[0].moving_rates = {};
  simulation.hops[0].hop = hop(1e12, 1e12, 0);
  simulation.itineraries[0].stages[0].tail = Seconds(0);
  simulation.itineraries[0].stages[1].used = false;
  const Recorded recorded = run(simulation);
  for (const RequestRecord& r : recorded.requests) {
    const double factor = kSlowness[r.device];
    const double turn = r.arrival.si();  // Which is its number, too.
    // The fast device needs 1.5 s: at 1.5 the second one begins, at 3 the third one.
    CHECK(r.completion.si() == about((turn + 1) * 3 * factor));
    CHECK(r.device_wait.si() == about(turn * 3 * factor - turn));
  }
  // A deadline of 7 s: of the slow device, which needs 6 s each, only the first request is
  // admitted; of the fast one all are.
  simulation.tiers[0].scheduling.admission = choose(scheduling::admission(), "deadline");
  simulation.classes[0].deadline = Seconds(7);
  CHECK(ends(simulation) == "6 1.5 x1 3 x2 4.5");
}

TEST_CASE("slowness: processor sharing takes longer by the factor") {
  // 3 s of work each at 0 and 1. The slow device: 6 s each; the first has 5 s left at 1, which take
  // until 11, and the other one until 12. The fast one: 1.5 s each, 0.5 s left at 1: 2 and 3.
  const Times arrivals{{0, 1}, {0, 1}, {}, {}};
  for (const bool own : {true, false}) {
    Simulation simulation = unlike_devices(arrivals);
    simulation.own_links = own;
    simulation.hops[0].moving_rates = {};
    simulation.hops[0].hop = hop(1e12, 1e12, 0);
    simulation.itineraries[0].stages[0].tail = Seconds(0);
    simulation.itineraries[0].stages[1].used = false;
    simulation.tiers[0].scheduling.queue = choose(scheduling::queues(), "processor-sharing");
    const Recorded recorded = run(simulation);
    CHECK(recorded.requests[0].completion.si() == about(11));
    CHECK(recorded.requests[1].completion.si() == about(2));
    CHECK(recorded.requests[2].completion.si() == about(12));
    CHECK(recorded.requests[3].completion.si() == about(3));
  }
}

TEST_CASE("slowness: the noise of a device is the same draw, times the factor") {
  const Times arrivals{{0, 1000}, {0, 1000}, {0, 1000}, {0, 1000}};
  Simulation simulation = unlike_devices(arrivals);
  simulation.tiers[0].noise = {.kind = Noise::Kind::exponential, .cv = 0, .factors = {}};
  Simulation alike = simulation;
  alike.tiers[0].slowness.clear();
  const Recorded unlike = run(simulation), usual = run(alike);
  for (std::size_t i = 0; i < unlike.requests.size(); ++i) {
    const double factor = kSlowness[unlike.requests[i].device];
    CHECK(unlike.requests[i].device_compute.si() ==
          about(factor * usual.requests[i].device_compute.si()));
  }
  // Factors of 1 change nothing, to the last bit.
  alike.tiers[0].slowness.assign(kSlowness.size(), 1.0);
  const Recorded ones = run(alike);
  for (std::size_t i = 0; i < ones.requests.size(); ++i) {
    CHECK(ones.requests[i].completion == usual.requests[i].completion);
  }
}

TEST_CASE("slowness: devices under load are as each of them alone with its own times") {
  // Gaps that often are shorter than the service.
  std::vector<double> times;
  for (int i = 0; i < 40; ++i) {
    times.push_back((times.empty() ? 0 : times.back()) + 1 + (i * 37) % 11);
  }
  const Times arrivals({times, times, times, times});
  Simulation all = unlike_devices(arrivals, 4);
  all.tiers[1].servers = 4;  // Nobody waits there.
  const Recorded together = run(all);
  for (std::size_t device = 0; device < kSlowness.size(); ++device) {
    const Times own({times});
    Simulation alone = unlike_devices(own, 4 * kSlowness[device]);
    alone.tiers[0].servers = 1;
    alone.tiers[0].slowness.clear();
    alone.itineraries[0].stages[0].tail = Seconds(kSlowness[device]);
    alone.hops[0].moving_rates = {};
    alone.hops[0].hop = hop(kRates[device], kRates[device], 0.5);
    const Recorded single = run(alone);
    std::vector<RequestRecord> of_device;
    std::copy_if(together.requests.begin(), together.requests.end(), std::back_inserter(of_device),
                 [device](const RequestRecord& r) { return r.device == device; });
    REQUIRE(of_device.size() == single.requests.size());
    for (std::size_t i = 0; i < of_device.size(); ++i) {
      CHECK(of_device[i].completion.si() == about(single.requests[i].completion.si()));
    }
  }
}

TEST_CASE("slowness: invalid factors are refused") {
  const Times arrivals{{0}, {}, {}, {}};
  for (const std::vector<double>& factors :
       std::vector<std::vector<double>>{{1, 1}, {1, 1, 1, 0}, {1, 1, 1, INFINITY}}) {
    Simulation simulation = unlike_devices(arrivals);
    simulation.tiers[0].slowness = factors;
    CHECK_THROWS_WITH(record(simulation),
                      "tier device: each device must have a factor of its times, which is positive "
                      "and finite");
  }
}

}  // namespace offcut::engine::slowness_test
