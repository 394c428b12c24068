#include <doctest/doctest.h>

#include "models/base/error.h"
#include "sim/training/work_time.h"
#include "tests/training/given.h"
#include "tests/training/given_job.h"
#include "tests/training/layered_times.h"

namespace offcut::training::edge_adaptation_test {
namespace {

/// Returns whether the weights of a layer are those of the network in the state.
bool is_untouched(GivenJob& given, const State& state, const std::string& layer) {
  const State initial = given.initial();
  for (const Layout::Part& part : given.trainer().layout().parts()) {
    for (std::size_t i = part.first; part.name.starts_with(layer) && i < part.first + part.size;
         ++i) {
      if (state[i] != initial[i]) {
        return false;
      }
    }
  }
  return true;
}

}  // namespace

TEST_CASE("devices get better at their own samples, and nothing is sent") {
  GivenJob given("edge-adaptation", {40, 30, 50});
  given.job.settings.rounds = 10;
  given.job.settings.rate = 0.5;
  const TrainingRecord record = given.run(two_tiers(3));
  REQUIRE(record.rounds.size() == 10);
  REQUIRE(record.before);
  CHECK(*record.accuracy > *record.before);
  CHECK(*record.accuracy >= 0.8);
  CHECK(record.rounds.back().bytes_up == Bytes(0));
  CHECK(record.rounds.back().bytes_down == Bytes(0));
  CHECK(record.rounds.back().participants == 3);
  CHECK(is_untouched(given, record.state, "in"));
  CHECK(!is_untouched(given, record.state, "out"));
}

TEST_CASE("more layers are trained on request") {
  GivenJob given("edge-adaptation", {40});
  given.set("layers", 2);
  const TrainingRecord record = given.run(two_tiers(1));
  CHECK(!is_untouched(given, record.state, "in"));
  given.set("layers", 3);
  CHECK_THROWS_WITH_AS(given.forecast(two_tiers(1)),
                       doctest::Contains("the network has 1 fewer layers with weights"),
                       InputError);
}

TEST_CASE("a round lasts as long as the slowest device's work") {
  const LayeredTimes times({0.25, 0.0625, 0.125, 0}, {0.5, 0, 0.25, 0});
  GivenJob given("edge-adaptation", {40, 30, 50});
  given.job.times = &times;
  given.job.settings.local_epochs = 2;
  const FakeLayout layout = two_tiers(3);
  const RoundForecast forecast = given.forecast(layout);
  // 40 of 50 samples in 4 batches of 10: forward through all layers, back through the last.
  CHECK(forecast.round.si() ==
        doctest::Approx(2 * 4 * (10 * (0.25 + 0.0625 + 0.125) + 10 * 0.25 + 0.25)).epsilon(1e-12));
  for (const RoundRecord& round : given.run(layout).rounds) {
    CHECK((round.end - round.start).si() == doctest::Approx(forecast.round.si()).epsilon(1e-9));
    CHECK(round.compute.si() == doctest::Approx(forecast.compute.si()).epsilon(1e-9));
  }
  CHECK(forecast.note == "layers from 'out' on");
}

TEST_CASE("a device that fails keeps its weights, and the round goes on") {
  GivenJob given("edge-adaptation", {40, 30});
  given.job.settings.rounds = 3;
  FakeLayout layout = two_tiers(2);
  layout.failures = {{.at = Seconds(0.25), .level = 0, .number = 1},
                     {.at = Seconds(5), .level = 0, .number = 1, .is_up = true}};
  const TrainingRecord record = given.run(layout);
  CHECK(record.rounds.size() == 3);
  CHECK(record.clients[1].lost == 1);
  CHECK(record.clients[0].counted == 3);
}

TEST_CASE("a device needs a sample to train on and one to be judged by") {
  GivenJob given("edge-adaptation", {40, 1});
  CHECK_THROWS_WITH_AS(given.forecast(two_tiers(2)), doctest::Contains("client 1 has 1 sample"),
                       InputError);
}

}  // namespace offcut::training::edge_adaptation_test
