#include "sim/runtime/transport/link_probe.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <thread>

#include "sim/runtime/transport/probe_server.h"
#include "tests/sim/runtime/transport/rigs.h"

namespace offcut::runtime::link_probe_test {
namespace {

/// A server of probes in a thread of its own, as long as it lives.
class Server {
 public:
  explicit Server(const std::string& token = "")
      : server_(*rig_.transport, rig_.address, token), thread_([this] { rig_.loop.run(); }) {}
  ~Server() {
    rig_.loop.stop();
    thread_.join();
  }
  std::string address() const { return server_.address(); }

 private:
  SocketRig rig_;
  ProbeServer server_;
  std::thread thread_;
};

}  // namespace

TEST_CASE("link probe: a measurement over loopback is complete") {
  const Server server("secret");
  SocketRig rig;
  Prober prober(rig.loop, *rig.transport, server.address(), "secret", Seconds(10));
  std::vector<double> progress;
  const LinkFigures figures =
      measure_link(prober, {.time = Seconds(0.02), .most_bytes = 300'000, .time_out = Seconds(0)},
                   [&](double done) { progress.push_back(done); });
  CHECK(figures.round_trips.size() >= 10);
  CHECK(figures.connecting.count == 7);
  for (const DirectionFigures* direction : {&figures.up, &figures.down}) {
    REQUIRE(!direction->sizes.empty());
    CHECK(direction->sizes.front().bytes == 1000);
    for (const SizeTimes& size : direction->sizes) {
      CHECK(size.seconds.count >= 3);
      CHECK(size.seconds.low > 0);
      CHECK(size.seconds.low <= size.seconds.median);
      CHECK(size.seconds.median <= size.seconds.high);
    }
    CHECK(direction->rate.median > 0);
    CHECK(direction->cold_bytes > 0);
    CHECK(direction->fresh.count == 3);
    CHECK(direction->idle.count == 3);
  }
  CHECK(std::ranges::is_sorted(progress));
  CHECK(progress.back() == doctest::Approx(1));
  CHECK(figures.payload > 0.9);
  CHECK(figures.payload < 1);
  CHECK(own_message_time() > Seconds(0));
}

TEST_CASE("link probe: nodes that refuse, vanish or are not there") {
  SocketRig rig;
  std::string address;
  {
    const Server server("secret");
    address = server.address();
    Prober stranger(rig.loop, *rig.transport, address, "guess", Seconds(10));
    const auto knock = [&] {
      stranger.connect();  // The refusal follows the hello, maybe at once.
      stranger.exchange(0, 0);
    };
    CHECK_THROWS_WITH_AS(knock(), "it refuses: the token is wrong", ProbeError);
  }
  Prober late(rig.loop, *rig.transport, address, "", Seconds(10));
  CHECK_THROWS_AS(late.connect(), ProbeError);

  // A node that accepts and says nothing.
  const auto listening = rig.transport->listen(rig.address, [](std::unique_ptr<Channel>) {});
  Prober patient(rig.loop, *rig.transport, rig.transport->address_of(*listening), "",
                 Seconds(0.02));
  CHECK_THROWS_AS(patient.connect(), ProbeError);
}

TEST_CASE("link probe: figures of a hop") {
  LinkFigures figures;
  figures.round_trips = {0.010, 0.014, 0.012, 0.012};
  figures.own_message = Seconds(0.001);
  CHECK(figures.shortest_round_trip() == Seconds(0.010));
  CHECK(figures.latency().si() == doctest::Approx(0.004));
  CHECK(figures.jitter_mean().si() == doctest::Approx(0.001));
  // Of the round trip: mean 2 ms and deviation sqrt(2) ms; one way has the square root of half of
  // it.
  CHECK(figures.jitter_cv() == doctest::Approx(1));
  figures.own_message = Seconds(0.006);
  CHECK(figures.latency() == Seconds(0));
  figures.round_trips = {0.01};
  CHECK(figures.jitter_cv() == 0);
}

TEST_CASE("link probe: slower than in use, beyond noise and half of a round trip") {
  DirectionFigures figures;
  figures.warm = {.low = 0.10, .median = 0.11, .high = 0.12};
  CHECK(!figures.is_slower({.median = 0.14}, Seconds(0.01)));  // Within the noise.
  CHECK(figures.is_slower({.median = 0.16}, Seconds(0.01)));
  CHECK(!figures.is_slower({.median = 0.16}, Seconds(0.12)));
  CHECK(!figures.is_slower({.median = 0.05}, Seconds(0.01)));
}

TEST_CASE("link probe: spreads") {
  const Spread spread = spread_of({5, 1, 2, 3, 4, 6, 7, 8, 9, 10, 11});
  CHECK(spread.low == 2);
  CHECK(spread.median == 6);
  CHECK(spread.high == 10);
  CHECK(spread.count == 11);
}

}  // namespace offcut::runtime::link_probe_test
