#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/base/column_table.h"
#include "models/train/trainer.h"

namespace offcut::cli {

/// The figures of an epoch.
struct EpochFigures {
  train::EpochRecord record;
  std::optional<train::Judgement> validation, test;
};

/// A run of `offcut train` so far: what a checkpoint holds beside the trainer's state.
struct TrainingProgress {
  std::vector<EpochFigures> epochs;
  std::int64_t best_epoch = 0;  // By the validation samples; 0 without them.
  std::string best_state;       // Of the trainer, then; kept only for early stopping.

  /// Returns whether the last epoch is the best one so far.
  bool last_is_best() const;

  /// Returns the bytes of a checkpoint. `setting` recognises the run beyond the trainer's own
  /// options.
  std::string packed(const train::Trainer& trainer, const std::string& setting) const;

  /// Restores both. Throws std::invalid_argument for other bytes, and those of another run.
  static TrainingProgress unpacked(const std::string& bytes, const std::string& setting,
                                   train::Trainer& trainer);
};

/// A row of epochs.csv: an epoch at one exit.
struct EpochRow {
  const EpochFigures& figures;
  const std::string& exit;
  std::size_t number;  // Of the exit.
  bool is_final;       // The exit whose training accuracy is known.
  bool has_classes;
};

const ColumnTable<EpochRow>& epoch_table();

/// Writes the rows of all epochs.
void write_epochs(const TrainingProgress& progress, const std::vector<std::string>& exits,
                  std::size_t final_exit, bool has_classes, const std::string& path);

}  // namespace offcut::cli
