#include "models/cost/radio.h"

#include <doctest/doctest.h>

namespace offcut::cost::radio_test {
namespace {

/// Makes a radio from the units of the paper's tables: mW per Mbit/s, and mW.
Radio radio(double up, double down, double base) {
  constexpr double kJoulesPerByte = 8e-9;
  return {.up = JoulesPerByte(up * kJoulesPerByte),
          .down = JoulesPerByte(down * kJoulesPerByte),
          .base = Watts(base / 1e3),
          .promotion = {},
          .tails = {}};
}

BytesPerSecond mbit(double rate) { return BytesPerSecond(rate * 1e6 / 8); }

}  // namespace

TEST_CASE("radio: upload energy of one megabyte, computed by hand") {
  // LTE takes 8 Mbit / 5.85 Mbit/s = 1.3675 s at 438.39 * 5.85 + 1288.04 = 3852.6 mW.
  const Bytes megabyte(1e6);
  const auto joules = [&](const Radio& r, double rate) {
    return upload_energy(r, megabyte, mbit(rate)).si();
  };
  CHECK(joules(radio(438.39, 51.97, 1288.04), 5.85) == doctest::Approx(5.2685).epsilon(1e-5));
  CHECK(joules(radio(868.98, 122.12, 817.88), 1.1) == doctest::Approx(12.900).epsilon(1e-4));
  CHECK(joules(radio(283.17, 137.01, 132.86), 18.88) == doctest::Approx(2.3217).epsilon(1e-4));
}

TEST_CASE("radio: receiving has its own slope") {
  // At 1 Mbit/s, the power is 51.97 + 1288.04 mW, for 8 s.
  const Radio lte = radio(438.39, 51.97, 1288.04);
  CHECK(download_power(lte, mbit(1)).si() == doctest::Approx(1.34001));
  CHECK(download_energy(lte, Bytes(1e6), mbit(1)).si() == doctest::Approx(10.72008));
}

TEST_CASE("radio: a faster link takes less energy per byte, but more than its slope") {
  const Radio lte = radio(438.39, 51.97, 1288.04);
  Joules before = upload_energy(lte, Bytes(1), mbit(0.01));
  for (const double rate : {0.1, 1.0, 10.0, 1e6}) {
    const Joules energy = upload_energy(lte, Bytes(1), mbit(rate));
    CHECK(energy < before);
    CHECK(energy > lte.up * Bytes(1));
    before = energy;
  }
}

TEST_CASE("radio: waking a radio costs promotion and tail") {
  Radio r;
  r.promotion = {Seconds(0.25), Watts(2)};
  r.tails = {{Seconds(10), Watts(1)}};
  CHECK(wake_energy(r) == Joules(10.5));
  r.tails.push_back({Seconds(4), Watts(0.5)});
  CHECK(wake_energy(r) == Joules(12.5));
  CHECK(tail_time(r) == Seconds(14));
  CHECK(waiting_power(r) == Watts(1));
  CHECK(waiting_power(Radio()) == Watts(0));
}

}  // namespace offcut::cost::radio_test
