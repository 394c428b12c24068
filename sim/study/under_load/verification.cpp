#include "sim/study/under_load/verification.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <sstream>
#include <thread>

#include "models/base/quantile.h"
#include "sim/experiment/compile.h"
#include "sim/study/isolate.h"

namespace offcut::study {
namespace {

/// Runs in the process of a run. Returns the fields of a SimulatedDelay.
std::string simulate_one(experiment::Experiment& experiment, const Configuration& configuration,
                         const DelayGoal& goal, const engine::ProgressSink& progress) {
  set_policies(configuration.scheduling, experiment);
  const experiment::CompiledRun run =
      experiment::compile(experiment, configuration.plans, {.arrivals = {}, .math = false});
  std::vector<double> delays;
  std::int64_t missed = 0;
  engine::Observers observers{.progress = progress};
  // Requests that are in flight at the end are as old as the run is then, and take at least the
  // time of their plan.
  Seconds latest;
  std::vector<engine::RequestRecord> in_flight;
  observers.request = [&](const engine::RequestRecord& request) {
    latest = std::max({latest, request.arrival, request.completion});
    if (request.ending == engine::Ending::in_flight) {
      in_flight.push_back(request);
      return;
    }
    const Seconds delay = request.latency();
    const Seconds counted = goal.counted(request.request_class, delay, request.completed());
    missed += request.completed() && delay <= goal.deadline[request.request_class] ? 0 : 1;
    delays.push_back(counted.si());
  };
  engine::simulate(run.simulation, observers, *run.controller);
  for (const engine::RequestRecord& request : in_flight) {
    const Seconds age =
        std::max(latest, run.simulation.stop.after.value_or(latest)) - request.arrival;
    const std::size_t model = experiment.model_of(request.request_class, request.device);
    const Seconds delay = std::max(age, configuration.plans[model].cost.latency());
    const bool is_late = delay > goal.deadline[request.request_class];
    missed += is_late ? 1 : 0;
    delays.push_back(goal.counted(request.request_class, delay, !is_late).si());
  }
  if (delays.empty()) {
    return "0 0 0 0";
  }
  const auto count = static_cast<double>(delays.size());
  const double mean = std::accumulate(delays.begin(), delays.end(), 0.0) / count;
  return fmt::format("{} {} {} {}", mean, quantile_in_place(delays, kDelayQuantile),
                     static_cast<double>(missed) / count, delays.size());
}

}  // namespace

void set_policies(const std::vector<scheduling::Scheduling>& policies,
                  experiment::Experiment& experiment) {
  const std::size_t groups = experiment.scenario.groups;
  for (std::size_t tier = 0; tier < policies.size(); ++tier) {
    experiment.scenario.tiers[tier].scheduling = policies[tier];
  }
  for (experiment::PreparedModel& model : experiment.models) {
    for (std::size_t level = 0; level < model.tiers.size(); ++level) {
      model.tiers[level].scheduling = policies[engine::number_of(level, model.group, groups)];
    }
  }
}

engine::Stop short_stop(const engine::Stop& stop, std::int64_t most, PerSecond rate) {
  engine::Stop result = stop;
  if (result.requests) {
    result.requests = std::min(*result.requests, most);
  } else {
    result.after = std::min(*result.after, Seconds(static_cast<double>(most) / rate.si()));
  }
  return result;
}

std::vector<SimulatedDelay> simulate_all(experiment::Experiment& experiment,
                                         const std::vector<Configuration>& configurations,
                                         const DelayGoal& goal, std::int64_t most, PerSecond rate,
                                         const engine::ProgressSink& progress) {
  std::vector<IsolatedJob> jobs;
  for (const Configuration& configuration : configurations) {
    jobs.emplace_back(
        [&experiment, &configuration, &goal, most, rate](const engine::ProgressSink& sink) {
          experiment.scenario.stop = short_stop(experiment.scenario.stop, most, rate);
          return simulate_one(experiment, configuration, goal, sink);
        });
  }
  const std::vector<std::string> results =
      run_isolated(jobs, std::max(1U, std::thread::hardware_concurrency()), progress);
  std::vector<SimulatedDelay> delays;
  for (const std::string& result : results) {
    std::istringstream fields(result);
    double mean = 0, p95 = 0;
    SimulatedDelay delay;
    fields >> mean >> p95 >> delay.missed >> delay.requests;
    delay.mean = Seconds(mean);
    delay.p95 = Seconds(p95);
    delays.push_back(delay);
  }
  return delays;
}

}  // namespace offcut::study
