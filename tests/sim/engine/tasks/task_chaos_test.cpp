// Random systems with all features at once, and a director that hands out random tasks. The engine
// checks its books in each run; this test checks what the director is told, that runs end, and that
// they repeat themselves.

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "../random_parts.h"
#include "../random_simulation.h"
#include "script.h"
#include "sim/engine/controller.h"
#include "sim/study/isolate.h"
#include "tests/random_systems.h"

namespace offcut::engine::task_chaos_test {
namespace {

/// Keeps some tasks under way until it has handed out enough, and waits for what is down.
class RandomDirector final : public Director {
 public:
  RandomDirector(const Simulation& simulation, std::uint64_t seed)
      : simulation_(simulation), draws_(seed, "a random director") {}

  std::string text;
  std::set<std::size_t> open;  // Tokens of tasks that have not ended.
  std::int64_t done = 0, lost = 0;
  double sent_up = 0, sent_down = 0;  // Bytes.
  std::vector<double> energy;         // Of each group of devices, at the end.

 private:
  static constexpr std::size_t kEnd = 0;  // The token of its end.

  void begins(Tasks& tasks) override {
    tasks_ = &tasks;
    left_ = draws_.from_one_to(200);
    ends_ = draws_.one_in(2);
    // An overloaded queue may never come to a task.
    tasks.at(draws_.seconds(1, 60), kEnd);
    for (std::size_t i = draws_.from_one_to(8); i > 0; --i) {
      next();
    }
  }

  void ended(const TaskReport& report) override {
    must(open.erase(report.token) == 1);
    must(report.end == tasks_->now());
    must(report.handed_out <= report.begin);
    must(report.begin <= report.end + Seconds(1e-9));
    ++(report.is_done ? done : lost);
    text += fmt::format("{} {} {:.17g} {:.17g}\n", report.token, report.is_done, report.begin.si(),
                        report.end.si());
    if (report.is_done || draws_.one_in(4)) {
      next();
    } else {
      wait();
    }
  }

  void woken(std::size_t token) override {
    text += fmt::format("{} woken {:.17g}\n", token, tasks_->now().si());
    if (token == kEnd) {
      left_ = 0;
      tasks_->end();
    } else {
      next();
    }
  }

  void sent(std::size_t token, Bytes bytes) override {
    const auto found = messages_.find(token);
    must(found != messages_.end() && open.contains(token));
    (found->second ? sent_up : sent_down) += bytes.si();
    messages_.erase(found);  // It is sent once.
  }

  void ends(Seconds end) override {
    must(tasks_->now() == end);
    energy.resize(simulation_.groups);
    const Joules all = tasks_->energy();
    Joules sum;
    for (std::size_t device = 0; device < tasks_->devices(); ++device) {
      energy[tasks_->group_of(device)] += tasks_->energy_of(device).si();
      sum += tasks_->energy_of(device);
    }
    must(all == sum);  // To the last bit.
  }

  std::size_t any_device() { return draws_.below(tasks_->devices()); }
  std::size_t any_hop() {
    return draws_.below(levels(simulation_.hops.size(), simulation_.groups));
  }

  void wait() {
    const std::size_t device = any_device();
    if (!simulation_.hops.empty() && draws_.one_in(2)) {
      tasks_->when_way_up(device, any_hop(), ++last_);
    } else {
      tasks_->when_up(device, draws_.below(tasks_->levels(device)), ++last_);
    }
  }

  void next() {
    if (left_ == 0) {
      if (std::exchange(ends_, false)) {
        tasks_->end();
      }
      return;
    }
    --left_;
    const std::size_t device = any_device();
    const std::size_t kind = draws_.below(8);
    ++last_;
    if (kind == 0) {
      tasks_->at(tasks_->now() + draws_.seconds(0.01, 2), last_);
      return;
    }
    open.insert(last_);
    if (kind < 4 || simulation_.hops.empty()) {
      tasks_->compute({.device = device,
                       .level = draws_.below(tasks_->levels(device)),
                       .service = draws_.one_in(9) ? Seconds(0) : draws_.seconds(0.01, 2),
                       .model = Bytes(draws_.one_in(2) ? 0 : 1)},
                      last_);
    } else {
      const Message message{.device = device,
                            .hop = any_hop(),
                            .up = draws_.one_in(2),
                            .bytes = Bytes(draws_.one_in(9) ? 0 : draws_.between(1, 1e6))};
      must(tasks_->idle_time(message) >= Seconds(0));
      messages_[last_] = message.up;
      tasks_->send(message, last_);
    }
  }

