// Jitter and losses, compared with their means, and losses with single packets.

#include "sim/network/disturbance.h"

#include <doctest/doctest.h>

#include <boost/random/uniform_01.hpp>
#include <cmath>

namespace offcut::network::disturbance_test {

TEST_CASE("jitter: mean and coefficient of variation") {
  for (const auto kind : {Jitter::Kind::exponential, Jitter::Kind::lognormal, Jitter::Kind::gamma,
                          Jitter::Kind::uniform}) {
    const Jitter jitter{.kind = kind, .mean = Seconds(0.02), .cv = 0.5};
    RandomStream stream = random_stream(1, "jitter", std::uint64_t(kind));
    constexpr int kCount = 200'000;
    double sum = 0, squares = 0;
    for (int i = 0; i < kCount; ++i) {
      const double value = draw(jitter, true, stream).si();
      REQUIRE(value >= 0);
      sum += value;
      squares += value * value;
    }
    const double mean = sum / kCount;
    const double cv = std::sqrt(squares / kCount - mean * mean) / mean;
    CHECK(mean == doctest::Approx(0.02).epsilon(0.01));
    CHECK(cv == doctest::Approx(kind == Jitter::Kind::exponential ? 1
                                : kind == Jitter::Kind::uniform   ? std::sqrt(1 / 3.0)
                                                                  : 0.5)
                    .epsilon(0.02));
  }
  RandomStream stream = random_stream(1, "jitter");
  CHECK(draw(Jitter{}, true, stream) == Seconds(0));
}

TEST_CASE("empirical jitter: each direction draws its own delays, all equally often") {
  const Jitter jitter{.kind = Jitter::Kind::empirical,
                      .mean = Seconds(0.01),
                      .up = {Seconds(0.001), Seconds(0.003)},
                      .down = {Seconds(0.018)}};
  RandomStream stream = random_stream(1, "jitter");
  constexpr int kCount = 10'000;
  int longer = 0;
  for (int i = 0; i < kCount; ++i) {
    const Seconds up = draw(jitter, true, stream);
    REQUIRE((up == Seconds(0.001) || up == Seconds(0.003)));
    longer += up == Seconds(0.003) ? 1 : 0;
    REQUIRE(draw(jitter, false, stream) == Seconds(0.018));
  }
  CHECK(longer > 0.47 * kCount);
  CHECK(longer < 0.53 * kCount);
}

TEST_CASE("loss: a message waits until each of its packets has arrived") {
  // Packet by packet: each is sent again until it arrives, and the last one decides.
  const Loss loss{.probability = 0.2, .time_out = Seconds(0.5), .packet = Bytes(100)};
  CHECK(loss.packets(Bytes(0)) == 1);
  CHECK(loss.packets(Bytes(100)) == 1);
  CHECK(loss.packets(Bytes(950)) == 10);
  RandomStream one = random_stream(1, "loss"), other = random_stream(2, "packets");
  constexpr int kCount = 100'000;
  double drawn[8] = {}, counted[8] = {}, sum = 0;
  for (int i = 0; i < kCount; ++i) {
    const double rounds = draw(loss, Bytes(950), one).si() / 0.5;
    REQUIRE(rounds == std::floor(rounds));
    drawn[std::min(int(rounds), 7)] += 1.0 / kCount;
    sum += rounds * 0.5;
    int most = 0;
    for (int packet = 0; packet < 10; ++packet) {
      int again = 0;
      while (boost::random::uniform_01<double>()(other) < 0.2) {
        ++again;
      }
      most = std::max(most, again);
    }
    counted[std::min(most, 7)] += 1.0 / kCount;
  }
  for (int rounds = 0; rounds < 8; ++rounds) {
    CHECK(drawn[rounds] == doctest::Approx(counted[rounds]).epsilon(0.01).scale(1));
  }
  CHECK(sum / kCount == doctest::Approx(loss.mean(Bytes(950)).si()).epsilon(0.01));
  CHECK(Loss{}.mean(Bytes(1e6)) == Seconds(0));
  CHECK(draw(Loss{}, Bytes(1e6), one) == Seconds(0));
}

}  // namespace offcut::network::disturbance_test
