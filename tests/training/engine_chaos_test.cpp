// Random training jobs on the real engine, in random systems with all of its features under stress:
// machines, links and batteries that fail, devices that come and go, rates that move, requests and
// updates beside the training. Runs end, nothing is lost from the books, and the same seed gives
// the same bytes.

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <numeric>
#include <optional>
#include <set>
#include <stdexcept>

#include "models/base/error.h"
#include "sim/engine/controller.h"
#include "sim/study/isolate.h"
#include "tests/random_systems.h"
#include "tests/sim/engine/random_parts.h"
#include "tests/sim/engine/random_simulation.h"
#include "tests/training/given_vertical.h"

namespace offcut::training::engine_chaos_test {
namespace {

constexpr std::string_view kRefused = "refused";
constexpr std::size_t kBound = static_cast<std::size_t>(-1);  // A token that no strategy has.

/// For checks in the process of a run, from which doctest hears nothing.
void must(bool holds, std::string_view what) {
  if (!holds) {
    throw std::logic_error("a run broke its books: " + std::string(what));
  }
}

/// Passes a strategy's calls on, counts its tasks, and ends a run in which an overloaded queue may
/// never come to them.
class Watched final : public engine::Director {
 public:
  Watched(Strategy& strategy, Seconds bound) : strategy_(strategy), bound_(bound) {}

  TrainingRecord record;
  std::int64_t done = 0, lost = 0;

 private:
  void begins(engine::Tasks& tasks) override {
    tasks_ = &tasks;
    tasks.at(bound_, kBound);
    strategy_.begins(tasks);
  }
  void ended(const engine::TaskReport& report) override {
    ++(report.is_done ? done : lost);
    must(report.end == tasks_->now(), "a task ends now");
    if (!is_over_) {
      strategy_.ended(report);
    }
  }
  void woken(std::size_t token) override {
    if (token == kBound) {
      is_over_ = true;
      tasks_->end();
    } else if (!is_over_) {
      strategy_.woken(token);
    }
  }
  void sent(std::size_t token, Bytes bytes) override { strategy_.sent(token, bytes); }
  void ends(Seconds end) override { record = strategy_.close(end); }

  Strategy& strategy_;
  Seconds bound_;
  engine::Tasks* tasks_ = nullptr;
  bool is_over_ = false;
};

/// A random job for the devices of a system.
class RandomJob {
 public:
  RandomJob(engine::Draws& draws, std::uint64_t seed, std::size_t devices, std::size_t levels)
      : draws_(draws), given_(any_name(devices, levels), samples_of(devices)) {
    Job& job = given_.job;
    job.seed = seed;
    job.settings.rounds = static_cast<std::int64_t>(draws_.from_one_to(6));
    job.settings.batch = static_cast<std::int64_t>(draws_.below(8));
    const std::set<std::string> of_steps = {"data-parallel", "pipeline", "slices", "vertical"};
    job.settings.local_epochs = draws_.one_in(3) && !of_steps.contains(given_.kind().name) ? 2 : 1;
    if (given_.kind().name == "vertical") {
      vertical_.emplace(given_, std::min<std::size_t>(devices, 6));
    }
    choose_form();
    if (given_.kind().aggregates || given_.kind().name == "hierarchical") {
      choose_rounds();
    }
    if (draws_.one_in(4)) {
      job.loading = draws_.one_in(2)
                        ? Loading{.from = Loading::From::network, .disk = BytesPerSecond(0)}
                        : Loading{.from = Loading::From::disk, .disk = draws_.rate(50, 5000)};
    }
    if (draws_.one_in(3)) {
      job.stop.after = draws_.seconds(0.5, 30);
    } else if (draws_.one_in(4)) {
      job.stop.accuracy = 0.8;
    }
  }

  GivenJob& given() { return given_; }

 private:
  /// Draws a strategy that the system has room for.
  std::string any_name(std::size_t devices, std::size_t levels) {
    Registry<StrategyKind> all;
    register_strategies(all);
    for (;;) {
      const StrategyKind& kind = *draws_.kind(all);
      if ((kind.name != "hierarchical" || levels > 2) && (!kind.by_feature || devices > 1)) {
        return kind.name;
      }
    }
  }

  /// Some devices have no samples; the others have at least two, one of which may be held out.
  std::vector<std::int64_t> samples_of(std::size_t devices) {
    std::vector<std::int64_t> counts;
    for (std::size_t i = 0; i < devices; ++i) {
      const std::size_t count = draws_.below(12);
      counts.push_back(count == 1 ? 2 : static_cast<std::int64_t>(count));
    }
    counts.front() += 4;
    return counts;
  }

