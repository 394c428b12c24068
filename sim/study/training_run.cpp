#include "sim/study/training_run.h"

#include <algorithm>

#include "analysis/tables/training_tables.h"
#include "models/onnx/export.h"
#include "models/onnx/open_batch.h"
#include "sim/experiment/training_job.h"
#include "sim/experiment/training_keys.h"
#include "sim/training/local_trainer.h"

namespace offcut::study {
namespace {

analysis::ClientGroups groups_of(const scenario::Scenario& scenario) {
  analysis::ClientGroups groups;
  std::size_t first = 0;
  for (std::size_t group = 0; group < scenario.groups; ++group) {
    groups.firsts.push_back(first);
    groups.names.push_back(scenario.tiers[group].name);
    first += scenario.tiers[group].servers;
  }
  return groups;
}

}  // namespace

TrainingRun::TrainingRun(const experiment::Experiment& experiment, unsigned threads,
                         engine::ProgressSink progress)
    : experiment_(experiment),
      progress_(std::move(progress)),
      strategy_(experiment.training->start(threads)) {}

TrainingRun::~TrainingRun() = default;

/// Calls the strategy, whose errors come at the keys of the scenario.
template <class Call>
void TrainingRun::call(Call call) {
  experiment::at_strategy(*experiment_.scenario.training, call);
  report_progress();
}

void TrainingRun::begins(engine::Tasks& tasks) {
  tasks_ = &tasks;
  call([&] { strategy_->begins(tasks); });
}
void TrainingRun::ended(const engine::TaskReport& report) {
  call([&] { strategy_->ended(report); });
}
void TrainingRun::woken(std::size_t token) {
  call([&] { strategy_->woken(token); });
}
void TrainingRun::sent(std::size_t token, Bytes bytes) { strategy_->sent(token, bytes); }
void TrainingRun::ends(Seconds end) {
  call([&] { record_ = strategy_->close(end); });
}

/// Reports the share of the rounds that have ended, or that of the time after which the training or
/// the run ends, whichever is larger. Where a number of requests ends the run, it is their share
/// that counts, which the engine reports.
void TrainingRun::report_progress() {
  const scenario::Scenario& scenario = experiment_.scenario;
  if (!progress_ || scenario.stop.requests) {
    return;
  }
  const auto share_of = [&](const std::optional<Seconds>& after) {
    return after ? tasks_->now().si() / after->si() : 0.0;
  };
  const double share = scenario.stop.after
                           ? share_of(scenario.stop.after)
                           : std::max(strategy_->done(), share_of(scenario.training->stop.after));
  if (share > shown_) {
    shown_ = share;
    progress_(share);
  }
}

analysis::TrainingSummary TrainingRun::summary() const {
  analysis::TrainingSummary summary =
      analysis::summary_of(record_, experiment_.scenario.training->method());
  summary.target = experiment_.scenario.training->stop.accuracy;
  return summary;
}

void TrainingRun::write(bool knows_energy, const TrainingRunFiles& files) const {
  const experiment::TrainingJob& job = *experiment_.training;
  analysis::write_training_tables(record_, job.training_samples(), job.shares(),
                                  groups_of(experiment_.scenario), knows_energy,
                                  {files.rounds, files.clients, files.shares});
  if (!files.model.empty()) {
    // One file: a weight is 4 bytes, so that only networks of gigabytes would need a second one.
    const onnx::BatchPair pair =
        onnx::batch_pair(job.network_with(record_.state), job.job().trainer->libraries().operators);
    onnx::export_onnx(pair.one, files.model, {.batch_of_two = pair.batch_of_two()});
  }
}

}  // namespace offcut::study
