#include <doctest/doctest.h>

#include "models/base/error.h"
#include "sim/training/work_time.h"
#include "tests/training/given.h"
#include "tests/training/given_job.h"
#include "tests/training/layered_times.h"

namespace offcut::training::split_test {
namespace {

constexpr double kExact = 1e-9;

/// The given network: in, act, out and prob; the loss takes the place of prob.
LayeredTimes layered() { return {{0.25, 0.0625, 0.125, 0}, {0.5, 0, 0.25, 0}}; }

/// The clients' works one after the other, by the whole network.
State one_after_the_other(GivenJob& given, std::int64_t rounds) {
  State state = given.initial();
  for (std::int64_t round = 1; round <= rounds; ++round) {
    for (std::size_t client = 0; client < given.data.samples.size(); ++client) {
      state = given.trainer().train(state, work_of(given.job, client, round)).state;
    }
  }
  return state;
}

/// The weighted means of all clients' works, by the whole network.
State averaged(GivenJob& given, std::int64_t rounds) {
  State state = given.initial();
  for (std::int64_t round = 1; round <= rounds; ++round) {
    std::vector<double> sum(state.size());
    double samples = 0;
    for (std::size_t client = 0; client < given.data.samples.size(); ++client) {
      const auto weight = static_cast<double>(given.data.samples.count(client));
      const State own = given.trainer().train(state, work_of(given.job, client, round)).state;
      for (std::size_t i = 0; i < sum.size(); ++i) {
        sum[i] += weight * static_cast<double>(own[i]);
      }
      samples += weight;
    }
    for (std::size_t i = 0; i < sum.size(); ++i) {
      state[i] = static_cast<float>(sum[i] / samples);
    }
  }
  return state;
}

void check_forecast(GivenJob& given, const FakeLayout& layout) {
  const RoundForecast forecast = given.forecast(layout);
  const TrainingRecord record = given.run(layout);
  REQUIRE(record.rounds.size() == static_cast<std::size_t>(given.job.settings.rounds));
  for (const RoundRecord& round : record.rounds) {
    CHECK((round.end - round.start).si() == doctest::Approx(forecast.round.si()).epsilon(kExact));
    CHECK(round.bytes_up.si() == doctest::Approx(forecast.bytes_up.si()).epsilon(kExact));
    CHECK(round.bytes_down.si() == doctest::Approx(forecast.bytes_down.si()).epsilon(kExact));
    CHECK(round.compute.si() == doctest::Approx(forecast.compute.si()).epsilon(kExact));
    CHECK(round.communication.si() == doctest::Approx(forecast.communication.si()).epsilon(kExact));
    CHECK((round.compute + round.communication + round.waiting).si() ==
          doctest::Approx((round.end - round.start).si()).epsilon(kExact));
  }
  CHECK(record.level_of == forecast.level_of);
}

}  // namespace

TEST_CASE("split learning trains like the whole network on one client after the other") {
  for (const char* cut : {"in", "act"}) {
    GivenJob given("split", {12, 8, 10});
    given.set("cut", cut);
    given.job.settings.batch = 4;
    given.job.settings.rounds = 3;
    given.job.settings.local_epochs = 2;
    const State expected = one_after_the_other(given, 3);
    const TrainingRecord record = given.run(two_tiers(3));
    CHECK(record.end == TrainingRecord::End::rounds);
    CHECK(largest_difference(record.state, expected) <= 1e-6);
    CHECK(largest_difference(record.state, given.initial()) > 1e-2);
  }
}

TEST_CASE("split learning's bytes by hand") {
  GivenJob given("split", {12, 8});
  given.set("cut", "act");
  given.job.settings.rounds = 1;
  const TrainingRecord record = given.run(two_tiers(2));
  // The head has 6 * 5 + 5 weights; a sample has 5 activations, a byte of label, and 5 slopes.
  const double head = 4 * 35;
  CHECK(record.rounds[0].bytes_up.si() == 2 * head + 20 * (4 * 5 + 1));
  CHECK(record.rounds[0].bytes_down.si() == 2 * head + 20 * 4 * 5);
  CHECK(record.clients[1].bytes_up.si() == head + 8 * 21);
  CHECK(record.clients[0].steps == 2);  // Batches of 10 and 2.
  CHECK(record.rounds[0].participants == 2);
  CHECK(record.level_of == std::vector<std::size_t>{0, 0, 1, 1});
}

TEST_CASE("a turn of split learning lasts as its closed form says") {
  const LayeredTimes times = layered();
  for (const char* cut : {"", "in", "act"}) {
    GivenJob given("split", {12, 8, 10});
    given.job.times = &times;
    given.set("cut", cut);
    given.job.settings.batch = 4;
    check_forecast(given, two_tiers(3));
    check_forecast(given, three_tiers(3));
  }
}

TEST_CASE("split learning without a stated cut takes the fastest one") {
  const LayeredTimes times = layered();
  for (const double rate : {16.0, 256.0, 1e6}) {
    GivenJob given("split", {12, 8});
    given.job.times = &times;
    FakeLayout layout = two_tiers(2);
    layout.hops[0].up = BytesPerSecond(rate);
    const RoundForecast chosen = given.forecast(layout);
    Seconds least = Seconds(1e30);
    for (const char* cut : {"in", "act"}) {
      given.set("cut", cut);
      least = std::min(least, given.forecast(layout).round);
    }
    CHECK(chosen.round == least);
  }
}

TEST_CASE("a device that fails in its turn loses the head's steps, and the others go on") {
  GivenJob given("split", {12, 8});
  given.set("cut", "act");
  given.job.settings.rounds = 3;
  FakeLayout layout = two_tiers(2);
  layout.failures = {{.at = Seconds(2), .level = 0, .number = 0},
                     {.at = Seconds(6), .level = 0, .number = 0, .is_up = true}};
  const TrainingRecord record = given.run(layout);
  CHECK(record.rounds.size() == 3);
  CHECK(record.rounds[0].lost == 1);
  CHECK(record.rounds[0].participants == 1);
  CHECK(record.clients[0].lost == 1);
  CHECK(record.clients[0].selected ==
        record.clients[0].counted + record.clients[0].late + record.clients[0].lost);
}

TEST_CASE("cuts that cannot be are refused") {
  GivenJob given("split", {4});
  given.set("cut", "acts");
  CHECK_THROWS_WITH_AS(given.forecast(two_tiers(1)), doctest::Contains("did you mean 'act'"),
                       InputError);
  given.set("cut", "out");  // The server would have no loss.
  CHECK_THROWS_AS(given.forecast(two_tiers(1)), InputError);
  given.set("cut", "");
  given.job.level_of = {0, 1};
  CHECK_THROWS_AS(given.forecast(two_tiers(1)), InputError);
  given.job.level_of = {1, 0, 1, 1};
  CHECK_THROWS_WITH_AS(given.forecast(two_tiers(1)),
                       doctest::Contains("'act' is on the device but reads from the server"),
                       InputError);
  given.job.level_of = {0, 1, 1, 1};
  CHECK(given.forecast(two_tiers(1)).level_of == given.job.level_of);
  given.use_codec("fp16");
  CHECK_THROWS_AS(given.forecast(two_tiers(1)), InputError);
}

TEST_CASE("SplitFed with averaged parts is federated averaging") {
  for (const char* cut : {"in", "act"}) {
    GivenJob given("split-fed", {12, 8, 10});
    given.set("cut", cut);
    given.job.settings.batch = 4;
    given.job.settings.rounds = 3;
    const State expected = averaged(given, 3);
    FakeLayout layout = two_tiers(3);
    layout.cores = 3;
    const TrainingRecord record = given.run(layout);
    CHECK(largest_difference(record.state, expected) <= 1e-6);
    CHECK(largest_difference(record.state, given.initial()) > 1e-2);
  }
}

TEST_CASE("SplitFed of one client is split learning, whoever has the server's part") {
  for (const char* server : {"averaged", "shared"}) {
    GivenJob given("split-fed", {12});
    given.set("cut", "act");
    given.set("server", server);
    given.job.settings.rounds = 2;
    given.job.settings.batch = 4;
    CHECK(largest_difference(given.run(two_tiers(1)).state, one_after_the_other(given, 2)) <= 1e-6);
  }
}

TEST_CASE("SplitFed's shared part takes the steps of all clients") {
  GivenJob given("split-fed", {8, 8});
  given.set("cut", "act");
  given.set("server", "shared");
  given.job.settings.rounds = 1;
  given.job.settings.batch = 0;
  FakeLayout layout = two_tiers(2);
  const State state = given.run(layout).state;
  // The second client's step follows the first one's, on the tail; both heads began alike.
  State first = given.trainer().train(given.initial(), work_of(given.job, 0, 1)).state;
  State mixed = given.initial();
  const Layout& parts = given.trainer().layout();
  for (const Layout::Part& part : parts.parts()) {
    if (part.name.starts_with("out")) {
      std::copy_n(first.begin() + static_cast<std::ptrdiff_t>(part.first), part.size,
                  mixed.begin() + static_cast<std::ptrdiff_t>(part.first));
    }
  }
  const State second = given.trainer().train(mixed, work_of(given.job, 1, 1)).state;
  State expected = second;
  for (const Layout::Part& part : parts.parts()) {
    for (std::size_t i = part.first; part.name.starts_with("in") && i < part.first + part.size;
         ++i) {
      expected[i] = (first[i] + second[i]) / 2;
    }
  }
  CHECK(largest_difference(state, expected) <= 1e-6);
}

TEST_CASE("a round of SplitFed lasts as its closed form says") {
  const LayeredTimes times = layered();
  for (const char* server : {"averaged", "shared"}) {
    for (const bool shared : {false, true}) {
      GivenJob given("split-fed", {12, 12, 12});
      given.job.times = &times;
      given.set("server", server);
      given.set("cut", "act");
      given.job.settings.batch = 4;
      FakeLayout layout = two_tiers(3, shared);
      layout.cores = 3;
      check_forecast(given, layout);
    }
  }
  GivenJob given("split-fed", {12, 8, 10});  // The slowest one counts.
  given.job.times = &times;
  FakeLayout layout = two_tiers(3);
  layout.cores = 3;
  check_forecast(given, layout);
}

}  // namespace offcut::training::split_test
