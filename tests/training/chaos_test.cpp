// Random strategies with random settings, in random systems whose machines and links go down: every
// run ends, its books add up, and it gives the same bytes again.

#include <doctest/doctest.h>

#include <boost/random/uniform_int_distribution.hpp>
#include <boost/random/uniform_real_distribution.hpp>

#include "models/base/random.h"
#include "tests/training/given_job.h"

namespace offcut::training::chaos_test {
namespace {

/// A random system with failures, of which every machine and link may have several.
FakeLayout random_layout(RandomStream& stream, std::size_t devices) {
  boost::random::uniform_real_distribution<double> share;
  FakeLayout layout =
      share(stream) < 0.5 ? two_tiers(devices, share(stream) < 0.3) : three_tiers(devices);
  layout.cores = share(stream) < 0.5 ? 1 : 2;
  boost::random::uniform_int_distribution<std::size_t> failures(0, 2 * devices);
  for (std::size_t i = failures(stream); i-- > 0;) {
    FakeFailure failure;
    failure.of_machine = share(stream) < 0.5;
    const std::size_t levels = layout.hops.size() + (failure.of_machine ? 1 : 0);
    failure.level = share(stream) < 0.7 ? 0
                                        : boost::random::uniform_int_distribution<std::size_t>(
                                              0, levels - 1)(stream);
    const std::size_t numbers = failure.level == 0 ? devices
                                : failure.of_machine && failure.level <= layout.sites.size()
                                    ? layout.sites[failure.level - 1]
                                    : 1;
    failure.number = boost::random::uniform_int_distribution<std::size_t>(0, numbers - 1)(stream);
    failure.at = Seconds(20 * share(stream));
    layout.failures.push_back(failure);
    if (share(stream) < 0.8) {  // Else it is down for good.
      failure.is_up = true;
      failure.at += Seconds(5 * share(stream));
      layout.failures.push_back(failure);
    }
  }
  return layout;
}

TEST_CASE("chaos: random strategies among random failures end, with all rounds accounted for" *
          doctest::test_suite("slow")) {
  const std::vector<std::string> strategies = {
      "rounds", "rounds", "asynchronous", "gossip", "hierarchical", "data-parallel", "centralised"};
  std::int64_t lost = 0, late = 0, unfinished = 0;
  for (std::uint64_t seed = 1; seed <= 500; ++seed) {
    CAPTURE(seed);
    RandomStream stream = random_stream(seed, "chaos");
    boost::random::uniform_real_distribution<double> share;
    boost::random::uniform_int_distribution<std::int64_t> count(0, 12);
    std::vector<std::int64_t> split = {5};
    const std::size_t devices = 1 + static_cast<std::size_t>(count(stream)) / 2;
    while (split.size() < devices) {
      split.push_back(count(stream));
    }
    const std::string strategy = strategies[static_cast<std::size_t>(
        share(stream) * static_cast<double>(strategies.size()))];
    FakeLayout layout = random_layout(stream, devices);
    GivenJob given(strategy == "hierarchical" && layout.hops.size() < 2 ? "rounds" : strategy,
                   split);
    Job& job = given.job;
    const std::string& name = given.kind().name;
    job.seed = seed;
    job.settings.rounds = 4;
    job.settings.batch = 5;
    if (name == "asynchronous") {
      given.use_aggregator(share(stream) < 0.5 ? "fedasync" : "fedbuff");
    } else if (name == "data-parallel") {
      const char* syncs[] = {"server", "ring", "tree", "gossip"};
      given.set("sync", syncs[static_cast<int>(4 * share(stream))]);
      given.set("mixing", share(stream) < 0.5 ? "full" : "ring");
    } else if (name == "gossip") {
      const char* graphs[] = {"ring", "random", "full"};
      given.set("graph", graphs[static_cast<int>(3 * share(stream))]);
    } else if (name == "rounds") {
      const char* aggregators[] = {"fedavg", "scaffold", "fedprox", "fedadam", "fedsgd"};
      given.use_aggregator(aggregators[static_cast<int>(5 * share(stream))]);
    }
    if (name == "rounds" || name == "hierarchical") {
      job.settings.fraction = 0.2 + 0.8 * share(stream);
      job.settings.over_selection = share(stream) < 0.5 ? 0 : 0.5;
      if (share(stream) < 0.5) {
        job.settings.deadline = Seconds(0.5 + 4 * share(stream));
        job.settings.partial_work = share(stream) < 0.5;
      }
      if (share(stream) < 0.4) {
        const char* codecs[] = {"top-k:share=0.2", "signs", "qsgd", "int8+zstd"};
        given.use_codec(codecs[static_cast<int>(4 * share(stream))]);
      }
    }
    if (share(stream) < 0.2) {
      job.stop.after = Seconds(10 * share(stream));
    }
    if (share(stream) < 0.2) {
      job.loading = {.from = Loading::From::network, .disk = BytesPerSecond(0)};
    }
    const TrainingRecord record = given.run(layout, Seconds(200));
    CHECK((record.end != TrainingRecord::End::rounds || record.rounds.size() >= 4));
    const TrainingRecord again = given.run(layout, Seconds(200));
    CHECK(record.state == again.state);
    CHECK(record.duration == again.duration);
    unfinished += record.end == TrainingRecord::End::unfinished ? 1 : 0;
    for (const RoundRecord& round : record.rounds) {
      lost += round.lost;
      late += round.late;
    }
  }
  CHECK(lost > 200);
  CHECK(late > 100);
  CHECK(unfinished < 250);
  MESSAGE("lost ", lost, ", late ", late, ", unfinished runs ", unfinished);
}

}  // namespace
}  // namespace offcut::training::chaos_test
