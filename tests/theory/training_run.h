#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "sim/scenario/scenario.h"
#include "sim/study/training_rehearsal.h"
#include "sim/training/strategy.h"

namespace offcut::theory_tests {

/// A round of a run, as numbers.
struct TimedRound {
  double start = 0, end = 0;
  double compute = 0, communication = 0, waiting = 0;
  double bytes_up = 0, bytes_down = 0;
  std::int64_t selected = 0, late = 0;

  double length() const { return end - start; }
};

/// The predictions of the program for a scenario that trains, and its simulation.
struct TrainedScenario {
  training::RoundForecast forecast;  // The closed form.
  study::TrainingForecast rehearsal;
  std::vector<TimedRound> rounds;
  std::vector<std::size_t> level_of;
  double loading = 0;  // Until the first round.
  /// The time of a step of one full batch on device 0, and of an update of all weights there and on
  /// the last tier.
  double step = 0, gradient = 0, device_update = 0, server_update = 0;
  double state_bytes = 0;
};

/// Reads, prepares and runs the scenario as the program does, in a process of its own. `own_links`
/// is as in engine::RunSettings.
TrainedScenario train_scenario(const std::string& text, const scenario::Registries& registries,
                               bool own_links = true);

/// Reads the scenario, and rehearses it.
study::TrainingForecast rehearsed_scenario(const std::string& text,
                                           const scenario::Registries& registries);

}  // namespace offcut::theory_tests
