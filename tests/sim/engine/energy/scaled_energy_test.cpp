// The energy of machines that start and are taken away: busy or idle while they exist, and nothing
// before and after. The systems and their times are those of autoscalers_test.cpp.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "../random_simulation.h"
#include "../small_systems.h"
#include "sim/study/isolate.h"

namespace offcut::engine::scaled_energy_test {
namespace {

/// Returns up to that many machines of 10 W idle and 50 W busy, at a site with a PUE of 1.5. They
/// scale by the number of requests every 4 s, and start in 3 s.
Tier powered_tier(std::size_t most, double scale_down_after) {
  Tier tier{.servers = most};
  tier.power = {.idle = Watts(10), .busy = Watts(50), .pue = 1.5};
  tier.autoscaler =
      Autoscaler{.policy = choose(scheduling::autoscaling(), "queue", {{"target", 1}}),
                 .start_up = Seconds(3),
                 .interval = Seconds(4),
                 .scale_down_after = Seconds(scale_down_after)};
  return tier;
}

/// Lists the states of the second tier's machines: "busy 30 s 2250 J, ...".
std::string states_as_text(const Simulation& simulation) {
  std::string text;
  for (const EnergyState& state : run(simulation).run.energy) {
    if (state.tier == 1) {
      text += fmt::format("{}{} {:.9g} s {:.9g} J", text.empty() ? "" : ", ", state.name,
                          state.time.si(), state.energy.si());
    }
  }
  return text;
}

}  // namespace

TEST_CASE("energy of autoscaled machines: a start takes idle power from its decision on") {
  // One machine exists until the end at 17, two more from 4 on: 43 s, of which 30 are busy. From 4
  // to 7 both start, and machine 0 is idle from 10 on: 13 s.
  const Times arrivals{{0, 1, 2}};
  Simulation simulation = system_of(1, powered_tier(3, 8), {asks(arrivals, {10})});
  CHECK(states_as_text(simulation) == "busy 30 s 2250 J, idle 13 s 195 J, down 0 s 0 J");
  // Until 40, they are taken away at 20 and at 24: 40 + 20 + 16 s.
  simulation.stop = {.after = Seconds(40)};
  CHECK(states_as_text(simulation) == "busy 30 s 2250 J, idle 46 s 690 J, down 0 s 0 J");
  // Without an autoscaler, three machines are idle for all of the rest.
  simulation.tiers[1].autoscaler.reset();
  CHECK(states_as_text(simulation) == "busy 30 s 2250 J, idle 90 s 1350 J, down 0 s 0 J");
}

TEST_CASE("energy of autoscaled machines: with two cores, each counts for half of its machine") {
  // Both requests run at once on one machine until 10. At 4, 2 requests call for a second one,
  // which starts until 7 and then is idle.
  const Times arrivals{{0, 0}};
  Tier tier = powered_tier(2, 100);
  tier.cores = 2;
  CHECK(states_as_text(system_of(1, tier, {asks(arrivals, {10})})) ==
        "busy 10 s 750 J, idle 6 s 90 J, down 0 s 0 J");
}

TEST_CASE(
    "energy of autoscaled machines: one that fails is gone, and one that starts cold is busy") {
  // Machine 0 fails at 3. Machine 1 starts at 4, and computes from 7 to 17: 3 + 13 s, 13 busy.
  const Times arrivals{{0}};
  Tier tier = powered_tier(2, 100);
  tier.faults.outages = {{0, Seconds(3), kNever}};
  CHECK(states_as_text(system_of(1, tier, {asks(arrivals, {10})})) ==
        "busy 13 s 975 J, idle 3 s 45 J, down 0 s 0 J");
  // A cold start of 2 s, while one machine is enough.
  tier = powered_tier(1, 100);
  tier.cold_start = ColdStart{.time = Seconds(2), .idle_after = Seconds(100)};
  const Times later{{1}};
  CHECK(states_as_text(system_of(1, tier, {asks(later, {10})})) ==
        "busy 12 s 900 J, idle 1 s 15 J, down 0 s 0 J");
}

namespace {

/// Sums up the time for which each machine of a tier with an autoscaler exists, from the events of
/// the run.
class MachineTime {
 public:
  explicit MachineTime(const Tier& tier) {
    const std::size_t per_site = tier.servers / tier.sites;
    for (std::size_t machine = 0; machine < tier.servers; ++machine) {
      if (machine % per_site < tier.autoscaler->at_start) {
        since_[machine] = 0;
      }
    }
  }

  void add(const RunEvent& event) {
    if (event.kind == RunEvent::Kind::machine_starting) {
      since_[event.which] = event.time.si();
    } else if (event.kind == RunEvent::Kind::machine_stopped ||
               event.kind == RunEvent::Kind::machine_down) {
      const auto machine = since_.find(event.which);
      if (machine != since_.end()) {
        time_ += event.time.si() - machine->second;
        since_.erase(machine);
      }
    }
  }

  double until(double end) const {
    double time = time_;
    for (const auto& [machine, since] : since_) {
      time += end - since;
    }
    return time;
  }

 private:
  std::map<std::size_t, double> since_;  // By machine, of those that exist.
  double time_ = 0;
};

/// Runs the simulation, and describes each scaled tier whose energy is not that of its machines.
std::string energy_errors(const Simulation& simulation) {
  std::map<std::size_t, MachineTime> times;
  for (std::size_t i = 0; i < simulation.tiers.size(); ++i) {
    if (simulation.tiers[i].autoscaler) {
      times.emplace(i, simulation.tiers[i]);
    }
  }
  Observers observers;
  observers.event = [&](const RunEvent& event) {
    const bool is_of_link =
        event.kind == RunEvent::Kind::link_down || event.kind == RunEvent::Kind::link_up;
    const auto tier = times.find(event.where);
    if (!is_of_link && tier != times.end()) {
      tier->second.add(event);
    }
  };
  const RunRecord record = simulate(simulation, observers);
  std::string errors;
  for (const auto& [i, machines] : times) {
    const double existing = machines.until(record.duration.si());
    const double busy = record.tiers[i].busy.si() / static_cast<double>(simulation.tiers[i].cores);
    const double expected = 1.5 * (50 * busy + 10 * (existing - busy));
    double time = 0, joules = 0;
    for (const EnergyState& state : record.energy) {
      time += state.tier == i ? state.time.si() : 0;
      joules += state.tier == i ? state.energy.si() : 0;
    }
    const double most = 1e-9 * std::max(1.0, existing);
    if (std::abs(time - existing) > most || std::abs(joules - expected) > 100 * most) {
      errors += fmt::format("tier {}: {} s, {} J instead of {} s, {} J\n", i, time, joules,
                            existing, expected);
    }
  }
  return errors;
}

}  // namespace

TEST_CASE("energy of autoscaled machines: in random systems, that of the time between events" *
          doctest::test_suite("slow")) {
  std::size_t scaled = 0;
  for (std::uint64_t seed = 1; seed <= 120; ++seed) {
    RandomSimulation random(seed);
    bool has_any = false;
    for (Tier& tier : random.simulation.tiers) {
      if (tier.autoscaler) {
        tier.power = {.idle = Watts(10), .busy = Watts(50), .pue = 1.5};
        has_any = true;
      }
    }
    if (!has_any) {
      continue;
    }
    ++scaled;
    INFO(describe(random.simulation));
    const study::IsolatedJob job = [&](const ProgressSink&) {
      return energy_errors(random.simulation);
    };
    CHECK(study::run_isolated({job}, 1).front() == "");
  }
  CHECK(scaled > 25);
}

}  // namespace offcut::engine::scaled_energy_test
