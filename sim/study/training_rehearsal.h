#pragma once

#include <cstdint>
#include <string>

#include "sim/experiment/experiment.h"
#include "sim/training/strategy.h"

namespace offcut::study {

/// The limits of a rehearsal. A round of more clients, or of more tasks, is not rehearsed: its
/// forecast is the closed form.
inline constexpr std::int64_t kRehearsedRounds = 10;
inline constexpr std::size_t kMostRehearsedClients = 10'000;   // Of a server's round.
inline constexpr std::size_t kMostRehearsedPeers = 500;        // If all devices take part.
inline constexpr std::size_t kMostRehearsedDevices = 500'000;  // Of the system.
inline constexpr std::size_t kMostRehearsedTasks = 400'000;    // Of all rounds.

/// The prediction of a training job in an idle system.
struct TrainingForecast {
  /// The mean of the rehearsed rounds, or the strategy's closed form. Of an asynchronous server, it
  /// is the mean over whole turns of its clients, without the first turn.
  training::RoundForecast mean;
  std::int64_t rehearsed = 0;           // Rounds of the mean; 0: the closed form.
  std::int64_t first = 1;               // The first of them.
  std::string reason;                   // For the closed form.
  Seconds shortest, longest;            // Of the rehearsed rounds.
  std::int64_t selected = 0, late = 0;  // In these rounds.
  Seconds all;                          // Until the last round of the job ends, loading included.
};

/// Rehearses the first rounds of the experiment's job: the real strategy in the real engine, in a
/// process of its own, in the idle system (experiment/idle_system.h) and without its mathematics
/// (training::LocalSettings::is_rehearsal). Clients are drawn as in the run, so that these are the
/// times of the run's first rounds if its system is idle; a selection that reads losses finds all
/// of them alike. Throws InputError as the run would. REQUIRES: the experiment trains, and the
/// process has one thread.
TrainingForecast forecast_training(const experiment::Experiment& experiment);

}  // namespace offcut::study
