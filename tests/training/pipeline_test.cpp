#include <doctest/doctest.h>

#include <algorithm>
#include <limits>
#include <set>

#include "models/base/error.h"
#include "models/base/random.h"
#include "sim/training/pipeline_time.h"
#include "sim/training/work_time.h"
#include "tests/training/given.h"
#include "tests/training/given_job.h"
#include "tests/training/layered_times.h"

namespace offcut::training::pipeline_test {
namespace {

constexpr double kExact = 1e-9;

/// Stages that take equally long; only in, act and out run.
LayeredTimes equal_stages(double update = 0) {
  return {{0.25, 0.25, 0.25, 0}, {update, 0, update, 0}};
}

FakeLayout free_links(std::size_t devices) {
  return {.devices = devices,
          .hops = {
              {.latency = Seconds(0), .up = BytesPerSecond(1e300), .down = BytesPerSecond(1e300)}}};
}

double largest_sum(const std::vector<std::vector<double>>& times,
                   const std::vector<std::size_t>& place_of) {
  std::vector<double> sums(times.size());
  for (std::size_t i = 0; i < place_of.size(); ++i) {
    sums[place_of[i]] += times[place_of[i]][i];
  }
  return *std::max_element(sums.begin(), sums.end());
}

/// Tries all cuts of layers from `from` on, among places from `place` on.
double best_by_trying(const std::vector<std::vector<double>>& times, std::size_t place,
                      std::size_t from) {
  const std::size_t layers = times.front().size();
  if (place + 1 == times.size()) {
    double sum = 0;
    for (std::size_t i = from; i < layers; ++i) {
      sum += times[place][i];
    }
    return sum;
  }
  double best = std::numeric_limits<double>::infinity();
  double sum = 0;
  for (std::size_t end = from + 1; end + (times.size() - place - 1) <= layers; ++end) {
    sum += times[place][end - 1];
    best = std::min(best, std::max(sum, best_by_trying(times, place + 1, end)));
  }
  return best;
}

/// The same steps by the whole network on one machine.
State by_the_whole(GivenJob& given, std::int64_t steps) {
  std::vector<std::int64_t> all = first_numbers(given.samples.count());
  LocalWork work = work_of(given.job, 0, 1);
  work.samples = all;
  work.epochs = steps;
  work.most_steps = steps;
  return given.trainer().train(given.initial(), work).state;
}

void check_forecast(GivenJob& given, const FakeLayout& layout) {
  const RoundForecast forecast = given.forecast(layout);
  const TrainingRecord record = given.run(layout);
  REQUIRE(record.rounds.size() == static_cast<std::size_t>(given.job.settings.rounds));
  for (const RoundRecord& round : record.rounds) {
    CHECK((round.end - round.start).si() == doctest::Approx(forecast.round.si()).epsilon(kExact));
    CHECK(round.compute.si() == doctest::Approx(forecast.compute.si()).epsilon(kExact));
    CHECK(round.communication.si() == doctest::Approx(forecast.communication.si()).epsilon(kExact));
    CHECK(round.bytes_up.si() == forecast.bytes_up.si());
    CHECK(round.bytes_down.si() == forecast.bytes_down.si());
  }
  CHECK(record.level_of == forecast.level_of);
}

}  // namespace

TEST_CASE("the balanced cut is the best of all cuts") {
  RandomStream stream = random_stream(7, "balanced cut");
  for (int i = 0; i < 200; ++i) {
    const std::size_t places = 1 + stream() % 4;
    const std::size_t layers = places + stream() % 6;
    std::vector<std::vector<double>> times(places);
    for (std::vector<double>& of_place : times) {
      for (std::size_t layer = 0; layer < layers; ++layer) {
        of_place.push_back(static_cast<double>(stream() % 8));
      }
    }
    const std::vector<std::size_t> place_of = balanced_cut(times);
    CHECK(std::is_sorted(place_of.begin(), place_of.end()));
    CHECK(place_of.front() == 0);
    CHECK(place_of.back() == places - 1);
    CHECK(std::set<std::size_t>(place_of.begin(), place_of.end()).size() == places);
    CHECK(largest_sum(times, place_of) == best_by_trying(times, 0, 0));
  }
}

TEST_CASE("orders of stages hold each micro-batch once in each direction, and 1F1B keeps fewer") {
  constexpr std::size_t kStages = 4;
  for (const auto schedule : {PipelineSchedule::gpipe, PipelineSchedule::one_forward_one_back}) {
    for (const std::size_t micro : {1U, 3U, 8U}) {
      for (std::size_t stage = 0; stage < kStages; ++stage) {
        const std::vector<PipelineWork> order = order_of_stage(schedule, stage, kStages, micro);
        CHECK(order.size() == 2 * micro);
        for (std::size_t i = 0; i < micro; ++i) {
          const auto there = std::find(order.begin(), order.end(), PipelineWork{i, true});
          const auto back = std::find(order.begin(), order.end(), PipelineWork{i, false});
          REQUIRE(back != order.end());
          CHECK(there < back);
        }
        const bool is_gpipe = schedule == PipelineSchedule::gpipe;
        CHECK(most_kept(order) == (is_gpipe ? micro : std::min(kStages - stage, micro)));
      }
    }
  }
}

TEST_CASE("the bubble of equal stages is (p - 1) / (m + p - 1), on both schedules") {
  const LayeredTimes times = equal_stages();
  for (const char* schedule : {"gpipe", "1f1b"}) {
    for (const int micro : {1, 2, 4, 12}) {
      for (const int stages : {1, 3}) {
        GivenJob given("pipeline", {24});
        given.job.times = &times;
        given.job.level_of = stages == 1 ? std::vector<std::size_t>{0, 0, 0, 0}
                                         : std::vector<std::size_t>{0, 1, 2, 2};
        given.set("schedule", schedule);
        given.set("micro-batches", micro);
        given.job.settings.batch = 12;
        given.job.settings.rounds = 1;
        const TrainingRecord record = given.run(free_links(3));
        const RoundRecord& round = record.rounds.front();
        const double ideal = 12 * 0.75 * (stages == 1 ? 3 : 1);  // A stage's own work.
        const double took = (round.end - round.start).si();
        const double p = stages;
        CHECK(round.compute.si() == doctest::Approx(took).epsilon(kExact));  // Of some stage.
        CHECK(1 - ideal / took == doctest::Approx((p - 1) / (micro + p - 1)).epsilon(kExact));
      }
    }
  }
}

TEST_CASE("a pipeline trains like the whole network, on devices and over tiers") {
  for (const char* over : {"devices", "tiers"}) {
    for (const char* schedule : {"gpipe", "1f1b"}) {
      GivenJob given("pipeline", {12, 8, 10});
      given.set("over", over);
      given.set("schedule", schedule);
      given.set("micro-batches", 4);
      given.job.settings.rounds = 20;
      const TrainingRecord record = given.run(three_tiers(3));
      CHECK(record.end == TrainingRecord::End::rounds);
      CHECK(largest_difference(record.state, by_the_whole(given, 20)) <= 1e-6);
      CHECK(largest_difference(record.state, given.initial()) > 1e-2);
    }
  }
}

TEST_CASE("any stages train like the whole network") {
  const std::vector<std::vector<std::size_t>> all = {{0, 0, 1, 1}, {0, 1, 1, 1}, {0, 1, 2, 2}};
  for (const std::vector<std::size_t>& stages : all) {
    GivenJob given("pipeline", {30});
    given.job.level_of = stages;
    given.set("micro-batches", 3);
    given.job.settings.rounds = 20;
    const TrainingRecord record = given.run(two_tiers(3));
    CHECK(largest_difference(record.state, by_the_whole(given, 20)) <= 1e-6);
    CHECK(record.level_of == stages);
  }
}

TEST_CASE("a step of a pipeline lasts as its closed form says") {
  const LayeredTimes uneven({0.25, 0.0625, 0.5, 0}, {0.5, 0, 0.25, 0});
  for (const int micro : {1, 2, 5}) {
    GivenJob given("pipeline", {30});
    given.job.times = &uneven;
    given.set("micro-batches", micro);
    check_forecast(given, three_tiers(3));
    given.set("over", "tiers");
    check_forecast(given, three_tiers(3));
    given.set("over", "devices");
    given.set("schedule", "1f1b");
    check_forecast(given, free_links(3));
    FakeLayout slow = two_tiers(3);  // Messages of both directions meet on the links down.
    slow.hops[0].down = BytesPerSecond(64);
    check_forecast(given, slow);
    check_forecast(given, two_tiers(3));
  }
}

TEST_CASE("a pipeline's bytes by hand") {
  GivenJob given("pipeline", {10});
  given.job.level_of = {0, 1, 2, 2};
  given.job.settings.rounds = 1;
  const TrainingRecord record = given.run(two_tiers(3));
  // Activations of 5 floats and a byte of label cross twice; so do slopes, without labels. Each
  // goes up to the common tier and down again.
  const double bytes = 10 * (2 * 21 + 2 * 20);
  CHECK(record.rounds[0].bytes_up.si() == bytes);
  CHECK(record.rounds[0].bytes_down.si() == bytes);
}

TEST_CASE("the forecast tells the stages and the memory that they keep") {
  GivenJob given("pipeline", {24});
  const LayeredTimes times = equal_stages();
  given.job.times = &times;
  given.job.settings.batch = 12;
  given.set("micro-batches", 4);
  CHECK(given.forecast(two_tiers(3)).note ==
        "3 stages: in keeps 4 of 4 micro-batches, 288 bytes; act keeps 4 of 4 micro-batches, 240 "
        "bytes; out to prob keeps 4 of 4 micro-batches, 240 bytes");
  given.set("schedule", "1f1b");
  CHECK(given.forecast(two_tiers(3)).note ==
        "3 stages: in keeps 3 of 4 micro-batches, 216 bytes; act keeps 2 of 4 micro-batches, 120 "
        "bytes; out to prob keeps 1 of 4 micro-batches, 60 bytes");
}

TEST_CASE("a machine or a link that is down delays a pipeline") {
  GivenJob given("pipeline", {20});
  given.job.settings.rounds = 4;
  const double plain = given.run(two_tiers(3)).duration.si();
  FakeLayout layout = two_tiers(3);
  layout.failures = {
      {.at = Seconds(1), .level = 0, .number = 1},
      {.at = Seconds(11), .level = 0, .number = 1, .is_up = true},
      {.at = Seconds(12), .of_machine = false, .level = 0, .number = 0},
      {.at = Seconds(20), .of_machine = false, .level = 0, .number = 0, .is_up = true}};
  const TrainingRecord record = given.run(layout);
  CHECK(record.rounds.size() == 4);
  CHECK(record.duration.si() > plain + 5);
  CHECK(largest_difference(record.state, by_the_whole(given, 4)) <= 1e-6);
}

TEST_CASE("pipelines that cannot be are refused") {
  GivenJob given("pipeline", {20});
  given.set("stages", 4);
  CHECK_THROWS_WITH_AS(given.forecast(two_tiers(3)),
                       doctest::Contains("the pipeline has 4 stages, but there are 3 devices"),
                       InputError);
  CHECK_THROWS_AS(given.forecast(two_tiers(4)), InputError);  // Three layers run.
  given.set("stages", 2);
  given.set("micro-batches", 11);
  CHECK_THROWS_WITH_AS(given.forecast(two_tiers(3)),
                       doctest::Contains("11 micro-batches of a batch of 10, expected 1 to 10"),
                       InputError);
}

}  // namespace offcut::training::pipeline_test
