#include "analysis/statistics/training_summary.h"

#include <algorithm>

namespace offcut::analysis {

Seconds TrainingSummary::loading_total() const {
  Seconds total;
  for (const training::LoadingRecord& phase : loading) {
    total += phase.total;
  }
  return total;
}

Seconds TrainingSummary::loading_longest() const {
  Seconds longest;
  for (const training::LoadingRecord& phase : loading) {
    longest += phase.longest;
  }
  return longest;
}

TrainingSummary summary_of(const training::TrainingRecord& record, const std::string& strategy,
                           std::size_t most_shown) {
  TrainingSummary summary{.strategy = strategy,
                          .end = record.end,
                          .duration = record.duration,
                          .accuracy = record.accuracy,
                          .reached = record.reached,
                          .sync = record.sync,
                          .of_loading = record.of_loading,
                          .after_end = record.after_end,
                          .of_sites = record.of_sites,
                          .loading = record.loading};
  for (const training::RoundRecord& round : record.rounds) {
    summary.rounds += round.has_ended ? 1 : 0;
    summary.selected += round.selected;
    summary.participants += round.participants;
    summary.late += round.late;
    summary.lost += round.lost;
    summary.up += round.bytes_up;
    summary.down += round.bytes_down;
    summary.energy += round.energy;
    summary.compute += round.compute;
    summary.communication += round.communication;
    summary.waiting += round.waiting;
    summary.loss = round.participants > 0 ? round.loss : summary.loss;
    if (round.accuracy) {
      summary.best_accuracy = std::max(summary.best_accuracy.value_or(0), *round.accuracy);
    }
    summary.test_loss = round.test_loss ? round.test_loss : summary.test_loss;
  }
  if (record.accuracy) {
    summary.best_accuracy = std::max(summary.best_accuracy.value_or(0), *record.accuracy);
  }
  const std::size_t rounds = record.rounds.size();
  const std::size_t shown = std::min(rounds, most_shown);
  for (std::size_t i = 0; i < shown; ++i) {
    // Evenly spread, the first and the last one included.
    const std::size_t number = shown > 1 ? i * (rounds - 1) / (shown - 1) : rounds - 1;
    summary.shown.push_back(record.rounds[number]);
  }
  return summary;
}

const char* end_text(training::TrainingRecord::End end) {
  using End = training::TrainingRecord::End;
  switch (end) {
    case End::rounds:
      return "all rounds";
    case End::accuracy:
      return "accuracy";
    case End::time:
      return "time";
    case End::stuck:
      return "stuck";
    case End::unfinished:
      break;
  }
  return "unfinished";
}

}  // namespace offcut::analysis
