// Runs an experiment: compiles the plans of each run, simulates it in a child process with the logs
// as observers, and writes the report of all runs. A child writes its own logs and sends a summary
// to its parent as JSON.

#include "sim/study/comparison.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <thread>

#include "analysis/joined_rows.h"
#include "analysis/report.h"
#include "analysis/request_log.h"
#include "analysis/statistics/energy_totals.h"
#include "analysis/tables/decision_log.h"
#include "analysis/tables/event_log.h"
#include "analysis/tables/series_log.h"
#include "analysis/tables/switch_log.h"
#include "analysis/timeline/timeline.h"
#include "sim/experiment/compile.h"
#include "sim/experiment/moving_plans.h"
#include "sim/experiment/plan_runs.h"
#include "sim/study/isolate.h"
#include "sim/study/training_run.h"

namespace offcut::study {
namespace {

/// The files that the process of a run writes. An empty name means no file.
struct RunFiles {
  std::string requests, events, decisions, series, switches, timeline;
  std::optional<std::string> algorithm;  // In each row of `requests`.
  TrainingRunFiles training;
  unsigned threads = 1;  // For the math of training.
};

/// Returns the source of the plans in the rows of requests; none if plans never change.
analysis::RequestLog::PlanOf plans_of(const experiment::MovingPlans* moving) {
  if (moving == nullptr) {
    return {};
  }
  return
      [moving](const engine::RequestRecord& request) { return moving->plan_of(request.request); };
}

/// Returns what the timeline of a run says of it.
analysis::TimelineSubject subject_of(const experiment::Experiment& experiment,
                                     const std::vector<partition::Plan>& plans) {
  const scenario::Scenario& scenario = experiment.scenario;
  return {.scenario = scenario.name,
          .seed = scenario.seed,
          .plan = scenario.has_requests ? plans.front().algorithm : scenario.training->method()};
}

/// Runs in the process of a run and returns its summary as JSON.
std::string run_plan(const experiment::Experiment& experiment,
                     const std::vector<partition::Plan>& plans,
                     const scenario::Adaptation* adaptation, const RunFiles& files,
                     const engine::ProgressSink& progress) {
  const experiment::CompiledRun run =
      experiment::compile(experiment, plans, {.arrivals = {}, .adaptation = adaptation});
  const engine::Simulation& simulation = run.simulation;
  analysis::RequestLog log(
      files.requests, simulation,
      [&](const engine::RequestRecord& request) {
        return run.inferences[experiment.model_of(request.request_class, request.device)].get();
      },
      files.algorithm, plans_of(run.moving), experiment.scenario.statistics);
  analysis::SwitchLog switches(files.switches, simulation);
  std::optional<analysis::Timeline> timeline;
  if (!files.timeline.empty()) {
    timeline.emplace(simulation, subject_of(experiment, plans), plans_of(run.moving));
  }
  if (run.moving != nullptr && !files.switches.empty()) {
    run.moving->on_switch([&](const experiment::PlanSwitch& change) {
      switches.add(change);
      timeline ? timeline->add(change) : void();
    });
  }
  analysis::EventLog events(files.events, simulation);
  engine::Observers observers{.progress = progress, .event = [&](const engine::RunEvent& event) {
                                events.add(event);
                                timeline ? timeline->add(event) : void();
                              }};
  if (files.requests.empty()) {
    observers.request = [&](const engine::RequestRecord& request) { log.add(request); };
  } else {
    observers.request_parts = [&](const engine::RequestRecord& request,
                                  const engine::RequestParts& parts) { log.add(request, parts); };
  }
  std::optional<analysis::DecisionLog> decisions;
  if (!files.decisions.empty()) {
    decisions.emplace(files.decisions, simulation);
    observers.decision = [&](const engine::Decision& decision) { decisions->add(decision); };
  }
  std::optional<analysis::SeriesLog> series;
  if (!files.series.empty()) {
    series.emplace(files.series, simulation);
    observers.sample = [&](const engine::SampleRow& sample) {
      series->add(sample);
      timeline ? timeline->add(sample) : void();
    };
    observers.sample_interval = *experiment.scenario.series_interval;
  }
  if (timeline) {
    timeline->observe(observers);
  }
  analysis::RunSummary summary;
  std::optional<TrainingRun> training;
  if (experiment.training) {
    training.emplace(experiment, files.threads, progress);
  }
  summary.record = engine::simulate(simulation, observers, *run.controller,
                                    training ? &*training : nullptr);
  log.finish(summary);
  if (training) {
    summary.training = training->summary();
    training->write(analysis::device_energy(summary.record).has_value(), files.training);
  }
  events.close();
  switches.close();
  if (run.moving != nullptr) {
    summary.adaptation = run.moving->figures();
  }
  if (decisions) {
    decisions->close();
  }
  if (series) {
    series->close();
  }
  if (timeline) {
    summary.timeline = timeline->write(files.timeline, summary.record.duration);
  }
  return analysis::to_json(summary);
}

/// Returns the files of a run. Each run of several whose requests are written has a file of its
/// own, since runs are simulated at the same time; they are joined at the end.
RunFiles files_of(const scenario::Scenario& scenario, const OutputDirectory& out,
                  const std::string& algorithm, std::size_t run, const FurtherFiles& further) {
  const bool is_chosen = run == 0;
  RunFiles files;
  if (is_chosen) {
    files.events = out.file("events.csv");
    files.switches = out.file("switches.csv");
    files.decisions = further.decisions;
    files.series = scenario.series_interval ? out.file("series.csv") : "";
    files.timeline = !further.timeline.empty()  ? further.timeline
                     : scenario.write_timeline ? out.file(analysis::kTimeline)
                                               : "";
  }
  if (is_chosen && scenario.training) {
    files.training = {.rounds = out.file("rounds.csv"),
                      .clients = out.file("clients.csv"),
                      .shares = out.file("data.csv"),
                      .model = out.file(analysis::kTrainedModel)};
  }
  if (!scenario.has_requests) {
    return files;
  }
  if (scenario.write_requests == scenario::WrittenRequests::all) {
    files.requests = fmt::format("{}.{}", out.file("requests.csv"), run);
    files.algorithm = algorithm;
  } else if (is_chosen && scenario.write_requests == scenario::WrittenRequests::chosen) {
    files.requests = out.file("requests.csv");
  }
  return files;
}

/// The runs of an experiment, and the jobs that simulate those of them that have plans.
struct PlannedJobs {
  std::vector<analysis::RunSummary> runs;
  std::vector<IsolatedJob> jobs;
  std::vector<std::size_t> run_of_job;
};

/// Plans all runs. `files` returns the files of a run by its algorithm and number.
PlannedJobs planned_jobs(const experiment::Experiment& experiment,
                         const std::function<RunFiles(const std::string&, std::size_t)>& files) {
  PlannedJobs all;
  for (experiment::PlannedRun& planned : experiment::plan_runs(experiment)) {
    analysis::RunSummary& run = all.runs.emplace_back();
    const scenario::Scenario& scenario = experiment.scenario;
    run.algorithm = scenario.has_requests ? planned.algorithm : scenario.training->method();
    if (const auto* declined = std::get_if<partition::Declined>(&planned.outcome)) {
      run.declined = declined->reason;
      continue;
    }
    if (const auto* failed = std::get_if<partition::Failed>(&planned.outcome)) {
      run.failed = failed->reason;
      continue;
    }
    run.plans = std::get<std::vector<partition::Plan>>(planned.outcome);
    if (run.plans.size() == 1 && experiment.models.front().believed) {
      const partition::Plan& plan = run.plans.front();
      run.believed_latency =
          partition::evaluate(
              partition::with_codecs(*experiment.models.front().believed, plan.codecs),
              plan.tier_of)
              .latency();
    }
    const std::size_t number = all.runs.size() - 1;
    all.run_of_job.push_back(number);
    all.jobs.emplace_back([&experiment, plans = run.plans, adaptation = planned.adaptation,
                           own = files(planned.algorithm, number)](
                              const engine::ProgressSink& sink) {
      return run_plan(experiment, plans, adaptation, own, sink);
    });
  }
  return all;
}

void add_results(const std::vector<std::string>& results, PlannedJobs& planned) {
  for (std::size_t i = 0; i < results.size(); ++i) {
    analysis::from_json(results[i], planned.runs[planned.run_of_job[i]]);
  }
}

}  // namespace

std::vector<analysis::RunSummary> run_experiment(const experiment::Experiment& experiment,
                                                 const OutputDirectory& out,
                                                 const engine::ProgressSink& progress,
                                                 const FurtherFiles& further) {
  std::vector<std::string> to_join;
  const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
  PlannedJobs planned = planned_jobs(experiment, [&](const std::string& algorithm, std::size_t run) {
    RunFiles files = files_of(experiment.scenario, out, algorithm, run, further);
    const bool is_single = experiment.scenario.compare.empty() && !experiment.scenario.adapt;
    files.threads = is_single ? cores : 1;
    if (files.algorithm) {
      to_join.push_back(files.requests);
    }
    return files;
  });
  const std::vector<std::string> results = run_isolated(planned.jobs, cores, progress);
  add_results(results, planned);
  if (!to_join.empty()) {
    analysis::join_rows(to_join, out.file("requests.csv"));
  }
  analysis::write_report(experiment, planned.runs, out);
  return std::move(planned.runs);
}

std::vector<analysis::RunSummary> run_here(const experiment::Experiment& experiment,
                                           const engine::ProgressSink& progress) {
  PlannedJobs planned =
      planned_jobs(experiment, [](const std::string&, std::size_t) { return RunFiles{}; });
  if (planned.jobs.size() == 1) {
    add_results({planned.jobs.front()(progress)}, planned);
  } else {
    add_results(run_isolated(planned.jobs, 1, progress), planned);
  }
  return std::move(planned.runs);
}

}  // namespace offcut::study
