// Messages on links whose rates and latencies change, computed by hand.

#include <doctest/doctest.h>

#include <cmath>

#include "../../network/steps.h"
#include "../small_systems.h"
#include "sim/network/rates/stepped.h"

namespace offcut::engine::moving_rates_test {
namespace {

using network::rate_of_steps;

/// Runs it with offcut's own links and with SimGrid's, and returns the ends of the requests, which
/// must be the same. SimGrid ends flows up to 1e-9 s early.
std::string ends_of_both(const Simulation& simulation) {
  Simulation at_simgrid = simulation;
  at_simgrid.own_links = false;
  const std::vector<Recorded> both = record_all({simulation, at_simgrid});
  REQUIRE(both[0].requests.size() == both[1].requests.size());
  for (std::size_t i = 0; i < both[0].requests.size(); ++i) {
    CHECK(both[0].requests[i].ending == both[1].requests[i].ending);
    CHECK(both[1].requests[i].completion.si() ==
          doctest::Approx(both[0].requests[i].completion.si()).epsilon(1e-9).scale(1));
  }
  return ends(simulation);
}

/// Returns devices that send messages of `bytes` at these times over links of 10 B/s, which move.
Simulation senders(const workload::Arrivals& arrivals, std::size_t devices, double bytes,
                   network::Rates up) {
  Simulation simulation = system_of(devices, {}, {asks(arrivals, {0}, bytes)});
  simulation.hops[0].hop.up = simulation.hops[0].hop.down = BytesPerSecond(10);
  simulation.hops[0].moving_rates.up = std::move(up);
  return simulation;
}

}  // namespace

TEST_CASE("moving rates: a change rescales the rest of a message") {
  // 10 B/s until 3, then 5 B/s: of 40 bytes, 30 are through at 3, and the rest at 5.
  const Times at_start{{0}};
  CHECK(ends_of_both(senders(at_start, 1, 40, rate_of_steps({{0, 10}, {3, 5}}))) == "5");
  // Two messages on a shared link have 5 B/s each, then 2.5 B/s: 15 bytes at 3, 20 at 5. The other
  // one begins at 1 and has 10 bytes at 3, 15 at 5, and its last 5 alone at 6.
  const Times two{{0}, {1}};
  Simulation shared = senders(two, 2, 20, rate_of_steps({{0, 10}, {3, 5}}));
  shared.hops[0].shared = true;
  // Until 1 the first one is alone: 10 bytes; then 5 B/s each until 3: 20 bytes. It ends at 3, and
  // the second one has 10 bytes left at 5 B/s.
  CHECK(ends_of_both(shared) == "3 5");
}

TEST_CASE("moving rates: each device has its own") {
  const Times both{{0}, {0}};
  CHECK(ends_of_both(senders(both, 2, 20,
                             network::Rates({rate_of_steps({{0, 10}, {1, 1}}),
                                             rate_of_steps({{0, 1}, {1, 10}})}))) == "11 2.9");
}

TEST_CASE("moving rates: while a rate is 0, messages wait, and nothing is lost") {
  const Times arrivals{{0, 3, 4}};
  // 10 B/s until 1, nothing until 6: the first message has 10 of its 20 bytes left at 6.
  const auto outage = rate_of_steps({{0, 10}, {1, 0}, {6, 10}});
  CHECK(ends_of_both(senders(arrivals, 1, 20, outage)) == "7 9 11");
  const Recorded recorded = run(senders(arrivals, 1, 20, outage));
  CHECK(recorded.run.hops[0].up_lost == 0);
  CHECK(recorded.run.hops[0].up_load.capacity == Bytes(10));  // Until the last message came, at 4.
  CHECK(recorded.run.hops[0].hop.up.si() == about(60.0 / 11));
  // At the start, too; and a request may give up.
  CHECK(ends_of_both(senders(arrivals, 1, 20, rate_of_steps({{0, 0}, {6, 10}}))) == "8 10 12");
  Simulation impatient = senders(arrivals, 1, 20, outage);
  impatient.classes[0].time_out.after = Seconds(4);
  CHECK(ends_of_both(impatient) == "x4 x7 x8");
}

TEST_CASE("moving rates: uplinks move, and so do legs over several hops") {
  const Times both{{0}, {0}};
  Simulation sites = senders(both, 2, 20, rate_of_steps({{0, 20}}));
  sites.hops[0].moving_rates = {};
  sites.hops[0].hop.up = sites.hops[0].hop.down = BytesPerSecond(100);
  sites.hops[0].site = Link::Uplink{2, BytesPerSecond(10), BytesPerSecond(10)};
  sites.hops[0].site->moving_rates.up = rate_of_steps({{0, 10}, {2, 2}});
  CHECK(ends_of_both(sites) == "12 12");  // 10 bytes each until 2, then 1 B/s each.
  // Both may be bottlenecks: 5 B/s of the uplink until 2, then 2 B/s of their own.
  sites.hops[0].hop.up = BytesPerSecond(8);
  sites.hops[0].moving_rates.up = rate_of_steps({{0, 8}, {2, 2}});
  sites.hops[0].site->moving_rates.up = rate_of_steps({{0, 10}, {2, 40}});
  CHECK(ends_of_both(sites) == "7 7");
}

TEST_CASE("moving latency: a message has that of the moment at which its last bit leaves") {
  const Times arrivals{{0, 2, 4}};
  Simulation simulation = senders(arrivals, 1, 10, rate_of_steps({{0, 10}}));
  simulation.hops[0].hop.per_message = Seconds(0.25);
  simulation.hops[0].moving_latency.up = rate_of_steps({{0, 0.5}, {3, 4}, {4.5, 0}});
  CHECK(ends_of_both(simulation) == "1.75 7.25 5.25");
}

TEST_CASE("moving rates: TCP stalls between pieces that take as long as the rates let them") {
  // A window of 10 segments, a round trip of 2 s. At 14480 B/s a window takes a second. After 2 s
  // the second window begins, of which 10 segments are left, and the rate halves.
  const Times at_start{{0}};
  Simulation simulation = senders(at_start, 1, 2 * 14480, rate_of_steps({{0, 14480}, {2, 7240}}));
  simulation.hops[0].hop.latency = Seconds(1);
  simulation.hops[0].hop.tcp = partition::Tcp();
  simulation.hops[0].hop.up = BytesPerSecond(14480);
  CHECK(ends_of_both(simulation) == "5");
}

TEST_CASE("moving rates: the bytes of any window of a trace are its integral") {
  // One flow holds the link; what has crossed when the run stops is the integral until then.
  std::vector<double> from, values;
  for (int i = 0; i < 50; ++i) {
    from.push_back(0.37 * i);
    values.push_back(i % 7 == 3 ? 0 : 1e5 * (1 + (i * 37) % 11));
  }
  const auto steps = std::make_shared<network::Steps>(from, values, 20.0);
  const network::Rate rate(
      std::make_shared<network::Stepped>(steps, network::Stepped::AtEnd::repeat, 1.234));
  const Times at_start{{0}};
  double last = 0, last_time = 0;
  for (const double stop : {0.1, 1.0, 3.3, 7.77, 19.9, 20.1, 61.5, 99.0}) {
    for (const bool own : {true, false}) {
      Simulation simulation = senders(at_start, 1, 1e9, rate);
      simulation.stop = {.requests = std::nullopt, .after = Seconds(stop)};
      simulation.own_links = own;
      const double crossed = record(simulation).run.hops[0].up_traffic.in_part.si();
      CHECK(crossed == doctest::Approx(rate.integral(0, stop)).epsilon(1e-9));
      CHECK(crossed - last == doctest::Approx(rate.integral(last_time, stop)).epsilon(1e-9));
      if (!own) {
        last = crossed;
        last_time = stop;
      }
    }
  }
}

TEST_CASE("moving rates: a rate that stays 0, or is given for too few links, is refused") {
  const Times at_start{{0}, {0}, {0}};
  CHECK_THROWS_AS(record(senders(at_start, 3, 1, rate_of_steps({{0, 1}, {2, 0}}))), std::exception);
  CHECK_THROWS_AS(
      record(senders(at_start, 3, 1, network::Rates({network::Rate(1.0), network::Rate(2.0)}))),
      std::exception);
}

}  // namespace offcut::engine::moving_rates_test
