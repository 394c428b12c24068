#include <doctest/doctest.h>

#include "models/base/error.h"
#include "sim/training/slice_plan.h"
#include "sim/training/work_time.h"
#include "tests/training/given.h"
#include "tests/training/given_job.h"
#include "tests/training/layered_times.h"

namespace offcut::training::slices_test {
namespace {

constexpr double kExact = 1e-9;

/// The given network: in (6 to 5), act, out (5 to 2) and prob.
LayeredTimes layered() { return {{0.25, 0.0625, 0.125, 0}, {0.5, 0, 0.25, 0}}; }

State by_the_whole(GivenJob& given, std::int64_t steps) {
  std::vector<std::int64_t> all = first_numbers(given.samples.count());
  LocalWork work = work_of(given.job, 0, 1);
  work.samples = all;
  work.epochs = steps;
  work.most_steps = steps;
  return given.trainer().train(given.initial(), work).state;
}

}  // namespace

TEST_CASE("sliced layers train like the whole network") {
  for (const char* direction : {"columns", "rows"}) {
    for (const std::size_t devices : {1U, 2U, 3U}) {
      GivenJob given("slices", {12, 18});
      given.set("direction", direction);
      given.job.settings.rounds = 20;
      const TrainingRecord record = given.run(two_tiers(devices));
      CHECK(record.end == TrainingRecord::End::rounds);
      CHECK(largest_difference(record.state, by_the_whole(given, 20)) <= 1e-6);
      CHECK(largest_difference(record.state, given.initial()) > 1e-2);
    }
  }
}

TEST_CASE("states are cut into slices and joined again") {
  GivenJob given("slices", {12});
  for (const char* direction : {"columns", "rows"}) {
    given.set("direction", direction);
    const SlicePlan plan(given.job, 2);
    const LocalTrainer sliced(plan.sliced().graph, given.samples, given_libraries(),
                              given_settings());
    const State whole = given.initial();
    const State slices = plan.slices_of(whole, sliced.layout());
    CHECK(slices == sliced.initial());  // Cut from the same weights in another way.
    CHECK(plan.whole_of(slices, sliced.layout()) == whole);
  }
}

TEST_CASE("the phases of a step by hand") {
  const LayeredTimes times = layered();
  GivenJob given("slices", {12});
  given.job.times = &times;
  const SlicePlan plan(given.job, 2);
  const auto phases = plan.phases({0, 0}, 10);
  REQUIRE(phases.size() == 4);
  using Exchange = SlicePlan::Exchange;
  // `in` has 2 and 3 of its 5 units, `out` one of 2 each; act runs on both.
  CHECK(phases[0].compute[0].si() == doctest::Approx(10 * 0.25 * 2 / 5));
  CHECK(phases[0].compute[1].si() == doctest::Approx(10 * 0.25 * 3 / 5));
  CHECK(phases[0].exchange == Exchange::gather);
  CHECK(phases[0].bytes.si() == 10 * 5 * 4);
  CHECK(phases[1].compute[0].si() == doctest::Approx(10 * (0.0625 + 0.125 / 2)));
  CHECK(phases[1].exchange == Exchange::gather);
  CHECK(phases[1].bytes.si() == 10 * 2 * 4);
  // Back: the slope of out's input is a sum over both devices; that of in's is not needed.
  CHECK(phases[2].compute[0].si() == doctest::Approx(10 * 0.125));
  CHECK(phases[2].exchange == Exchange::reduce);
  CHECK(phases[2].bytes.si() == 10 * 5 * 4);
  CHECK(phases[3].compute[1].si() ==
        doctest::Approx(10 * 2 * (0.0625 + 0.25 * 3 / 5) + 0.5 * 3 / 5 + 0.25 / 2));
  CHECK(phases[3].exchange == Exchange::none);

  given.set("direction", "rows");
  const auto rows = SlicePlan(given.job, 2).phases({0, 0}, 10);
  CHECK(rows[0].exchange == Exchange::reduce);
  CHECK(rows[2].exchange == Exchange::gather);
}

TEST_CASE("a step in slices lasts as its closed form says") {
  const LayeredTimes times = layered();
  for (const char* direction : {"columns", "rows"}) {
    for (const std::size_t devices : {1U, 2U, 3U}) {
      GivenJob given("slices", {30});
      given.job.times = &times;
      given.set("direction", direction);
      const FakeLayout layout = two_tiers(devices);
      const RoundForecast forecast = given.forecast(layout);
      for (const RoundRecord& round : given.run(layout).rounds) {
        CHECK((round.end - round.start).si() ==
              doctest::Approx(forecast.round.si()).epsilon(kExact));
        CHECK(round.compute.si() == doctest::Approx(forecast.compute.si()).epsilon(kExact));
        CHECK(round.bytes_up.si() == doctest::Approx(forecast.bytes_up.si()).epsilon(kExact));
        CHECK(round.bytes_down.si() == doctest::Approx(forecast.bytes_down.si()).epsilon(kExact));
      }
    }
  }
}

TEST_CASE("what is down delays sliced layers") {
  GivenJob given("slices", {20});
  given.job.settings.rounds = 4;
  const double plain = given.run(two_tiers(2)).duration.si();
  FakeLayout layout = two_tiers(2);
  layout.failures = {
      {.at = Seconds(1), .level = 0, .number = 1},
      {.at = Seconds(9), .level = 0, .number = 1, .is_up = true},
      {.at = Seconds(12), .of_machine = false, .level = 0, .number = 0},
      {.at = Seconds(20), .of_machine = false, .level = 0, .number = 0, .is_up = true}};
  const TrainingRecord record = given.run(layout);
  CHECK(record.rounds.size() == 4);
  CHECK(record.duration.si() > plain + 5);
  CHECK(largest_difference(record.state, by_the_whole(given, 4)) <= 1e-6);
}

}  // namespace offcut::training::slices_test
