#pragma once

#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "models/train/step_cost.h"
#include "sim/scenario/scenario.h"
#include "sim/training/step_times.h"

namespace offcut::experiment {

/// The times of training steps on the machines of a scenario.
///
/// A device of the catalogue has a roofline, by which each kernel of a step takes its time (see
/// train::step_times()). Of a device that was profiled, or fitted to profiles, only the way forward
/// is known: the way back of a layer is that time, times the ratio of multiply-accumulates (of
/// bytes, if the layer has none), and an update takes the time in which the way forward moves as
/// many bytes. Where a tier has unlike machines, its times are those of the slowest.
class TrainingTimes : public training::StepTimes {
 public:
  /// `network` is for a batch of one and outlives the times. Throws InputError
  /// if a tier has no times for it.
  TrainingTimes(const scenario::Scenario& scenario, const Graph& network,
                std::vector<train::StepWork> work);
  ~TrainingTimes() override;

  training::StepParts of(std::size_t group, std::size_t level, std::int64_t batch,
                         std::span<const LayerId> layers = {}) const override;
  Seconds forward(std::size_t group, std::size_t level, std::int64_t batch) const override;

  /// Returns the names of the tiers whose way back is derived from measured times.
  const std::vector<std::string>& derived() const { return derived_; }

 private:
  class Machine;

  const std::vector<train::LayerStepTime>& times(std::size_t tier, std::int64_t batch) const;

  std::size_t groups_;
  std::vector<std::vector<std::unique_ptr<Machine>>> machines_;  // By tier of the scenario.
  std::vector<std::string> derived_;
  // By tier and batch. Filled in as strategies ask.
  mutable std::map<std::pair<std::size_t, std::int64_t>, std::vector<train::LayerStepTime>> known_;
};

}  // namespace offcut::experiment