  void choose_form() {
    const std::string& name = given_.kind().name;
    if (name == "asynchronous") {
      given_.use_aggregator(draws_.one_in(2) ? "fedasync" : "fedbuff");
    } else if (name == "data-parallel") {
      given_.set("sync", any({"server", "ring", "tree", "gossip"}));
      given_.set("mixing", any({"full", "ring"}));
    } else if (name == "gossip") {
      given_.set("graph", any({"ring", "random", "full"}));
    } else if (name == "rounds") {
      given_.use_aggregator(any(
          {"fedavg", "scaffold", "fedprox", "fedadam", "fedyogi", "fedavgm", "fedsgd", "mean"}));
    } else if (name == "pipeline") {
      given_.set("over", any({"devices", "tiers"}));
      given_.set("schedule", any({"gpipe", "1f1b"}));
      given_.set("stages", static_cast<double>(draws_.from_one_to(3)));
      given_.set("micro-batches", static_cast<double>(draws_.from_one_to(3)));
      given_.job.settings.batch = draws_.one_in(2) ? 0 : 3;
    } else if (name == "split-fed") {
      given_.set("server", any({"averaged", "shared"}));
    } else if (name == "slices") {
      given_.set("direction", any({"columns", "rows"}));
    }
  }

  void choose_rounds() {
    Job& job = given_.job;
    const bool is_async = given_.kind().name == "asynchronous";
    job.settings.fraction = draws_.between(0.2, 1);
    if (!is_async && draws_.one_in(2)) {
      job.settings.over_selection = draws_.between(0.1, 1);
    }
    if (!is_async && draws_.one_in(2)) {
      job.settings.deadline = draws_.seconds(0.3, 5);
      job.settings.partial_work = draws_.one_in(2);
    }
    if (draws_.one_in(3)) {
      given_.use_codec(any({"top-k:share=0.2", "signs", "qsgd", "int8+zstd"}));
    }
    selections_ = std::make_unique<Registry<SelectionKind>>();
    register_selections(*selections_);
    const SelectionKind* selection = draws_.kind(*selections_);
    if (!is_async || selection->name != "power-of-choice") {
      job.selection = selection;
      job.selection_parameters = defaults(selection->parameters);
    }
  }

  std::string any(std::initializer_list<const char*> names) {
    return *(names.begin() + draws_.below(names.size()));
  }

