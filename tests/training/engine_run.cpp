#include "tests/training/engine_run.h"

#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <iostream>
#include <limits>
#include <stdexcept>

#include "sim/engine/controller.h"
#include "sim/engine/tasks/director.h"

namespace offcut::training {
namespace {

/// Closes the books while the engine still lives.
class Closing final : public engine::Director {
 public:
  explicit Closing(Strategy& strategy) : strategy_(strategy) {}
  void begins(engine::Tasks& tasks) override { strategy_.begins(tasks); }
  void ended(const engine::TaskReport& report) override { strategy_.ended(report); }
  void woken(std::size_t token) override { strategy_.woken(token); }
  void sent(std::size_t token, Bytes bytes) override { strategy_.sent(token, bytes); }
  void ends(Seconds end) override { record = strategy_.close(end); }

  TrainingRecord record;

 private:
  Strategy& strategy_;
};

template <class T>
void put(std::FILE* file, const T& value) {
  if (std::fwrite(&value, sizeof value, 1, file) != 1) {
    _exit(1);
  }
}

template <class T>
T get(std::FILE* file) {
  T value;
  if (std::fread(&value, sizeof value, 1, file) != 1) {
    throw std::runtime_error("the run in the engine failed");
  }
  return value;
}

void write_run(GivenJob& given, const engine::Simulation& simulation, std::FILE* file) {
  const std::unique_ptr<Strategy> strategy = given.kind().make(given.job);
  Closing director(*strategy);
  engine::FixedPlans plans(simulation);
  engine::simulate(simulation, {}, plans, &director);
  const TrainingRecord& record = director.record;
  put(file, record.rounds.size());
  for (const RoundRecord& round : record.rounds) {
    put(file, round);
  }
  put(file, record.state.size());
  for (const float value : record.state) {
    put(file, value);
  }
  put(file, record.duration);
}

}  // namespace

engine::Simulation engine_system(const FakeLayout& layout) {
  engine::Simulation simulation;
  simulation.tiers.push_back({.name = "device", .servers = layout.devices});
  for (std::size_t level = 1; level <= layout.hops.size(); ++level) {
    const std::size_t sites = level <= layout.sites.size() ? layout.sites[level - 1] : 1;
    engine::Tier tier;
    tier.name = "tier " + std::to_string(level);
    tier.servers = sites;
    tier.sites = sites;
    tier.cores = layout.cores;
    simulation.tiers.push_back(std::move(tier));
    const FakeHop& hop = layout.hops[level - 1];
    engine::Link link;
    link.name = "hop " + std::to_string(level);
    link.hop = {hop.up, hop.down, hop.latency};
    link.shared = hop.shared;
    simulation.hops.push_back(std::move(link));
  }
  for (std::size_t i = 0; i < layout.failures.size(); ++i) {
    const FakeFailure& down = layout.failures[i];
    if (down.is_up) {
      continue;
    }
    network::Outage outage;
    outage.which = down.number;
    outage.from = down.at;
    outage.until = Seconds(std::numeric_limits<double>::infinity());
    for (std::size_t j = i + 1; j < layout.failures.size(); ++j) {
      const FakeFailure& up = layout.failures[j];
      if (up.is_up && up.of_machine == down.of_machine && up.level == down.level &&
          up.number == down.number) {
        outage.until = std::min(outage.until, up.at);
      }
    }
    (down.of_machine ? simulation.tiers[down.level].faults : simulation.hops[down.level].faults)
        .outages.push_back(outage);
  }
  return simulation;
}

EngineRun run_in_engine(GivenJob& given, const engine::Simulation& simulation) {
  int ends[2];
  if (pipe(ends) != 0) {
    throw std::runtime_error("no pipe");
  }
  std::cout.flush();  // Or the child would print it again.
  const pid_t child = fork();
  if (child == 0) {
    close(ends[0]);
    std::FILE* const file = fdopen(ends[1], "wb");
    try {
      write_run(given, simulation, file);
    } catch (const std::exception& error) {
      std::fprintf(stderr, "%s\n", error.what());
      _exit(1);
    }
    std::fclose(file);
    _exit(0);
  }
  close(ends[1]);
  std::FILE* const file = fdopen(ends[0], "rb");
  EngineRun run;
  try {
    run.rounds.resize(get<std::size_t>(file));
    for (RoundRecord& round : run.rounds) {
      round = get<RoundRecord>(file);
    }
    run.state.resize(get<std::size_t>(file));
    for (float& value : run.state) {
      value = get<float>(file);
    }
    run.duration = get<Seconds>(file);
  } catch (...) {
    std::fclose(file);
    waitpid(child, nullptr, 0);
    throw;
  }
  std::fclose(file);
  waitpid(child, nullptr, 0);
  return run;
}

}  // namespace offcut::training
