// The time of a round in an idle system: the simulation, the strategy's own forecast, and the
// closed form, written down anew.

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "tests/training/given.h"
#include "tests/training/given_job.h"

namespace offcut::training::closed_forms_test {
namespace {

constexpr double kBytes = 4 * (6 * 5 + 5 + 5 * 2 + 2);  // Of the state: 188.
constexpr double kForward = 1.0 / 64, kUpdate = 1.0 / 32;

double step_time(double batch) { return 3 * batch * kForward + kUpdate; }
double up_time(double bytes, double together = 1) { return 0.125 + together * bytes / 256; }
double down_time(double bytes, double together = 1) { return 0.125 + together * bytes / 512; }

void check(GivenJob& given, const FakeLayout& layout, double expected) {
  const TrainingRecord record = given.run(layout);
  REQUIRE(record.rounds.size() == static_cast<std::size_t>(given.job.settings.rounds));
  const RoundForecast forecast = given.forecast(layout);
  CHECK(forecast.round.si() == doctest::Approx(expected).epsilon(1e-12));
  for (const RoundRecord& round : record.rounds) {
    CHECK((round.end - round.start).si() == doctest::Approx(expected).epsilon(1e-9));
    CHECK((round.compute + round.communication + round.waiting).si() ==
          doctest::Approx((round.end - round.start).si()).epsilon(1e-12));
    CHECK(round.bytes_up.si() == doctest::Approx(forecast.bytes_up.si()).epsilon(1e-12));
    CHECK(round.bytes_down.si() == doctest::Approx(forecast.bytes_down.si()).epsilon(1e-12));
    CHECK(round.compute.si() == doctest::Approx(forecast.compute.si()).epsilon(1e-9));
    CHECK(round.communication.si() == doctest::Approx(forecast.communication.si()).epsilon(1e-9));
    CHECK(round.waiting.si() == doctest::Approx(0));
  }
}

TEST_CASE("closed forms: a round lasts as long as its slowest client, and the server's updates") {
  GivenJob given("rounds", {25, 8, 12});
  given.job.settings.batch = 10;
  given.job.settings.local_epochs = 2;
  // 25 samples: two batches of 10 and one of 5, twice.
  const double compute = 2 * (2 * step_time(10) + step_time(5));
  check(given, two_tiers(3), down_time(kBytes) + compute + up_time(kBytes) + 3 * kUpdate / 2);
}

TEST_CASE("closed forms: clients on one shared link slow each other down") {
  GivenJob given("rounds", {10, 10, 10, 10});
  check(given, two_tiers(4, true),
        down_time(kBytes, 4) + step_time(10) + up_time(kBytes, 4) + 4 * kUpdate / 2);
}

TEST_CASE("closed forms: an update in int8 has its own bytes") {
  GivenJob given("rounds", {10, 10});
  given.use_codec("int8");
  // Each of the four tensors has a header of 2 bytes and an extent of one byte per axis, and a
  // range of 8 bytes.
  const double coded = 47 + 4 * (2 + 8) + 2 * 2 + 2;
  check(given, two_tiers(2), down_time(kBytes) + step_time(10) + up_time(coded) + 2 * kUpdate / 2);
}

TEST_CASE("closed forms: SCAFFOLD sends twice the state in both directions") {
  GivenJob given("rounds", {10, 10}, "scaffold");
  check(given, two_tiers(2),
        down_time(2 * kBytes) + step_time(10) + up_time(2 * kBytes) + 2 * kUpdate / 2);
}

TEST_CASE("closed forms: FedSGD makes one step of all samples") {
  GivenJob given("rounds", {25, 8}, "fedsgd");
  check(given, two_tiers(2), down_time(kBytes) + step_time(25) + up_time(kBytes) + 2 * kUpdate / 2);
}

TEST_CASE("closed forms: a parameter server on own links and on one shared link") {
  for (const bool shared : {false, true}) {
    GivenJob given("data-parallel", {10, 10, 10, 10});
    const double together = shared ? 4 : 1;
    check(given, two_tiers(4, shared),
          3 * 10 * kForward + up_time(kBytes, together) + 4 * kUpdate / 2 +
              down_time(kBytes, together));
  }
}

TEST_CASE("closed forms: a ring takes 2 (n - 1) steps of bytes / n, over the tier between") {
  for (const std::size_t n : {1U, 2U, 4U, 5U}) {
    for (const bool shared : {false, true}) {
      GivenJob given("data-parallel", std::vector<std::int64_t>(n, 10));
      given.set("sync", "ring");
      const double together = shared ? static_cast<double>(n) : 1;
      const double chunk = std::ceil(kBytes / static_cast<double>(n));
      const double steps = 2 * static_cast<double>(n - 1);
      check(given, two_tiers(n, shared),
            3 * 10 * kForward + steps * (up_time(chunk, together) + down_time(chunk, together)) +
                kUpdate);
    }
  }
}

TEST_CASE("closed forms: a tree adds up and broadcasts level by level") {
  GivenJob given("data-parallel", {10, 10, 10});
  given.set("sync", "tree");
  // Both children's messages reach the root's link at once; then the root sends two.
  const double reduce = up_time(kBytes) + down_time(kBytes, 2);
  const double broadcast = kBytes / 256 + up_time(kBytes) + down_time(kBytes);
  check(given, two_tiers(3), 3 * 10 * kForward + reduce + broadcast + kUpdate);
}

TEST_CASE("closed forms: gossip sends a state to each neighbour, one after the other") {
  for (const std::size_t n : {2U, 3U, 6U}) {
    GivenJob given("gossip", std::vector<std::int64_t>(n, 20));
    const double degree = n == 2 ? 1 : 2;
    check(given, two_tiers(n),
          2 * step_time(10) + (degree - 1) * kBytes / 256 + up_time(kBytes) + down_time(kBytes) +
              degree * kUpdate);
  }
}

TEST_CASE("closed forms: the centralised baseline has no messages after its uploads") {
  GivenJob given("centralised", {10, 15});
  check(given, two_tiers(2), (2 * step_time(10) + step_time(5)) / 2);
  const TrainingRecord record = given.run(two_tiers(2));
  // A sample has six floats and a byte for its class.
  REQUIRE(record.loading.size() == 1);
  CHECK(record.loading[0].bytes.si() == 25 * 25);
  CHECK(record.loading[0].longest.si() == doctest::Approx(up_time(15 * 25)).epsilon(1e-12));
  CHECK(record.loading[0].total.si() ==
        doctest::Approx(up_time(15 * 25) + up_time(10 * 25)).epsilon(1e-12));
  CHECK(given.forecast(two_tiers(2)).loading == record.loading[0].longest);
}

TEST_CASE("closed forms: sites run their rounds, and meet on the link to the server") {
  GivenJob given("hierarchical", {10, 10, 10, 20});
  given.set("edge-rounds", 3);
  const double edge = down_time(kBytes) + 2 * step_time(10) + up_time(kBytes) + 2 * kUpdate / 2;
  const double cloud = 0.25 + 2 * kBytes / 2048 + 0.25 + 2 * kBytes / 1024 + 2 * kUpdate / 4;
  // The first site is through before the second one, so that it sends its state alone.
  const double early = kBytes / 1024;
  GivenJob alike("hierarchical", {20, 10, 10, 20});
  alike.set("edge-rounds", 3);
  check(alike, three_tiers(4), 3 * edge + cloud);
  const TrainingRecord record = given.run(three_tiers(4));
  CHECK((record.rounds[0].end - record.rounds[0].start).si() ==
        doctest::Approx(3 * edge + cloud - early).epsilon(1e-9));
}

TEST_CASE("closed forms: alike clients of an asynchronous server give a state per client and way") {
  GivenJob given("asynchronous", {10, 10, 10, 10}, "fedasync");
  given.job.settings.rounds = 40;
  const LinearTimes free(Seconds(1.0 / 64), Seconds(0));  // The server is never a bottleneck.
  given.job.times = &free;
  const double way = down_time(kBytes) + 30 * kForward + up_time(kBytes);
  CHECK(given.forecast(two_tiers(4)).round.si() == doctest::Approx(way / 4).epsilon(1e-12));
  const TrainingRecord record = given.run(two_tiers(4));
  CHECK(record.duration.si() == doctest::Approx(10 * way).epsilon(1e-9));
  GivenJob buffered("asynchronous", {10, 10, 10, 10}, "fedbuff");
  buffered.job.times = &free;
  buffered.job.aggregator_parameters.set("buffer", 3);
  buffered.job.settings.rounds = 4;
  CHECK(buffered.forecast(two_tiers(4)).round.si() == doctest::Approx(3 * way / 4).epsilon(1e-12));
  CHECK(buffered.run(two_tiers(4)).duration.si() == doctest::Approx(3 * way).epsilon(1e-9));
}

TEST_CASE("closed forms: data and model load before the first round") {
  GivenJob given("rounds", {10, 20});
  given.job.loading = {.from = Loading::From::disk, .disk = BytesPerSecond(50)};
  TrainingRecord record = given.run(two_tiers(2));
  REQUIRE(record.loading.size() == 2);
  CHECK(record.loading[0].what == "data");
  CHECK(record.loading[0].total.si() == doctest::Approx((250.0 + 500) / 50));
  CHECK(record.loading[0].longest.si() == doctest::Approx(10));
  CHECK(record.loading[1].total.si() == doctest::Approx(2 * kBytes / 50));
  CHECK(record.rounds[0].start.si() == doctest::Approx(10 + kBytes / 50));
  CHECK(given.forecast(two_tiers(2)).loading.si() == doctest::Approx(10 + kBytes / 50));
  given.job.loading.from = Loading::From::network;
  record = given.run(two_tiers(2));
  CHECK(record.rounds[0].start.si() == doctest::Approx(down_time(500) + down_time(kBytes)));
  CHECK(given.forecast(two_tiers(2)).loading.si() ==
        doctest::Approx(down_time(500) + down_time(kBytes)));
}

}  // namespace
}  // namespace offcut::training::closed_forms_test
