#include <doctest/doctest.h>

#include "models/base/random.h"
#include "sim/training/vertical_network.h"
#include "tests/train/networks.h"
#include "tests/training/given.h"
#include "tests/training/given_job.h"

namespace offcut::training::model_parallel_chaos_test {
namespace {

double drawn(RandomStream& stream, double most) {
  return most * static_cast<double>(stream() >> 11U) * 0x1p-53;
}

/// Machines and links of all tiers go down at random times and come back.
std::vector<FakeFailure> random_failures(RandomStream& stream, const FakeLayout& layout) {
  std::vector<FakeFailure> failures;
  const std::size_t count = stream() % 8;
  for (std::size_t i = 0; i < count; ++i) {
    FakeFailure failure;
    failure.at = Seconds(drawn(stream, 30));
    failure.of_machine = stream() % 2 == 0;
    failure.level = stream() % (layout.hops.size() + (failure.of_machine ? 1 : 0));
    const bool is_own = failure.level == 0;
    const std::size_t sites = is_own                ? layout.devices
                              : !failure.of_machine ? 1
                                                    : layout.sites[failure.level - 1];
    failure.number = stream() % sites;
    failures.push_back(failure);
    failure.at += Seconds(drawn(stream, 10));
    failure.is_up = true;
    failures.push_back(failure);
  }
  return failures;
}

/// Every round ends, everything is accounted for, and equal runs have equal records.
void check_run(GivenJob& given, const FakeLayout& layout) {
  const TrainingRecord record = given.run(layout);
  CHECK(record.end == TrainingRecord::End::rounds);
  CHECK(record.rounds.size() == static_cast<std::size_t>(given.job.settings.rounds));
  for (const RoundRecord& round : record.rounds) {
    CHECK(round.selected == round.participants + round.late + round.lost);
    CHECK(round.end >= round.start);
    CHECK(round.waiting.si() >= -1e-9);
  }
  const TrainingRecord again = given.run(layout);
  CHECK(again.state == record.state);
  CHECK(again.duration == record.duration);
  CHECK(again.rounds.size() == record.rounds.size());
}

}  // namespace

TEST_CASE("strategies that divide networks survive failures: no hang, nothing lost, same bytes") {
  for (const char* strategy : {"split", "split-fed", "pipeline", "slices", "edge-adaptation"}) {
    CAPTURE(strategy);
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
      CAPTURE(seed);
      RandomStream stream = random_stream(seed, strategy);
      const std::size_t devices = 2 + stream() % 2;
      GivenJob given(strategy, std::vector<std::int64_t>(devices, 10));
      given.job.settings.rounds = 3;
      given.job.settings.batch = 5;
      if (strategy == std::string("pipeline")) {
        given.set("over", stream() % 2 == 0 ? "tiers" : "devices");
        given.set("schedule", stream() % 2 == 0 ? "gpipe" : "1f1b");
      }
      FakeLayout layout = three_tiers(devices);
      layout.failures = random_failures(stream, layout);
      check_run(given, layout);
    }
  }
}

TEST_CASE("vertical training survives failures") {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    CAPTURE(seed);
    RandomStream stream = random_stream(seed, "vertical");
    GivenJob given("vertical", {20});
    const Graph network = vertical_network(
        {.features = {{0, 1, 2}, {3, 4, 5}}, .hidden = {}, .head = {}, .classes = 2}, {6},
        train::all_operators(), 3);
    LocalTrainer trainer(network, given.samples, given_libraries(), given_settings());
    ClientData data;
    data.samples = ClientSamples({first_numbers(20), first_numbers(20)});
    data.features = {{0, 1, 2}, {3, 4, 5}};
    given.job.network = &network;
    given.job.trainer = &trainer;
    given.job.data = &data;
    given.job.settings.rounds = 4;
    FakeLayout layout = three_tiers(2);
    layout.failures = random_failures(stream, layout);
    check_run(given, layout);
  }
}

}  // namespace offcut::training::model_parallel_chaos_test
