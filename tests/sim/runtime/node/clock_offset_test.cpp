#include "sim/runtime/node/clock_offset.h"

#include <doctest/doctest.h>

#include <cmath>
#include <random>

#include "sim/runtime/transport/probe.h"
#include "tests/sim/runtime/transport/rigs.h"

namespace offcut::runtime::clock_offset_test {
namespace {

/// A clock that is `ahead` at the beginning of virtual time, and runs faster by a share.
struct OtherClock {
  double ahead;
  double faster;
  Seconds at(Seconds now) const { return Seconds(ahead + now.si() * (1 + faster)); }
  double offset_at(Seconds now) const { return (at(now) - now).si(); }
};

/// Probes a node over links of these latencies, every second for so many of them, and returns what
/// is known of its clock. Checks the error after each exchange.
ClockOffset probed(const OtherClock& clock, Seconds up, Seconds down, int probes) {
  InProcessRig rig;
  rig.transport->set_links("edge", {up}, {down});
  Pair<InProcessRig> pair(rig);
  ClockOffset offset;
  Seconds sent;
  pair.far_listener.arrived = [&](const Message& message, Arrival arrival) {
    if (message.kind == MessageKind::probe) {
      TierTimes times;
      times.last_byte = clock.at(arrival.last);
      times.sent = clock.at(rig.loop.now());
      pair.far->send({.kind = MessageKind::echo, .times = {times}});
    }
  };
  pair.near_listener.arrived = [&](const Message& message, Arrival arrival) {
    if (const auto echo = read_echo(message)) {
      offset.add(sent, echo->arrived_last, echo->answered, arrival.last);
      CHECK(std::abs(offset.offset().si() - clock.offset_at(rig.loop.now())) <=
            offset.error().si() + 1e-9);
    }
  };
  for (int i = 1; i <= probes; ++i) {
    rig.loop.at(Seconds(10 + i), [&] {
      sent = rig.loop.now();
      pair.near->send({.kind = MessageKind::probe, .text = "0"});
    });
  }
  rig.run();
  return offset;
}

}  // namespace

TEST_CASE("clock offset: exact over equal ways, within its error over others") {
  CHECK(probed({.ahead = 1234.5, .faster = 0}, Seconds(0.02), Seconds(0.02), 3).offset().si() ==
        doctest::Approx(1234.5));
  const ClockOffset unequal = probed({.ahead = -7, .faster = 0}, Seconds(0.01), Seconds(0.05), 3);
  CHECK(unequal.offset().si() == doctest::Approx(-7.02));
  CHECK(unequal.error().si() == doctest::Approx(0.03));
}

TEST_CASE("clock offset: clocks that drift apart stay within the error") {
  const ClockOffset offset =
      probed({.ahead = 0, .faster = 10e-6}, Seconds(1e-5), Seconds(1e-5), 1000);
  CHECK(offset.error() < Seconds(1e-4));
}

TEST_CASE("clock offset: the shortest round trip counts while it is fresh") {
  ClockOffset offset;
  CHECK(!offset.is_known());
  CHECK(offset.offset() == Seconds(0));
  CHECK(std::isinf(offset.error().si()));
  std::mt19937 random(1);
  std::uniform_real_distribution<double> delay(0.001, 0.1);
  for (int i = 0; i < 50; ++i) {
    const double up = i == 25 ? 0.001 : delay(random);
    const double down = i == 25 ? 0.001 : delay(random);
    offset.add(Seconds(i), Seconds(i + up + 5), Seconds(i + up + 5), Seconds(i + up + down));
  }
  CHECK(offset.offset().si() == doctest::Approx(5));
  CHECK(offset.error() < Seconds(0.0015));
  // Of another clock, as after a restart of the other node: forgotten after a while.
  for (int i = 100; i < 164; ++i) {
    offset.add(Seconds(i), Seconds(i + 9.1), Seconds(i + 9.1), Seconds(i + 0.2));
  }
  CHECK(offset.offset().si() == doctest::Approx(9));
}

}  // namespace offcut::runtime::clock_offset_test
