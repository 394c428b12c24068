#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/training/strategy.h"

namespace offcut::analysis {

/// The results of a training job over its run, apart from the model.
struct TrainingSummary {
  std::string strategy;  // As the user named it.
  training::TrainingRecord::End end = training::TrainingRecord::End::unfinished;
  std::int64_t rounds = 0;
  Seconds duration;
  std::optional<double> accuracy;  // Of the last judgement.
  std::optional<double> best_accuracy;
  std::optional<double> test_loss;  // Likewise of the last one.
  double loss = 0;                  // Of the last round, while devices trained.
  std::optional<double> target;     // The accuracy at which the training stops.
  std::optional<Seconds> reached;   // The time at which the accuracy to stop at was reached.

  // Sums over rounds.
  std::int64_t selected = 0, participants = 0, late = 0, lost = 0;
  Bytes up, down;
  Joules energy;
  Seconds compute, communication, waiting;  // Of the slowest participants.

  Seconds sync;  // See TrainingRecord.
  training::Carried of_loading, after_end, of_sites;
  std::vector<training::LoadingRecord> loading;
  std::vector<training::RoundRecord> shown;  // Some rounds, the first and the last one among them.

  Bytes bytes() const { return up + down; }
  Seconds loading_total() const;
  Seconds loading_longest() const;  // Of all phases, one after the other.
};

/// Returns the summary of a record; `most_shown` is the most rounds that it keeps.
TrainingSummary summary_of(const training::TrainingRecord& record, const std::string& strategy,
                           std::size_t most_shown = 8);

/// Returns "all rounds", "accuracy", "time", "stuck" or "unfinished".
const char* end_text(training::TrainingRecord::End end);

}  // namespace offcut::analysis
