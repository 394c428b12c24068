#include "sim/engine/series.h"

#include <fmt/format.h>

#include <cmath>

#include "random_simulation.h"
#include "sim/study/isolate.h"
#include "small_random_system.h"
#include "small_systems.h"

namespace offcut::engine::series_test {
namespace {

/// Returns the samples of a run, a line each: its part and number, its time, and its figures.
std::string samples_of(const Simulation& simulation, double interval) {
  const study::IsolatedJob job = [&](const ProgressSink&) {
    std::string text;
    Observers observers;
    observers.sample_interval = Seconds(interval);
    observers.sample = [&](const SampleRow& row) {
      const auto number = [](const auto& value) {
        return value ? fmt::format("{:.9g}", double(*value)) : "-";
      };
      const auto watts = row.power ? std::optional(row.power->si()) : std::nullopt;
      text +=
          fmt::format("{}{} {:.9g}: {} {} {} {:.9g} {:.9g} {} {}{}\n", "ath"[int(row.part)],
                      row.number, row.time.si(), row.present, number(row.waiting), number(row.busy),
                      row.arrived.si(), row.served.si(), number(watts), number(row.battery),
                      row.machines ? fmt::format(" {}", *row.machines) : "");
    };
    simulate(simulation, observers);
    return text;
  };
  return study::run_isolated({job}, 1).front();
}

/// Returns a line for each tier whose energy in the run is not the sum of its power draws times the
/// intervals, or whose power draw is known in only one of them.
study::IsolatedJob energy_differences(const Simulation& simulation, double interval) {
  return [&simulation, interval](const ProgressSink&) {
    struct Sum {
      bool known = true;
      double joules = 0, until = 0;
    };
    std::vector<Sum> samples(simulation.tiers.size()), states(simulation.tiers.size());
    Observers observers;
    observers.sample_interval = Seconds(interval);
    observers.sample = [&](const SampleRow& row) {
      if (row.part == SampleRow::Part::tier) {
        Sum& sum = samples[row.number];
        sum.known = sum.known && row.power.has_value();
        sum.joules += row.power.value_or(Watts(0)).si() * (row.time.si() - sum.until);
        sum.until = row.time.si();
      }
    };
    const RunRecord run = simulate(simulation, observers);
    for (const EnergyState& state : run.energy) {
      const bool later = state.of_radio && state.name.ends_with(kTailAfterRun);
      states[state.tier].joules += later ? 0 : state.energy.si();
      states[state.tier].known = states[state.tier].known && state.is_known;
    }
    std::string text;
    for (std::size_t tier = 0; tier < states.size(); ++tier) {
      const double joules = states[tier].joules;
      const bool same = samples[tier].known == states[tier].known &&
                        (!states[tier].known ||
                         std::abs(samples[tier].joules - joules) <= 1e-9 * std::max(1.0, joules));
      text += same ? ""
                   : fmt::format("tier {} until {}: {} J, in samples {} J\n", tier,
                                 run.duration.si(), joules, samples[tier].joules);
    }
    return text;
  };
}

}  // namespace

TEST_CASE("series: power draws times intervals are the energy of the run") {
  // Messages end, are lost, or are under way at the end, at the time of a sample or between two.
  constexpr std::uint64_t kRuns = 400;
  std::vector<std::unique_ptr<RandomSimulation>> systems;
  std::vector<std::unique_ptr<SmallRandomSystem>> same_times;
  std::vector<study::IsolatedJob> jobs;
  const auto add = [&](Simulation& simulation, double interval) {
    for (Tier& tier : simulation.tiers) {
      if (!tier.power.is_known()) {
        tier.power = {.idle = Watts(1), .busy = Watts(5)};
      }
    }
    jobs.push_back(energy_differences(simulation, interval));
  };
  for (std::uint64_t seed = 1; seed <= kRuns; ++seed) {
    Simulation& simulation =
        systems.emplace_back(std::make_unique<RandomSimulation>(seed))->simulation;
    const std::optional<Seconds> after = simulation.stop.after;
    add(simulation, after && seed % 3 > 0 ? after->si() / static_cast<double>(seed % 3) : 0.7);
    Simulation& small = same_times
                            .emplace_back(std::make_unique<SmallRandomSystem>(
                                seed, SmallRandomSystem::Times::quarters))
                            ->simulation;
    if (!small.hops.empty()) {
      small.hops.front().radio =
          cost::Radio{.up = Joules(2) / Bytes(1), .down = Joules(1) / Bytes(1), .base = Watts(3)};
    }
    add(small, 0.25);
  }
  const std::vector<std::string> differences = study::run_isolated(jobs, 2);
  for (std::size_t i = 0; i < differences.size(); ++i) {
    CAPTURE(i);
    CHECK(differences[i] == "");
  }
}

TEST_CASE("series: queues, rates, power and battery of a device, worked out by hand") {
  // Requests arrive at 1, 2 and 3 s, and take 4 s each: 1 W before, 5 W from 1 to 13 s. Of 100 J,
  // 1 are gone at 1 s, 16 at 4 s, 36 at 8 s, 56 at 12 s and 61 at 13 s.
  const Schedule every_second({1.0}, 1);
  Simulation simulation =
      OneClass{.tiers = {{.name = "phone", .used = true, .service = Seconds(4)}},
               .arrivals = &every_second,
               .stop = {.requests = 3}};
  simulation.tiers[0].power = {.idle = Watts(1), .busy = Watts(5)};
  const std::string expected =
      "a0 4: 3 - - 0.75 0 - -\n"
      "t0 4: 3 2 1 0.75 0 4 {}\n"
      "a0 8: 2 - - 0 0.25 - -\n"
      "t0 8: 2 1 1 0 0.25 5 {}\n"
      "a0 12: 1 - - 0 0.25 - -\n"
      "t0 12: 1 0 1 0 0.25 5 {}\n"
      "a0 13: 0 - - 0 1 - -\n"
      "t0 13: 0 0 0 0 1 5 {}\n";
  CHECK(samples_of(simulation, 4) == fmt::format(fmt::runtime(expected), "-", "-", "-", "-"));
  simulation.tiers[0].battery = Battery{.capacity = Joules(100)};
  CHECK(samples_of(simulation, 4) ==
        fmt::format(fmt::runtime(expected), "0.84", "0.64", "0.44", "0.39"));
  CHECK(samples_of(simulation, 20).substr(0, 6) == "a0 13:");
}

TEST_CASE("series: messages under way, and a tier whose power is unknown") {
  // The message of 2000 B is under way from 0.5 to 2.5 s, the cloud computes until 5.5 s, and the
  // answer of 750 B is back at 6.25 s. The device is idle at 2 W, and its radio transfers at 3 W.
  const Schedule once({0.5}, 1e6);
  Simulation simulation =
      OneClass{.tiers = {{.name = "phone"}, {.name = "cloud", .used = true, .service = Seconds(3)}},
               .hops = {{.name = "link",
                         .hop = hop(1000, 1000, 0),
                         .goes_up = true,
                         .up_bytes = Bytes(2000),
                         .comes_down = true,
                         .down_bytes = Bytes(750)}},
               .arrivals = &once,
               .stop = {.requests = 1}};
  simulation.tiers[0].power = {.idle = Watts(2), .busy = Watts(2)};
  simulation.hops[0].radio = cost::Radio{.base = Watts(3)};
  CHECK(samples_of(simulation, 2) ==
        "a0 2: 1 - - 0.5 0 - -\n"
        "t0 2: 0 0 0 0 0 4.25 -\n"
        "t1 2: 0 0 0 0 0 - -\n"
        "h0 2: 1 - - 0.5 0 - -\n"
        "a0 4: 1 - - 0 0 - -\n"
        "t0 4: 0 0 0 0 0 2.75 -\n"
        "t1 4: 1 0 1 0.5 0 - -\n"
        "h0 4: 0 - - 0 0.5 - -\n"
        "a0 6: 1 - - 0 0 - -\n"
        "t0 6: 0 0 0 0 0 2.75 -\n"
        "t1 6: 0 0 0 0 0.5 - -\n"
        "h0 6: 1 - - 0.5 0 - -\n"
        "a0 6.25: 0 - - 0 4 - -\n"
        "t0 6.25: 0 0 0 0 0 5 -\n"
        "t1 6.25: 0 0 0 0 0 - -\n"
        "h0 6.25: 0 - - 0 4 - -\n");
}

TEST_CASE("series: the machines and the power draw of a tier with an autoscaler") {
  // Machines of 10 W idle and 50 W busy. Two start at 4 and serve from 7 on; all three are busy
  // until 10, and two of them until 17.
  const Times arrivals{{0, 1, 2}};
  Tier tier{.servers = 3};
  tier.power = {.idle = Watts(10), .busy = Watts(50)};
  tier.autoscaler =
      Autoscaler{.policy = choose(scheduling::autoscaling(), "queue", {{"target", 1}}),
                 .start_up = Seconds(3),
                 .interval = Seconds(4),
                 .scale_down_after = Seconds(8)};
  const std::string samples = samples_of(system_of(1, tier, {asks(arrivals, {10})}), 4);
  std::string of_tier;
  for (std::size_t begin = 0; begin < samples.size(); begin = samples.find('\n', begin) + 1) {
    if (samples.compare(begin, 2, "t1") == 0) {
      of_tier += samples.substr(begin, samples.find('\n', begin) + 1 - begin);
    }
  }
  CHECK(of_tier ==
        "t1 4: 3 2 1 0.75 0 50 - 1\n"
        "t1 8: 3 0 3 0 0 90 - 3\n"       // (3 * 70 + 150) / 4.
        "t1 12: 2 0 2 0 0.25 130 - 3\n"  // (2 * 150 + 2 * 110) / 4.
        "t1 16: 2 0 2 0 0 110 - 3\n"
        "t1 17: 0 0 0 0 2 110 - 3\n");
}

}  // namespace offcut::engine::series_test