  engine::Draws& draws_;
  GivenJob given_;
  std::optional<GivenVertical> vertical_;
  std::unique_ptr<Registry<SelectionKind>> selections_;
};

void check_books(const TrainingRecord& record, const engine::RunRecord& run) {
  std::int64_t selected = 0, counted = 0, late = 0, lost = 0;
  Bytes up = record.of_loading.up + record.after_end.up;
  Bytes down = record.of_loading.down + record.after_end.down;
  Seconds last;
  for (const RoundRecord& round : record.rounds) {
    must(round.selected == round.participants + round.late + round.lost, "a round");
    const Seconds parts = round.compute + round.communication + round.waiting;
    must(std::abs((parts - (round.end - round.start)).si()) <= 1e-9 * (1 + round.end.si()),
         "parts of a round");
    must(std::min({round.compute, round.communication, round.waiting}) >= Seconds(0),
         "no part is negative");
    must(round.start <= round.end && round.end >= last && round.end <= run.duration,
         "the order of rounds");
    last = round.end;
    selected += round.selected;
    counted += round.participants;
    late += round.late;
    lost += round.lost;
    up += round.bytes_up;
    down += round.bytes_down;
  }
  Bytes links_up, links_down;
  for (const engine::HopUsage& hop : run.hops) {
    links_up += hop.up_traffic.task_bytes;
    links_down += hop.down_traffic.task_bytes;
  }
  must(up == links_up && down == links_down, "the bytes of rounds and links");
  up -= record.of_sites.up;
  down -= record.of_sites.down;
  for (const ClientRecord& client : record.clients) {
    must(client.selected == client.counted + client.late + client.lost, "a client");
    must(std::min({client.compute, client.communication, client.waiting}) >= Seconds(0),
         "no part of a client's time is negative");
    must((client.compute + client.communication + client.waiting).si() <=
             record.duration.si() * (1 + 1e-12),
         "the time of a client");
    up -= client.bytes_up;
    down -= client.bytes_down;
    selected -= client.selected;
    counted -= client.counted;
    late -= client.late;
    lost -= client.lost;
  }
  must(up == Bytes(0) && down == Bytes(0), "the bytes of clients and links");
  must(selected == 0 && counted == 0 && late == 0 && lost == 0, "rounds and clients");
  must(std::all_of(record.state.begin(), record.state.end(),
                   [](float weight) { return std::isfinite(weight); }),
       "a weight");
}

std::string text_of(const TrainingRecord& record) {
  std::string text = fmt::format("{} {:.17g} {} {:.17g} {:.17g}\n", static_cast<int>(record.end),
                                 record.duration.si(), record.rounds.size(), record.sync.si(),
                                 record.accuracy.value_or(-1));
  for (const LoadingRecord& phase : record.loading) {
    text += fmt::format("{} {:.17g} {:.17g} {:.17g}\n", phase.what, phase.total.si(),
                        phase.longest.si(), phase.bytes.si());
  }
  for (const RoundRecord& r : record.rounds) {
    text += fmt::format(
        "{} {:.17g} {:.17g} {} {} {} {} {:.17g} {:.17g} {:.17g} {:.17g} {:.17g} {:.17g} {:.17g} "
        "{:.17g}\n",
        r.round, r.start.si(), r.end.si(), r.selected, r.participants, r.late, r.lost,
        r.bytes_up.si(), r.bytes_down.si(), r.compute.si(), r.communication.si(), r.waiting.si(),
        r.loss, r.accuracy.value_or(-1), r.energy.si());
  }
  for (const ClientRecord& c : record.clients) {
    text += fmt::format("{} {} {} {} {} {} {:.17g} {:.17g} {:.17g} {:.17g} {:.17g} {:.17g}\n",
                        c.samples, c.selected, c.counted, c.late, c.lost, c.steps, c.compute.si(),
                        c.communication.si(), c.waiting.si(), c.bytes_up.si(), c.bytes_down.si(),
                        c.energy.si());
  }
  for (const float weight : record.state) {
    text += fmt::format("{:a} ", weight);
  }
  return text;
}

/// Lets the devices of the first group come and go.
void add_presence(engine::Draws& draws, engine::Simulation& simulation) {
  std::vector<std::shared_ptr<const network::Availability>> presence;
  for (std::size_t i = 0; i < simulation.tiers.front().servers; ++i) {
    const double leaves = draws.between(0.5, 10);
    const double comes = leaves + draws.between(0.1, 5);
    presence.push_back(std::make_shared<const network::Availability>(
        std::vector<double>{comes}, std::vector<double>{leaves}, comes + draws.between(0.5, 10)));
  }
  simulation.tiers.front().faults.presence = presence;
  if (!simulation.hops.empty() && !simulation.hops.front().shared) {
    simulation.hops.front().faults.presence = std::move(presence);
  }
}

/// Adds to the system what its seed says.
void vary(engine::Draws& draws, engine::Simulation& simulation, std::uint64_t seed) {
  if (seed % 4 == 0) {
    engine::add_tcp(simulation);
  }
  if (seed % 3 == 0) {
    engine::add_groups(simulation);
  }
  if (seed % 5 == 0) {
    engine::add_moving_rates(simulation);
  } else if (seed % 5 == 1) {
    engine::add_updates(simulation);
  } else if (seed % 5 == 2) {
    engine::add_mobility(simulation);
  }
  if (seed % 4 == 1 && !simulation.mobility) {
    add_presence(draws, simulation);
    simulation.stop = {};  // A message that takes longer than its device ever stays never arrives.
  }
  if (seed % 7 < 4) {
    simulation.stop = {};
  }
  const bool is_bound = simulation.mobility || simulation.updates;  // To the engine's own links.
  simulation.own_links = is_bound || seed % 2 == 0;
}

/// Returns the seed of a random system with a tier beyond the devices.
std::uint64_t seed_of_system(std::uint64_t seed) {
  while (engine::RandomSimulation(seed).simulation.hops.empty()) {
    seed += 10'000;
  }
  return seed;
}

std::string run_once(std::uint64_t seed) {
  engine::Draws draws(seed, "a random training");
  engine::RandomSimulation random(seed_of_system(seed));
  engine::Simulation& simulation = random.simulation;
  vary(draws, simulation, seed);
  std::size_t devices = 0;
  for (std::size_t group = 0; group < simulation.groups; ++group) {
    devices += simulation.tiers[group].servers;
  }
  RandomJob job(draws, seed, devices, engine::levels(simulation.tiers.size(), simulation.groups));
  const std::string& name = job.given().kind().name;
  TrainingRecord record;
  std::int64_t tasks_lost = 0;
  std::string requests;
  try {
    const std::unique_ptr<Strategy> strategy = job.given().kind().make(job.given().job);
    Watched director(*strategy, draws.seconds(20, 80));
    engine::FixedPlans plans(simulation);
    const engine::RunRecord run = engine::simulate(
        simulation,
        {.request =
             [&](const engine::RequestRecord& r) {
               requests += fmt::format("{} {:.17g}\n", r.request, r.completion.si());
             }},
        plans, &director);
    must(run.tasks.done == director.done, "tasks that are done");
    must(run.tasks.lost == director.lost, "tasks that are lost");
    must(run.tasks.handed_out == director.done + director.lost + run.tasks.unfinished, "tasks");
    check_books(director.record, run);
    record = std::move(director.record);
    tasks_lost = director.lost;
  } catch (const InputError& error) {
    return fmt::format("{} {} {}", name, kRefused, error.what());
  }
  std::int64_t lost = 0, late = 0, counted = 0;
  for (const RoundRecord& round : record.rounds) {
    lost += round.lost;
    late += round.late;
    counted += round.participants;
  }
  return fmt::format("{} {} {} {} {} {}\n{}{}", name, lost, late, counted, tasks_lost,
                     static_cast<int>(record.end), text_of(record), requests);
}

}  // namespace

namespace {

/// OFFCUT_TRAINING_CHAOS names one seed.
std::vector<std::uint64_t> seeds() {
  if (const char* chosen = std::getenv("OFFCUT_TRAINING_CHAOS")) {
    return {std::strtoull(chosen, nullptr, 10)};
  }
  std::vector<std::uint64_t> all(random_systems(500));
  std::iota(all.begin(), all.end(), 1);
  return all;
}

}  // namespace

TEST_CASE("chaos: random training jobs in random systems end, with all rounds accounted for" *
          doctest::test_suite("slow")) {
  std::int64_t lost = 0, late = 0, counted = 0, tasks_lost = 0, unfinished = 0, refused = 0;
  std::set<std::string> ran;
  for (const std::uint64_t seed : seeds()) {
    INFO("seed " << seed);
    const study::IsolatedJob job = [&](const engine::ProgressSink&) { return run_once(seed); };
    alarm(120);  // A run that does not end kills the test.
    std::string once, again;
    try {
      once = study::run_isolated({job}, 1).front();
      again = study::run_isolated({job}, 1).front();
    } catch (const std::exception& error) {
      engine::RandomSimulation random(seed_of_system(seed));
      FAIL_CHECK(std::string(error.what()) << "\n" << engine::describe(random.simulation));
      continue;
    }
    alarm(0);
    CHECK(once == again);
    const std::size_t space = once.find(' ');
    const std::string name = once.substr(0, space);
    if (once.compare(space + 1, kRefused.size(), kRefused) == 0) {
      ++refused;
      CHECK(once.find("need a common tier") != std::string::npos);
      continue;
    }
    ran.insert(name);
    long figures[5] = {};
    std::sscanf(once.c_str() + space, "%ld %ld %ld %ld %ld", &figures[0], &figures[1], &figures[2],
                &figures[3], &figures[4]);
    lost += figures[0];
    late += figures[1];
    counted += figures[2];
    tasks_lost += figures[3];
    unfinished += figures[4] == static_cast<long>(TrainingRecord::End::unfinished) ? 1 : 0;
  }
  MESSAGE("counted ", counted, ", lost ", lost, ", late ", late, ", lost tasks ", tasks_lost,
          ", unfinished runs ", unfinished, ", refused ", refused);
  CHECK(lost > std::int64_t(random_systems(100)));
  CHECK(late > std::int64_t(random_systems(50)));
  CHECK(counted > std::int64_t(random_systems(500)));
  CHECK(tasks_lost > std::int64_t(random_systems(100)));
  CHECK(refused < std::int64_t(random_systems(40)));
  CHECK(unfinished < std::int64_t(random_systems(400)));
  Registry<StrategyKind> all;
  register_strategies(all);
  CHECK(ran.size() == all.size());
}

}  // namespace offcut::training::engine_chaos_test
