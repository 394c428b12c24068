#pragma once

#include <deque>
#include <functional>
#include <map>
#include <set>
#include <vector>

#include "sim/study/sweep/farm.h"
#include "sim/study/sweep/journal.h"
#include "sim/study/sweep/sweep_work.h"

namespace offcut::study {

/// The runs of a sweep, or of one of its shards, in order; finished ones go into the journal.
///
/// With a precision, a point goes on in rounds: after all replications of all of its variants are
/// finished, it gets as many more as the variant with the widest interval is expected to need, at
/// most twice those so far. So the replications of a point depend on its results only, not on the
/// order in which runs finish.
class SweepBoard : public JobSource {
 public:
  /// `kept` is the journal of earlier runs; null: there are none.
  SweepBoard(const SweepWork& work, const JournalHead& head, Journal& journal,
             const JournalReader* kept);

  std::optional<std::uint64_t> next() override;
  bool expects_more() const override;
  void finished(std::uint64_t job, JobOutcome outcome) override;
  void poll() override;

  /// Called after each run and ten times a second with the runs that are finished, and those that
  /// are known so far. May throw to end the sweep.
  std::function<void(std::size_t finished, std::size_t known)> on_progress = {};
  /// Called with the number and the error of a run that failed.
  std::function<void(std::uint64_t number, const std::string& error)> on_failure = {};

  std::size_t finished_count() const { return finished_; }
  std::size_t failed_count() const { return failed_; }

 private:
  /// The runs of a point that is not complete. Only with a precision.
  struct OpenPoint {
    std::size_t replications = 0;                       // Of this round.
    std::size_t missing = 0;                            // Runs of this round.
    std::vector<std::map<std::size_t, double>> values;  // By variant and replication.
  };

  /// Returns the entry of a run that need not be done again; null: it must be done.
  const JournalEntry* kept_entry(std::uint64_t job) const;
  std::optional<std::uint64_t> next_listed();
  void close_round(std::size_t point);
  std::size_t replications_needed(const OpenPoint& point) const;
  void keep_value(const Job& job, const FinishedJob& finished);

  const SweepWork& work_;
  const Sweep& sweep_;
  const JournalHead& head_;
  Journal& journal_;
  const JournalReader* kept_;
  std::size_t figure_ = 0;           // Of the precision: its position among the numbers.
  Job cursor_;                       // The next one that is not listed in `extra_`.
  std::deque<std::uint64_t> extra_;  // Further replications.
  std::map<std::size_t, OpenPoint> open_;
  std::size_t running_ = 0, finished_ = 0, failed_ = 0, known_ = 0;
};

}  // namespace offcut::study
