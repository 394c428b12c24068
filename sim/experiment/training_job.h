#pragma once

#include <memory>
#include <string>
#include <vector>

#include "models/dataset/samples.h"
#include "sim/experiment/training_system.h"
#include "sim/experiment/training_times.h"
#include "sim/scenario/scenario.h"
#include "sim/training/strategy.h"

namespace offcut::experiment {

/// The training job of a scenario with all that it points to: network, samples, what each device
/// holds, and the times of steps. Each device is a client. A job serves one run at a time, since
/// strategies train with its trainer.
class TrainingJob {
 public:
  /// Loads network and samples, and divides these among the devices. The registries outlive the
  /// job. Throws InputError if they don't fit together, or a network can't be trained. REQUIRES:
  /// the scenario trains, and its tiers are those of the run.
  TrainingJob(const scenario::Scenario& scenario, const scenario::Registries& registries);
  ~TrainingJob();
  TrainingJob(const TrainingJob&) = delete;
  TrainingJob& operator=(const TrainingJob&) = delete;

  const training::Job& job() const { return job_; }
  const training::StrategyKind& strategy() const { return *strategy_; }
  const Graph& network() const { return network_; }
  const dataset::Samples& training_samples() const { return data_.training; }
  const dataset::Samples& test_samples() const { return data_.test; }
  const training::ClientData& shares() const { return shares_; }
  /// Remarks for reports, such as on the origin of times.
  const std::vector<std::string>& notes() const { return notes_; }

  /// Makes the strategy of a run. Throws InputError if the job does not fit it.
  std::unique_ptr<training::Strategy> start(unsigned threads) const;
  /// Predicts a round in an idle system, in closed form. Throws InputError likewise.
  training::RoundForecast forecast() const;

  /// A strategy that goes through the motions of a run without its mathematics, see
  /// training::LocalSettings::is_rehearsal. It has no rule to stop but the number of rounds.
  struct Rehearsal {
    std::unique_ptr<training::LocalTrainer> trainer;
    std::unique_ptr<training::Strategy> strategy;
  };
  /// `forecast` has the cut of the run. Throws InputError likewise.
  Rehearsal rehearse(const training::RoundForecast& forecast, std::int64_t rounds) const;
  /// Returns the network with a state's values.
  Graph network_with(const training::State& state) const;

 private:
  void load_network(const scenario::Scenario& scenario, const scenario::Registries& registries);
  Graph joint_network(const scenario::Registries& registries, std::uint64_t seed) const;
  void load_samples(const scenario::Registries& registries);
  std::vector<std::string> fitting_networks(const scenario::Registries& registries) const;
  void check_shapes(const scenario::Registries& registries) const;
  Named loss(const scenario::Registries& registries) const;
  train::Weights chosen_weights(const scenario::Registries& registries) const;
  void make_trainer(const scenario::Registries& registries, const Named& loss);
  void divide(const scenario::Scenario& scenario);
  void fill_in_job(const scenario::Scenario& scenario);
  std::unique_ptr<training::Strategy> make(training::Job job,
                                           const training::RoundForecast& forecast) const;

  const scenario::TrainingChoice choice_;
  const train::Libraries libraries_;
  const training::StrategyKind* strategy_;
  Graph network_{""};
  dataset::Dataset data_;
  training::ClientData shares_;
  std::unique_ptr<training::LocalTrainer> trainer_;
  std::unique_ptr<TrainingTimes> times_;
  TrainingSystem system_;
  training::Job job_;
  std::vector<std::string> notes_;
};

}  // namespace offcut::experiment
