#include "training_run.h"

#include <fmt/format.h>

#include <iomanip>
#include <sstream>

#include "../temporary_folder.h"
#include "sim/experiment/compile.h"
#include "sim/experiment/plan_runs.h"
#include "sim/experiment/training_job.h"
#include "sim/study/isolate.h"

namespace offcut::theory_tests {
namespace {

/// Closes the books while the engine still lives.
class BookKeeper final : public engine::Director {
 public:
  explicit BookKeeper(training::Strategy& strategy) : strategy_(strategy) {}
  void begins(engine::Tasks& tasks) override { strategy_.begins(tasks); }
  void ended(const engine::TaskReport& report) override { strategy_.ended(report); }
  void woken(std::size_t token) override { strategy_.woken(token); }
  void sent(std::size_t token, Bytes bytes) override { strategy_.sent(token, bytes); }
  void ends(Seconds end) override { record = strategy_.close(end); }

  training::TrainingRecord record;

 private:
  training::Strategy& strategy_;
};

std::string text_of(const training::TrainingRecord& record) {
  std::ostringstream text;
  text << std::setprecision(17) << record.level_of.size();
  for (const std::size_t level : record.level_of) {
    text << ' ' << level;
  }
  for (const training::RoundRecord& r : record.rounds) {
    text << '\n';
    for (const double value : {r.start.si(), r.end.si(), r.compute.si(), r.communication.si(),
                               r.waiting.si(), r.bytes_up.si(), r.bytes_down.si()}) {
      text << value << ' ';
    }
    text << r.selected << ' ' << r.late;
  }
  return text.str();
}

}  // namespace

TrainedScenario train_scenario(const std::string& text, const scenario::Registries& registries,
                               bool own_links) {
  const TemporaryFolder folder;
  experiment::Experiment experiment =
      experiment::read_experiment(folder.write("scenario.yaml", text), {}, registries);
  experiment.scenario.own_links = own_links;
  const experiment::TrainingJob& trained = *experiment.training;
  const training::Job& job = trained.job();
  TrainedScenario result;
  result.forecast = trained.forecast();
  result.rehearsal = study::forecast_training(experiment);
  const std::size_t last = experiment.scenario.tiers.size() - experiment.scenario.groups;
  const training::StepParts step = job.times->of(0, 0, job.settings.batch);
  result.step = step.all().si();
  result.gradient = (step.forward + step.backward).si();
  result.device_update = job.times->of(0, 0, 1).update.si();
  result.server_update = job.times->of(0, last, 1).update.si();
  result.state_bytes = job.trainer->layout().bytes().si();

  const study::IsolatedJob run = [&](const engine::ProgressSink&) {
    const experiment::PlannedRun planned = experiment::plan_runs(experiment).front();
    const experiment::CompiledRun compiled =
        experiment::compile(experiment, std::get<std::vector<partition::Plan>>(planned.outcome));
    const std::unique_ptr<training::Strategy> strategy = trained.start(1);
    BookKeeper director(*strategy);
    engine::simulate(compiled.simulation, {}, *compiled.controller, &director);
    return text_of(director.record);
  };
  std::istringstream lines(study::run_isolated({run}, 1).front());
  std::string line;
  std::getline(lines, line);
  std::istringstream levels(line);
  std::size_t count = 0;
  levels >> count;
  result.level_of.resize(count);
  for (std::size_t& level : result.level_of) {
    levels >> level;
  }
  while (std::getline(lines, line)) {
    TimedRound r;
    std::istringstream(line) >> r.start >> r.end >> r.compute >> r.communication >> r.waiting >>
        r.bytes_up >> r.bytes_down >> r.selected >> r.late;
    result.rounds.push_back(r);
  }
  result.loading = result.rounds.empty() ? 0 : result.rounds.front().start;
  return result;
}

study::TrainingForecast rehearsed_scenario(const std::string& text,
                                           const scenario::Registries& registries) {
  const TemporaryFolder folder;
  return study::forecast_training(
      experiment::read_experiment(folder.write("scenario.yaml", text), {}, registries));
}

}  // namespace offcut::theory_tests