  const Simulation& simulation_;
  Draws draws_;
  Tasks* tasks_ = nullptr;
  std::size_t left_ = 0;
  std::size_t last_ = 0;
  std::map<std::size_t, bool> messages_;  // That were not sent yet, by token: whether they go up.
  bool ends_ = false;
};

bool has_direct(const Simulation& simulation) {
  return std::any_of(simulation.hops.begin(), simulation.hops.end(),
                     [](const Link& hop) { return hop.direct.has_value(); });
}

/// Compares the sum of the energies of devices with the states that the run reports.
void check_energy(const Simulation& simulation, const RunRecord& run,
                  const std::vector<double>& of_groups) {
  for (std::size_t group = 0; !has_direct(simulation) && group < simulation.groups; ++group) {
    double sum = 0;
    for (const EnergyState& state : run.energy) {
      const bool counts = state.tier == group && !state.name.ends_with(kTailAfterRun);
      sum += counts ? state.energy.si() : 0;
    }
    const double known = simulation.tiers[group].power.is_known() ? sum : 0;
    must(std::abs(of_groups[group] - known) <= 1e-9 * std::max(1.0, known));
  }
}

std::string run_once(const Simulation& simulation) {
  const study::IsolatedJob job = [&](const ProgressSink&) {
    RandomDirector director(simulation, simulation.seed);
    FixedPlans plans(simulation);
    std::int64_t requests = 0;
    const RunRecord run = simulate(
        simulation, {.request = [&](const RequestRecord&) { ++requests; }}, plans, &director);
    must(run.tasks.done == director.done);
    must(run.tasks.lost == director.lost);
    must(run.tasks.unfinished == std::ssize(director.open));
    must(requests == run.arrived);
    std::int64_t tasks = 0;
    double up = 0, down = 0;
    for (const TierUsage& tier : run.tiers) {
      tasks += tier.tasks;
      must(tier.task_work <= tier.busy * (1 + 1e-9) + Seconds(1e-9));
    }
    for (const HopUsage& hop : run.hops) {
      must(hop.up_traffic.task_bytes <= hop.up);
      must(hop.down_traffic.task_bytes <= hop.down);
      up += hop.up_traffic.task_bytes.si();
      down += hop.down_traffic.task_bytes.si();
    }
    must(up == director.sent_up && down == director.sent_down);
    check_energy(simulation, run, director.energy);
    return fmt::format("{}{} {} {} {} {:.17g} {:.17g} {:.17g}\n", director.text, run.arrived,
                       run.completed, run.dropped, tasks, up, down, run.duration.si());
  };
  return study::run_isolated({job}, 1).front();
}

/// Adds to the system what its seed says.
void vary(Simulation& simulation, std::uint64_t seed) {
  if (seed % 4 == 0) {
    add_tcp(simulation);
  }
  if (seed % 3 == 0) {
    add_groups(simulation);
  } else if (seed % 3 == 1 && seed % 2 == 0) {
    add_routes(simulation);
  }
  if (seed % 5 == 0) {
    add_moving_rates(simulation);
  } else if (seed % 5 == 1) {
    add_updates(simulation);
  } else if (seed % 5 == 2 && simulation.long_legs.empty() && !has_direct(simulation)) {
    add_mobility(simulation);
  }
  if (seed % 7 < 3) {
    simulation.stop = {};
  }
  const bool is_bound = simulation.mobility || simulation.updates;  // To the engine's own links.
  simulation.own_links = is_bound || seed % 2 == 0;
}

}  // namespace

TEST_CASE("tasks: random systems with a random director lose nothing and repeat themselves" *
          doctest::test_suite("slow")) {
  for (std::uint64_t seed = 1; seed <= random_systems(400); ++seed) {
    RandomSimulation random(seed);
    vary(random.simulation, seed);
    INFO(seed << "\n" << describe(random.simulation));
    alarm(120);  // A run that does not end kills the test, whose last output names it.
    const std::string once = run_once(random.simulation);
    CHECK(once == run_once(random.simulation));
    alarm(0);
  }
}

}  // namespace offcut::engine::task_chaos_test
