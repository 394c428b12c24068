#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <vector>

#include "analysis/statistics/interval.h"

namespace offcut::study {

/// A run of a candidate. The same replication of all candidates has the same random numbers.
struct CandidateRun {
  std::size_t candidate = 0;
  std::size_t replication = 0;  // From 0.
};

/// Returns the values of runs, of which the least is the best; none for a run that is saturated,
/// breaks a limit, or failed. It is never asked twice about a run.
using RunCandidates =
    std::function<std::vector<std::optional<double>>(const std::vector<CandidateRun>& runs)>;

struct RaceOptions {
  std::size_t first_replications = 2;  // Of all candidates; at least 2.
  std::size_t most_replications = 64;
  double kept = 0.25;  // Of the candidates, the share that a round keeps at least.
  double confidence = 0.95;
};

/// Why a candidate left the race, or that it did not.
enum class RaceEnd {
  without_value,  // A run had none.
  worse,          // The interval of its difference from the best one says so.
  outpaced,       // It was not among the best of a round.
  tied,           // It cannot be told from the winner after all replications.
  won
};

struct Contender {
  std::size_t candidate = 0;
  RaceEnd end = RaceEnd::outpaced;
  std::vector<double> values;                  // By replication.
  double mean = 0;                             // 0 without values.
  std::optional<analysis::Interval> interval;  // Of the mean.
  /// Of its difference from the winner, over the replications that both have.
  std::optional<analysis::PairedDifference> from_winner;
};

struct RaceResult {
  std::vector<Contender> ranking;  // The winner first; those that stayed longer before others.
  std::size_t runs = 0;
};

/// Finds the candidate with the least mean by successive halving (Karnin, Koren, Somekh, ICML 2013;
/// Jamieson and Talwalkar, AISTATS 2016): in each round, those that are left get twice as many
/// replications as before, and only the best share of them stays; from 8 replications on, also
/// those that cannot be told from the best one. Candidates also leave if the paired interval of
/// their difference from the best one excludes 0, at a confidence that holds for all candidates
/// together (Bonferroni), since the best one of many is the luckiest one, too. The result depends
/// on the values only. Throws std::invalid_argument without candidates, or with fewer than two
/// first replications.
RaceResult race(std::size_t candidates, const RaceOptions& options, const RunCandidates& run);

}  // namespace offcut::study
