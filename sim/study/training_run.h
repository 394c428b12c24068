#pragma once

#include <memory>
#include <string>

#include "analysis/statistics/training_summary.h"
#include "sim/engine/tasks/director.h"
#include "sim/experiment/experiment.h"
#include "sim/training/strategy.h"

namespace offcut::study {

/// The files that a training job leaves. An empty name means no file.
struct TrainingRunFiles {
  std::string rounds, clients, shares, model;
};

/// The training job of an experiment in one run: simulate() gets it as the director.
class TrainingRun : public engine::Director {
 public:
  /// The experiment outlives the run. `progress`, which may be empty, receives the share of the
  /// training that is done. Throws InputError if the job does not fit its strategy.
  /// REQUIRES: the experiment trains.
  TrainingRun(const experiment::Experiment& experiment, unsigned threads,
              engine::ProgressSink progress);
  ~TrainingRun() override;

  void begins(engine::Tasks& tasks) override;
  void ended(const engine::TaskReport& report) override;
  void woken(std::size_t token) override;
  void sent(std::size_t token, Bytes bytes) override;
  void ends(Seconds end) override;

  /// REQUIRES: the run has ended.
  analysis::TrainingSummary summary() const;
  /// Writes rounds, clients, what they hold, and the trained model as ONNX. `knows_energy` says
  /// whether the power draw of the devices is known. REQUIRES: the run has ended.
  void write(bool knows_energy, const TrainingRunFiles& files) const;

 private:
  template <class Call>
  void call(Call call);
  void report_progress();

  const experiment::Experiment& experiment_;
  const engine::ProgressSink progress_;
  engine::Tasks* tasks_ = nullptr;
  double shown_ = 0;
  std::unique_ptr<training::Strategy> strategy_;
  training::TrainingRecord record_;
};

}  // namespace offcut::study
