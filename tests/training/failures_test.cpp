// Clients that are slow, go down, or come back: nothing is lost from the books, and what counts is
// what arrived in time.

#include <doctest/doctest.h>

#include <cmath>
#include <set>
#include <string>
#include <utility>

#include "models/base/error.h"
#include "sim/training/job_run.h"
#include "tests/training/given.h"
#include "tests/training/given_job.h"

namespace offcut::training::failures_test {
namespace {

constexpr double kBytes = 188;
constexpr double kDown = 0.125 + kBytes / 512, kUp = 0.125 + kBytes / 256;
double step_time(double batch) { return 3 * batch / 64 + 1.0 / 32; }

FakeFailure machine_fails(double at, std::size_t device, bool is_up = false) {
  return {.at = Seconds(at), .of_machine = true, .level = 0, .number = device, .is_up = is_up};
}

TEST_CASE("failures: a client that is lost in its work counts as lost, and not in the mean") {
  GivenJob given("rounds", {10, 10, 10});
  given.job.settings.rounds = 2;
  FakeLayout layout = two_tiers(3);
  layout.failures = {machine_fails(kDown + 0.1, 1)};  // While it computes, and for good.
  const TrainingRecord record = given.run(layout);
  REQUIRE(record.rounds.size() == 2);
  CHECK(record.rounds[0].participants == 2);
  CHECK(record.rounds[0].lost == 1);
  CHECK(record.rounds[1].selected == 2);  // It is down, so it is not selected.
  GivenJob others("rounds", {10, 0, 10});
  others.data.samples = ClientSamples({given.data.samples[0], {}, given.data.samples[2]});
  others.samples = given.samples;
  others.job.settings.rounds = 2;
  CHECK(others.run(two_tiers(3)).state == record.state);
}

TEST_CASE("failures: with nobody free, a server waits until a client is back") {
  GivenJob given("rounds", {10, 10});
  given.job.settings.rounds = 1;
  FakeLayout layout = two_tiers(2);
  layout.failures = {machine_fails(0, 0), machine_fails(0, 1), machine_fails(7, 1, true)};
  const TrainingRecord record = given.run(layout);
  REQUIRE(record.rounds.size() == 1);
  CHECK(record.rounds[0].start.si() == 7);
  CHECK(record.rounds[0].selected == 1);
  CHECK(record.clients[0].selected == 0);
}

TEST_CASE("failures: a server's machine that is down delays a round") {
  GivenJob given("rounds", {10, 10});
  given.job.settings.rounds = 1;
  FakeLayout layout = two_tiers(2);
  FakeFailure down{.at = Seconds(1), .of_machine = true, .level = 1, .number = 0, .is_up = false};
  FakeFailure up = down;
  up.at = Seconds(9);
  up.is_up = true;
  layout.failures = {down, up};
  const TrainingRecord record = given.run(layout);
  CHECK(record.rounds[0].participants == 2);
  CHECK(record.rounds[0].end.si() == doctest::Approx(9 + 2.0 / 64));
}

TEST_CASE("failures: a round without participants changes nothing") {
  GivenJob given("rounds", {10, 10});
  given.job.settings.rounds = 2;
  FakeLayout layout = two_tiers(2);
  layout.failures = {machine_fails(kDown + 0.1, 0), machine_fails(kDown + 0.1, 1)};
  const TrainingRecord record = given.run(layout, Seconds(50));
  CHECK(record.end == TrainingRecord::End::unfinished);
  CHECK(record.rounds.at(0).lost == 2);
  CHECK(record.rounds.at(0).has_ended);
  CHECK(record.state == given.initial());
  CHECK(record.clients[0].steps == 0);
}

TEST_CASE(
    "deadlines: an update that comes after the round is late, and its client busy till then") {
  GivenJob given("rounds", {10, 100});
  given.job.settings.rounds = 3;
  const double fast = kDown + step_time(10) + kUp;
  given.job.settings.deadline = Seconds(fast + 0.5);
  const TrainingRecord record = given.run(two_tiers(2));
  CHECK(record.rounds[0].participants == 1);
  CHECK(record.rounds[0].late == 1);
  CHECK((record.rounds[0].end - record.rounds[0].start).si() ==
        doctest::Approx(fast + 0.5 + 1.0 / 64));
  CHECK(record.rounds[1].selected == 1);  // The slow one is busy.
  CHECK((record.rounds[1].end - record.rounds[1].start).si() == doctest::Approx(fast + 1.0 / 64));
  CHECK(record.clients[1].counted == 0);
}

TEST_CASE(
    "deadlines: a late client's way counts once, and its work after the round is no waiting") {
  GivenJob given("rounds", {10, 100});
  given.job.settings.rounds = 20;
  const double fast = kDown + step_time(10) + kUp;
  given.job.settings.deadline = Seconds(fast + 0.5);
  const TrainingRecord record = given.run(two_tiers(2));
  const ClientRecord& slow = record.clients[1];
  const double compute = 10 * step_time(10);
  REQUIRE(record.duration.si() > fast + kDown + compute + kUp);
  REQUIRE(slow.late >= 1);
  // Each of its ways: it has a machine and a link of its own. The training ends amid the last one.
  const double ways = (slow.compute + slow.communication).si() / (kDown + compute + kUp);
  CHECK(ways <= static_cast<double>(slow.late) + 1e-12);
  CHECK(ways >= static_cast<double>(slow.late) - 1 - 1e-12);
  CHECK(slow.waiting.si() == 0);
  // The fast one waits for the deadline, or for the server's update, which takes 1/64 s.
  double waiting = 0;
  for (const RoundRecord& round : record.rounds) {
    waiting += (round.end - round.start).si() - fast;
  }
  CHECK(record.clients[0].waiting.si() == doctest::Approx(waiting).epsilon(1e-12));
}

TEST_CASE("over-selection: the parts of a client's time are no longer than the run") {
  GivenJob given("rounds", {10, 40});
  given.job.settings.fraction = 0.5;
  given.job.settings.over_selection = 1;
  given.job.settings.rounds = 40;
  const TrainingRecord record = given.run(two_tiers(2, true));  // They share the link.
  const ClientRecord& late = record.clients[1];
  REQUIRE(late.late > 1);
  CHECK(late.waiting.si() == doctest::Approx(0).epsilon(1e-12));
  CHECK((late.compute + late.communication + late.waiting).si() <= record.duration.si());
}

TEST_CASE("deadlines: with partial work, a client does as many steps as there is time for") {
  GivenJob given("rounds", {10, 100});
  given.job.settings.rounds = 3;
  given.job.settings.deadline = Seconds(kDown + 3.5 * step_time(10) + kUp);
  given.job.settings.partial_work = true;
  const TrainingRecord record = given.run(two_tiers(2));
  for (const RoundRecord& round : record.rounds) {
    CHECK(round.participants == 2);
    CHECK((round.end - round.start).si() ==
          doctest::Approx(kDown + 3 * step_time(10) + kUp + 2.0 / 64));
  }
  CHECK(record.clients[0].steps == 3);
  CHECK(record.clients[1].steps == 9);
}

TEST_CASE("over-selection: the first updates count, and the others are late") {
  GivenJob given("rounds", {10, 40, 20, 30});
  given.job.settings.fraction = 0.5;
  given.job.settings.over_selection = 1;
  given.job.settings.rounds = 1;
  const TrainingRecord record = given.run(two_tiers(4));
  CHECK(record.rounds[0].selected == 4);
  CHECK(record.rounds[0].participants == 2);
  CHECK(record.clients[0].counted == 1);
  CHECK(record.clients[2].counted == 1);
  CHECK(record.rounds[0].end.si() == doctest::Approx(kDown + 2 * step_time(10) + kUp + 2.0 / 64));
}

TEST_CASE("power-of-choice: candidates send their losses first, and the chosen have the state") {
  GivenJob given("rounds", {10, 10, 10, 10});
  Registry<SelectionKind> selections;
  register_selections(selections);
  given.job.selection = selections.find("power-of-choice");
  given.job.selection_parameters = defaults(given.job.selection->parameters);
  given.job.settings.fraction = 0.25;
  given.job.settings.rounds = 1;
  const TrainingRecord record = given.run(two_tiers(4));
  CHECK(record.rounds[0].selected == 1);
  const double ask = kDown + 10.0 / 64 + 0.125 + 8.0 / 256;
  CHECK(record.rounds[0].end.si() == doctest::Approx(ask + step_time(10) + kUp + 1.0 / 64));
}

TEST_CASE("failures: a ring with a lost link loses the step, and goes on without the device") {
  for (const char* sync : {"ring", "tree", "server", "gossip"}) {
    CAPTURE(sync);
    GivenJob given("data-parallel", {10, 10, 10});
    given.set("sync", sync);
    given.job.settings.rounds = 4;
    FakeLayout layout = two_tiers(3);
    const FakeFailure down{
        .at = Seconds(0.6), .of_machine = false, .level = 0, .number = 1, .is_up = false};
    FakeFailure up = down;
    up.at = Seconds(4);
    up.is_up = true;
    layout.failures = {down, up};
    const TrainingRecord record = given.run(layout);
    const bool is_whole = std::string(sync) == "ring" || std::string(sync) == "tree";
    CHECK(record.rounds[0].lost == (is_whole ? 3 : std::string(sync) == "server" ? 1 : 0));
    CHECK(record.rounds[1].selected == 2);
    CHECK(record.rounds.back().participants == 3);
  }
}

TEST_CASE("stop: at an accuracy, at a time, or after the rounds") {
  GivenJob given("rounds", {40, 40});
  given.job.settings.rounds = 50;
  given.job.settings.rate = 0.3;
  given.job.stop.accuracy = 0.8;
  TrainingRecord record = given.run(two_tiers(2));
  CHECK(record.end == TrainingRecord::End::accuracy);
  CHECK(record.rounds.size() < 50);
  CHECK(*record.reached == record.rounds.back().end);
  CHECK(*record.accuracy >= 0.8);
  CHECK(*record.accuracy == *record.rounds.back().accuracy);
  given.job.stop = {.accuracy = {}, .after = Seconds(5)};
  record = given.run(two_tiers(2));
  CHECK(record.end == TrainingRecord::End::time);
  CHECK(record.duration.si() == 5);
  CHECK(record.rounds.back().end.si() == 5);
  given.job.stop = {};
  given.job.settings.rounds = 4;
  given.job.judge_every = 3;
  record = given.run(two_tiers(2));
  CHECK(record.end == TrainingRecord::End::rounds);
  CHECK(!record.rounds[0].accuracy);
  CHECK(record.rounds[2].accuracy);
  CHECK(record.rounds[3].accuracy);
}

/// A link that is up for so long at the beginning of each second.
FakeLayout with_short_spells(double spell, int spells) {
  FakeLayout layout = two_tiers(1);
  for (int i = 0; i < spells; ++i) {
    FakeFailure change{.at = Seconds(i + spell), .of_machine = false, .level = 0, .number = 0};
    layout.failures.push_back(change);
    change.at = Seconds(i + 1);
    change.is_up = true;
    layout.failures.push_back(change);
  }
  return layout;
}

TEST_CASE("stuck: a training ends when no message is ever through") {
  const auto attempts = static_cast<int>(kMostFutile + kMostFutileOfDevice);  // One a second.
  const FakeLayout layout = with_short_spells(0.0625, 2 * attempts);
  for (const char* strategy : {"asynchronous", "centralised"}) {
    GivenJob given(strategy, {10}, std::string(strategy) == "asynchronous" ? "fedasync" : "fedavg");
    const TrainingRecord record = given.run(layout);
    CAPTURE(strategy);
    CHECK(record.end == TrainingRecord::End::stuck);
    CHECK(record.duration.si() == attempts - 1 + 0.0625);
    CHECK(record.state == given.initial());
  }
}

TEST_CASE("stuck: a training that comes on now and then is not, however often tasks fail") {
  const auto attempts = static_cast<int>(kMostFutile + kMostFutileOfDevice);
  FakeLayout layout = with_short_spells(0.0625, 2 * attempts);
  GivenJob rounds("rounds", {10});
  rounds.job.settings.rounds = attempts + 100;  // Each ends without an update.
  CHECK(rounds.run(layout).end == TrainingRecord::End::rounds);
  // A long spell in the middle lets an update through, or the samples, for which all attempts count
  // that came before.
  const std::size_t middle = 2 * static_cast<std::size_t>(attempts) - 200;
  for (const char* strategy : {"asynchronous", "centralised"}) {
    GivenJob given(strategy, {10}, std::string(strategy) == "asynchronous" ? "fedasync" : "fedavg");
    FakeLayout kept = layout;
    kept.failures.erase(kept.failures.begin() + static_cast<std::ptrdiff_t>(middle),
                        kept.failures.begin() + static_cast<std::ptrdiff_t>(middle) + 40);
    given.job.settings.rounds = 2;
    const TrainingRecord record = given.run(kept);
    CAPTURE(strategy);
    CHECK(record.end == TrainingRecord::End::rounds);
  }
}

TEST_CASE("asynchronous: slow clients don't hold fast ones up, and their updates are stale") {
  GivenJob given("asynchronous", {10, 100}, "fedasync");
  given.job.settings.rounds = 12;
  const TrainingRecord record = given.run(two_tiers(2));
  CHECK(record.clients[0].counted > 2 * record.clients[1].counted);
  CHECK(record.clients[1].counted > 0);
}

TEST_CASE("asynchronous: a state that the server alone takes time for is computed, not carried") {
  GivenJob given("asynchronous", {10, 10}, "fedasync");
  given.job.settings.rounds = 2;
  const TrainingRecord record = given.run(two_tiers(2));  // Both updates arrive at once.
  CHECK((record.rounds[1].end - record.rounds[1].start).si() == 1.0 / 64);  // One core.
  CHECK(record.rounds[1].compute.si() == 1.0 / 64);
  CHECK(record.rounds[1].communication.si() == 0);
}

TEST_CASE("strategies: settings that don't fit are refused") {
  GivenJob given("rounds", {10, 10}, "fedasync");
  CHECK_THROWS_WITH_AS(given.run(two_tiers(2)), doctest::Contains("'asynchronous'"), InputError);
  given.use_aggregator("fedavg");
  given.use("asynchronous");
  CHECK_THROWS_WITH_AS(given.run(two_tiers(2)), doctest::Contains("'rounds'"), InputError);
  given.use("rounds");
  CHECK_THROWS_WITH_AS(given.run(two_tiers(1)), doctest::Contains("devices"), InputError);
  given.job.settings.server_level = 2;
  CHECK_THROWS_WITH_AS(given.run(two_tiers(2)), doctest::Contains("level"), InputError);
  given.job.settings.server_level = 0;
  given.job.settings.fraction = 0;
  CHECK_THROWS_WITH_AS(given.run(two_tiers(2)), doctest::Contains("fraction"), InputError);
  given.job.settings.fraction = 1;
  given.job.settings.partial_work = true;
  CHECK_THROWS_WITH_AS(given.run(two_tiers(2)), doctest::Contains("deadline"), InputError);
  given.job.settings.partial_work = false;
  given.use("hierarchical");
  CHECK_THROWS_WITH_AS(given.run(two_tiers(2)), doctest::Contains("edge"), InputError);
  given.use("data-parallel");
  given.set("sync", "ring");
  given.use_codec("int8");
  CHECK_THROWS_WITH_AS(given.run(two_tiers(2)), doctest::Contains("sync: server"), InputError);
}

TEST_CASE("strategies: a setting that a strategy does not read is refused by its name") {
  const std::set<std::string> all = {"local-epochs", "fraction", "over-selection", "deadline",
                                     "partial-work"};
  const std::set<std::string> early = {"over-selection", "deadline", "partial-work"};
  const std::set<std::string> shared = {"fraction", "over-selection", "deadline", "partial-work"};
  const std::pair<const char*, std::set<std::string>> unread[] = {
      {"rounds", {}},         {"hierarchical", {}},  {"asynchronous", early}, {"split", early},
      {"split-fed", early},   {"gossip", shared},    {"centralised", shared},
      {"edge-adaptation", shared}, {"data-parallel", all}, {"pipeline", all}, {"slices", all}};
  for (const auto& [strategy, refused] : unread) {
    for (const std::string& setting : all) {
      CAPTURE(strategy);
      CAPTURE(setting);
      GivenJob given(strategy, {4, 4},
                     std::string(strategy) == "asynchronous" ? "fedasync" : "fedavg");
      StrategySettings& settings = given.job.settings;
      settings.rounds = 1;
      settings.local_epochs = setting == "local-epochs" ? 2 : 1;
      settings.fraction = setting == "fraction" ? 0.5 : 1;
      settings.over_selection = setting == "over-selection" ? 0.5 : 0;
      if (setting == "deadline" || setting == "partial-work") {
        settings.deadline = Seconds(1e6);
      }
      settings.partial_work = setting == "partial-work";
      if (refused.contains(setting)) {
        // Work is partial before a deadline only, whose name comes first.
        const std::string name = setting == "partial-work" ? "deadline" : setting;
        CHECK_THROWS_WITH_AS(given.run(three_tiers(2)), doctest::Contains((name + ": ").c_str()),
                             InputError);
        CHECK_THROWS_WITH_AS(given.forecast(three_tiers(2)),
                             doctest::Contains((name + ": ").c_str()), InputError);
      } else {
        CHECK_NOTHROW(given.run(three_tiers(2)));
      }
    }
  }
}

}  // namespace
}  // namespace offcut::training::failures_test
