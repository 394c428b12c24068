// Devices that come and go. Times are in seconds, sizes in bytes.

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

#include "analysis/statistics/run_summary.h"
#include "models/base/random.h"
#include "small_random_system.h"
#include "small_systems.h"

namespace offcut::engine::availability_test {
namespace {

using network::Availability;
using Presence = std::shared_ptr<const Availability>;

Presence presence(const std::vector<double>& active, const std::vector<double>& inactive,
                  double period) {
  return std::make_shared<const Availability>(active, inactive, period);
}

/// Lets the devices of a system without uplinks follow these times.
void follow(Simulation& simulation, const std::vector<Presence>& devices) {
  simulation.tiers[0].faults.presence = devices;
  if (!simulation.hops.empty()) {
    simulation.hops[0].faults.presence = devices;
  }
}

/// Returns devices that compute 3 s, send 10 B at 2 B/s to one server, which computes 0.25 s, and
/// get 4 B back at 8 B/s, with 0.5 s of latency each way.
Simulation two_tiers(const workload::Arrivals& arrivals, std::size_t devices) {
  Simulation simulation = OneClass{.tiers = {{.name = "device",
                                              .servers = devices,
                                              .used = true,
                                              .service = Seconds(3),
                                              .tail = {},
                                              .noise = {}},
                                             {.name = "cloud",
                                              .servers = 1,
                                              .used = true,
                                              .service = Seconds(0.25),
                                              .tail = {},
                                              .noise = {}}},
                                   .hops = {{.name = "device-cloud",
                                             .hop = hop(2, 8, 0.5),
                                             .goes_up = true,
                                             .up_bytes = Bytes(10),
                                             .up_bytes_of_input = {},
                                             .comes_down = true,
                                             .down_bytes = Bytes(4)}},
                                   .arrivals = &arrivals};
  simulation.stop.requests = 1'000'000;
  return simulation;
}

}  // namespace

TEST_CASE("availability: a device that is away neither computes nor sends, and goes on later") {
  // Computes from 0 to 2 in vain, and from 5 to 8; sends from 8 to 11 in vain, and from 20 to 25,
  // with its latency until 25.5; the server computes until 25.75. The device is away from 25.5 to
  // 30, when the answer comes until 31.
  const Times arrivals{{0}};
  for (const bool own : {true, false}) {
    Simulation simulation = two_tiers(arrivals, 1);
    simulation.own_links = own;
    follow(simulation, {presence({5, 20, 30}, {2, 11, 25.5}, 100)});
    const Recorded recorded = run(simulation);
    REQUIRE(recorded.requests.size() == 1);
    const RequestRecord& r = recorded.requests[0];
    CHECK(r.completion.si() == about(31));
    CHECK(r.lost.si() == about(5 + 12 + 4.25));
    CHECK(r.device_compute.si() == about(3));
    CHECK(r.upload.si() == about(5.5));
    CHECK(r.failures == 2);
    CHECK(recorded.run.tiers[0].lost == 1);
    CHECK(recorded.run.hops[0].up_lost == 1);
    // The device's machine was up until 2 and from 5 on when its last request came.
    CHECK(
        events(simulation)
            .starts_with("2 machine_down 0.0\n2 link_down 0.0\n5 machine_up 0.0\n5 link_up 0.0\n"));
  }
}

TEST_CASE("availability: requests do not arrive while their device is away") {
  // One a second, of 0.25 s. Device 0 is there from 2 to 4 of each 10 s, device 1 always.
  const Schedule arrivals({0, 0.5}, 1);
  Simulation simulation{.tiers = {{.name = "device", .servers = 2}},
                        .hops = {},
                        .classes = {{.arrivals = &arrivals}},
                        .itineraries = {on_device_alone(Seconds(0.25), 1, Bytes(0))}};
  simulation.stop.after = Seconds(25);
  follow(simulation, {presence({2}, {4}, 10), presence({0}, {}, 1)});
  const Recorded recorded = run(simulation);
  CHECK(arrivals_of(recorded, 0) == std::vector<double>{2, 3, 12, 13, 22, 23});
  CHECK(arrivals_of(recorded, 1).size() == 25);
  CHECK(recorded.run.arrived == 31);
  CHECK(recorded.run.completed == 31);
  CHECK(recorded.run.classes[0].failures == 0);
  // The same from one source for all: those of a device that is away are lacking.
  Simulation total = simulation;
  const Schedule one({0.5}, 1);
  total.classes[0].arrivals = &one;
  total.classes[0].in_total = true;
  total.stop.after = Seconds(2000);
  follow(total, {presence({0}, {5}, 10), presence({5}, {10}, 10)});
  const Recorded shared = run(total);
  CHECK(shared.run.arrived > 900);
  CHECK(shared.run.arrived < 1100);
  for (const RequestRecord& r : shared.requests) {
    CHECK(total.tiers[0].faults.presence[r.device]->is_active(r.arrival.si()));
  }
}

TEST_CASE("availability: in a closed loop, a device sends its next request when it is back") {
  /// Thinks for 1 s.
  class Think : public workload::Arrivals {
   public:
    Seconds next(Seconds now, workload::ArrivalSource&) const override { return now + Seconds(1); }
  };
  const Think arrivals;
  Simulation simulation = two_tiers(arrivals, 1);
  simulation.classes[0].closed_loop = true;
  simulation.stop.requests = 3;
  // Each takes 9.75 s. The first one, sent at 1, ends at 10.75; the next would come at 11.75, comes
  // at 40, and is lost at 41. It is computed from 100 on. The third one is lost at 111 and at 141.
  follow(simulation, {presence({0, 40}, {11, 41}, 100)});
  const Recorded recorded = run(simulation);
  CHECK(arrivals_of(recorded, 0) == std::vector<double>{1, 40, 110.75});
  CHECK(ends(recorded) == "10.75 109.75 209.75");
}

TEST_CASE("availability: a device that never is there asks nothing, and does not hold up the end") {
  const Schedule arrivals({0, 0}, 1);
  Simulation simulation = two_tiers(arrivals, 2);
  simulation.stop.requests = 5;
  const Presence never = presence({}, {}, 10);
  follow(simulation, {never, never});
  CHECK(record(simulation).run.arrived == 0);
  follow(simulation, {never, presence({0}, {}, 10)});
  const Recorded recorded = run(simulation);
  CHECK(recorded.run.completed == 5);
  CHECK(arrivals_of(recorded, 1).size() == 5);
}

TEST_CASE("availability: a batch and a run wait until the last request would have come") {
  // Device 0 asks at 1, and the server waits for a second request, which device 1 would have sent
  // at 5, while it is away from 2 on, for a batch of 0.25 s. A device that never is there does not
  // hold them up.
  const Times arrivals{{1}, {5}};
  Tier server{.servers = 1};
  server.scheduling.batching = choose(scheduling::batching(), "fixed", {{"size", 2}});
  Simulation simulation = system_of(2, std::move(server), {asks(arrivals, {0.25, 0.25})});
  const Presence always = presence({0}, {}, 100);
  follow(simulation, {always, presence({0}, {2}, 100)});
  CHECK(ends(simulation) == "5.25");
  follow(simulation, {always, presence({}, {}, 100)});
  CHECK(ends(simulation) == "1.25");
  simulation.tiers[1].scheduling.batching = {};
  follow(simulation, {always, presence({0}, {2}, 100)});
  const Recorded alone = run(simulation);
  CHECK(ends(alone) == "1.25");
  CHECK(alone.run.duration.si() == about(5));
  follow(simulation, {always, presence({}, {}, 100)});
  CHECK(run(simulation).run.duration.si() == about(1.25));
}

TEST_CASE("availability: a run that waits for requests that never come says so" *
          doctest::test_suite("slow")) {
  const Schedule arrivals({0}, 10);  // Always while it is away.
  Simulation simulation = two_tiers(arrivals, 1);
  simulation.stop.requests = 5;
  follow(simulation, {presence({1}, {2}, 10)});
  CHECK_THROWS_WITH_AS(events(simulation),
                       "the run does not reach its 5 requests: none of the last 1000000 arrived, "
                       "since their devices were away",
                       std::runtime_error);
}

TEST_CASE("availability: invalid systems are refused") {
  const Times arrivals{{0}};
  const auto refused = [&](auto change) {
    Simulation simulation = two_tiers(arrivals, 1);
    change(simulation);
    try {
      record(simulation);
    } catch (const std::exception& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  const Presence always = presence({0}, {}, 1);
  CHECK(refused([](Simulation&) {}).empty());
  CHECK(refused([&](Simulation& s) { s.tiers[1].faults.presence = {always}; }) ==
        "tier cloud: only devices are away at times, or differ in speed");
  CHECK(refused([&](Simulation& s) {
          s.tiers[0].faults.presence = {always, always};
        }) == "tier device: the times at which devices are there must be given for each of them");
  CHECK(refused([&](Simulation& s) {
          s.hops[0].shared = true;
          s.hops[0].faults.presence = {always};
        }) == "hop device-cloud: only links of a device's own are down while it is away");
}

namespace {

Seconds just_after(Seconds time) { return Seconds(std::nextafter(time.si(), kNever.si())); }

/// The requests of another process, for a system whose devices come and go, or only those that
/// arrive there, for one that has outages instead. Both end with the last one that arrives: until
/// the last one that does not, batches would wait in the first system, and not in the other, which
/// does not hear of it. In a closed loop, the first request of a device that is away comes just
/// after its return, since the outage would still hold at that very moment.
class OfDevices : public workload::Arrivals {
 public:
  OfDevices(const RequestClass& of, const std::vector<Presence>& devices, bool only_arriving)
      : all_(*of.arrivals),
        is_loop_(of.closed_loop),
        devices_(devices),
        only_arriving_(only_arriving) {}
  Seconds next(Seconds now, workload::ArrivalSource& source) const override {
    const Availability& device = *devices_[source.number];
    const bool is_first = source.count == 0;
    const Seconds time = all_.next(now, source);
    if (time == kNever) {
      return time;
    }
    if (is_loop_) {
      const Seconds back(device.next_active(time.si()));
      return is_first && back > time ? just_after(back) : only_arriving_ ? back : time;
    }
    workload::ArrivalSource later = source;
    Seconds arriving = time;
    while (arriving < kNever && !device.is_active(arriving.si())) {
      arriving = all_.next(arriving, later);
    }
    if (only_arriving_) {
      source = later;
      return arriving;
    }
    return arriving < kNever ? time : kNever;
  }

 private:
  const workload::Arrivals& all_;
  bool is_loop_;
  const std::vector<Presence>& devices_;
  bool only_arriving_;
};

/// Lets outages without an end begin when the device is there and has no other: an outage is joined
/// with those that overlap with it, and would be for good from their begin. They come after the
/// request that comes just after the return.
void postpone_last(const std::vector<Presence>& devices, network::Faults& faults) {
  for (network::Outage& outage : faults.outages) {
    if (outage.until < kNever) {
      continue;
    }
    for (const network::Outage& other : faults.outages) {
      if (other.which == outage.which && other.until < kNever) {
        outage.from = std::max(outage.from, other.until);
      }
    }
    const Availability& device = *devices[outage.which];
    if (!device.is_never_active()) {
      outage.from = just_after(just_after(Seconds(device.next_active(outage.from.si()))));
    }
  }
}

/// Adds an outage for each time at which a device is away.
void add_outages(const std::vector<Presence>& devices, network::Faults& faults) {
  constexpr double kHorizon = 100;
  for (std::size_t device = 0; device < devices.size(); ++device) {
    const Availability& own = *devices[device];
    bool is_active = own.is_active_before();
    double since = 0;
    for (std::size_t n = 0; own.changes() > 0 && since < kHorizon; ++n) {
      const double change = own.change(n);
      if (!is_active && change > since) {
        faults.outages.push_back({device, Seconds(since), Seconds(change)});
      }
      is_active = !is_active;
      since = change;
    }
    if (own.is_never_active()) {
      faults.outages.push_back({device, Seconds(0), kNever});
    }
  }
}

std::vector<Presence> random_presence(RandomStream& stream, std::size_t devices) {
  const auto below = [&](double most) {
    return most * static_cast<double>(stream() >> 11U) * 0x1p-53;
  };
  std::vector<Presence> all;
  for (std::size_t device = 0; device < devices; ++device) {
    const double period = 2 + below(10);
    std::vector<double> times[2];
    for (double time = below(period); time < period; time += below(period / 2)) {
      times[(times[0].size() + times[1].size() + device) % 2].push_back(time);
    }
    const bool is_ever_there = period > 2.5;
    all.push_back(is_ever_there ? presence(times[0], times[1], period) : presence({}, {}, period));
  }
  return all;
}

/// Writes all requests and figures of a run.
std::string text(const Recorded& recorded) {
  std::string text;
  for (const RequestRecord& r : recorded.requests) {
    text += fmt::format("{} {} {} {} {} {} {} {} {} {} {} {}\n", r.request, r.device,
                        r.request_class, int(r.ending), r.arrival.si(), r.completion.si(),
                        r.lost.si(), r.device_wait.si(), r.device_compute.si(), r.upload.si(),
                        r.server_compute.si(), r.failures);
  }
  analysis::RunSummary summary;
  summary.record = recorded.run;
  return text + analysis::to_json(summary);
}

/// Counts of events in the systems that are compared.
struct Occurred {
  std::int64_t systems = 0, with_loops = 0, with_outages = 0, with_outages_for_good = 0;
  std::int64_t never_there = 0, departures = 0;  // Of devices.
  std::int64_t arrived = 0, not_sent = 0, on_return = 0, dropped = 0, failures = 0;  // Of requests.
};

void count_devices(const Simulation& simulation, const std::vector<Presence>& devices,
                   Occurred& all) {
  const Seconds end = *simulation.stop.after;
  for (std::size_t i = 0; i < devices.size(); ++i) {
    const Availability& device = *devices[i];
    all.never_there += device.is_never_active();
    for (std::size_t n = 0; device.changes() > 0 && device.change(n) < end.si(); ++n) {
      all.departures += !device.is_active(device.change(n));
    }
    for (const RequestClass& one : simulation.classes) {
      workload::ArrivalSource source{.number = i, .stream = {}};
      for (Seconds time(0); !one.closed_loop && time < kNever;) {
        time = one.arrivals->next(time, source);
        all.not_sent += time < kNever && !device.is_active(time.si());
      }
    }
  }
}

void count(const Simulation& simulation, const std::vector<Presence>& devices,
           const Recorded& recorded, Occurred& all) {
  ++all.systems;
  all.with_loops += std::any_of(simulation.classes.begin(), simulation.classes.end(),
                                [](const RequestClass& one) { return one.closed_loop; });
  const network::Faults none, &machines = simulation.tiers[0].faults;
  const network::Faults& links = simulation.hops.empty() ? none : simulation.hops[0].faults;
  all.with_outages += machines.any_outages() || links.any_outages();
  all.with_outages_for_good += machines.any_for_good() || links.any_for_good();
  count_devices(simulation, devices, all);
  for (const RequestRecord& r : recorded.requests) {
    const double just_before = std::nextafter(r.arrival.si(), -1);
    all.on_return += just_before > 0 && !devices[r.device]->is_active(just_before);
    all.failures += r.failures;
  }
  all.arrived += recorded.run.arrived;
  all.dropped += recorded.run.dropped;
}

}  // namespace

TEST_CASE("availability: a random system is the same as one with equal outages" *
          doctest::test_suite("slow")) {
  Occurred all;
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    SmallRandomSystem random(seed, SmallRandomSystem::Times::any);
    Simulation& simulation = random.simulation;
    if (!simulation.hops.empty() && simulation.hops[0].shared) {
      continue;
    }
    RandomStream stream = random_stream(seed, "presence", 0);
    const std::vector<Presence> devices = random_presence(stream, simulation.tiers[0].servers);
    // Work that takes longer than its device ever stays would go on for very long.
    simulation.stop = {.requests = std::nullopt, .after = Seconds(60)};
    postpone_last(devices, simulation.tiers[0].faults);
    if (!simulation.hops.empty()) {
      postpone_last(devices, simulation.hops[0].faults);
    }
    Simulation with_presence = simulation, with_outages = simulation;
    follow(with_presence, devices);
    add_outages(devices, with_outages.tiers[0].faults);
    if (!with_outages.hops.empty()) {
      add_outages(devices, with_outages.hops[0].faults);
    }
    std::vector<std::unique_ptr<workload::Arrivals>> arrivals;
    for (Simulation* system : {&with_presence, &with_outages}) {
      for (RequestClass& one : system->classes) {
        arrivals.push_back(std::make_unique<OfDevices>(one, devices, system == &with_outages));
        one.arrivals = arrivals.back().get();
      }
    }
    const std::vector<Recorded> both = record_all({with_presence, with_outages});
    INFO("seed " << seed);
    CHECK(text(both[0]) == text(both[1]));
    count(simulation, devices, both[0], all);
  }
  CHECK(all.systems > 300);
  CHECK(all.with_loops > 100);
  CHECK(all.with_outages > 100);
  CHECK(all.with_outages_for_good > 20);
  CHECK(all.never_there > 20);
  CHECK(all.departures > 5000);
  CHECK(all.arrived > 1500);
  CHECK(all.not_sent > 500);
  CHECK(all.on_return > 100);
  CHECK(all.dropped > 100);
  CHECK(all.failures > 1000);
}

}  // namespace offcut::engine::availability_test
