#pragma once

#include <cstddef>
#include <functional>
#include <limits>
#include <optional>
#include <vector>

#include "sim/study/answers/condition.h"

namespace offcut::study {

/// A run of a candidate. The same replication of all candidates has the same random numbers.
struct CandidateRun {
  std::size_t candidate = 0;
  std::size_t replication = 0;  // From 0.
};

/// The figures of a run.
struct CandidateValues {
  double goal = 0;                   // The least is the best.
  std::vector<double> figures = {};  // Those of the conditions, in their order.
};

/// Returns the values of runs; none for a run that is saturated or failed. It is never asked twice
/// about a run.
using RunCandidates = std::function<std::vector<std::optional<CandidateValues>>(
    const std::vector<CandidateRun>& runs)>;

struct RaceOptions {
  std::size_t first_replications = 2;  // Of all candidates; at least 2.
  std::size_t least_replications = 2;  // Of the winner, for its interval.
  std::size_t most_replications = 64;
  /// The runs of all candidates together, beyond which only the first replications go. A round that
  /// would take more has fewer replications, or is not run.
  std::size_t most_runs = std::numeric_limits<std::size_t>::max();
  double kept = 0.25;  // Of the candidates, the share that a round keeps at least.
  double confidence = 0.95;
  std::vector<Condition> conditions = {};  // That the winner keeps.
  /// Among candidates that cannot be told from the one with the least mean, the first one wins
  /// whose mean is higher by at most this share.
  double worthwhile = 0;
};

/// Why a candidate left the race, or that it did not.
enum class RaceEnd {
  without_value,     // A run had none.
  breaks_condition,  // The interval of a figure says so.
  worse,             // The interval of its difference from the best one says so.
  outpaced,          // It was not among the best of a round.
  unclear,           // After all replications, the interval of a figure contains the bound.
  tied,              // It cannot be told from the winner after all replications.
  won
};

struct Contender {
  std::size_t candidate = 0;
  RaceEnd end = RaceEnd::outpaced;
  std::vector<double> values;                              // Of the goal, by replication.
  double mean = 0;                                         // 0 without values.
  std::optional<analysis::Interval> interval;              // Of the mean.
  std::vector<std::optional<analysis::Interval>> figures;  // Of the means of the conditions'.
  /// Of its difference from the winner, over the replications that both have.
  std::optional<analysis::PairedDifference> from_winner;
};

struct RaceResult {
  /// The winner first; those that stayed longer before others; those that break a condition, or
  /// have no value, last. No winner: no candidate keeps all conditions for certain.
  std::vector<Contender> ranking;
  std::size_t runs = 0;

  bool has_winner() const { return !ranking.empty() && ranking.front().end == RaceEnd::won; }
};

/// Finds the candidate with the least mean by successive halving (Karnin, Koren, Somekh, ICML 2013;
/// Jamieson and Talwalkar, AISTATS 2016): in each round, those that are left get twice as many
/// replications as before, and only the best share of them stays; from 8 replications on, also
/// those that cannot be told from the best one. Candidates also leave if the paired interval of
/// their difference from the best one excludes 0, at a confidence that holds for all candidates
/// together (Bonferroni), since the best one of many is the luckiest one, too.
///
/// A condition is kept, or broken, if it is so over the whole interval of the mean. Candidates
/// whose means keep all conditions rank before others. Only a candidate that keeps them for certain
/// can win, or make others leave as worse, and the best one of these always stays. If it turns out
/// later that its condition is not certain, and none of those that are left keeps all conditions,
/// those that left for it come back.
///
/// The result depends on the values only. Throws std::invalid_argument without candidates, or with
/// fewer than two first replications.
RaceResult race(std::size_t candidates, const RaceOptions& options, const RunCandidates& run);

}  // namespace offcut::study
