// Rounds of replications under common random numbers, after each of which candidates leave.

#include "sim/study/answers/racing.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>
#include <stdexcept>
#include <utility>

namespace offcut::study {
namespace {

/// With fewer replications, candidates leave by their means alone.
constexpr std::size_t kLeastForTies = 8;

class Race {
 public:
  Race(std::size_t candidates, const RaceOptions& options, const RunCandidates& run)
      : options_(options),
        run_(run),
        contenders_(candidates),
        figures_(candidates, std::vector<std::vector<double>>(options.conditions.size())),
        left_(candidates) {
    std::iota(left_.begin(), left_.end(), std::size_t{0});
    for (const std::size_t i : left_) {
      contenders_[i].candidate = i;
    }
  }

  RaceResult result() {
    run_rounds(std::min(options_.first_replications, options_.most_replications));
    while (!best_certain() && revive()) {
      std::size_t least = options_.most_replications;
      for (const std::size_t i : left_) {
        least = std::min(least, contenders_[i].values.size());
      }
      run_rounds(least);
    }
    return ranked();
  }

 private:
  using Contenders = std::vector<std::size_t>;

  /// Runs those that are left until the race is decided, or may not go on.
  void run_rounds(std::size_t replications) {
    while (true) {
      run_until(replications);
      drop(without_values(), RaceEnd::without_value);
      drop(breaking(), RaceEnd::breaks_condition);
      sort_by_mean();
      drop(clearly_worse(), RaceEnd::worse);
      if (is_decided(replications) || replications >= options_.most_replications) {
        return;
      }
      drop(outpaced(replications), RaceEnd::outpaced);
      const std::size_t next = affordable(replications);
      if (is_decided(replications) || next == replications) {
        return;
      }
      replications = next;
    }
  }

  /// Brings back those that left for a candidate that seemed to keep all conditions, and sets aside
  /// those that are left. Returns whether there are any.
  bool revive() {
    aside_.insert(aside_.end(), left_.begin(), left_.end());
    left_.clear();
    const auto is_back = [&](std::size_t i) {
      const RaceEnd end = contenders_[i].end;
      return (end == RaceEnd::worse || end == RaceEnd::outpaced) && excess(i) == 0;
    };
    std::copy_if(gone_.begin(), gone_.end(), std::back_inserter(left_), is_back);
    std::erase_if(gone_, is_back);
    return !left_.empty();
  }

  /// Returns how many of the candidates stay: at least one, and fewer than all.
  std::size_t kept_of(std::size_t count) const {
    const auto kept =
        static_cast<std::size_t>(std::ceil(options_.kept * static_cast<double>(count)));
    return std::clamp<std::size_t>(kept, 1, std::max<std::size_t>(1, count - 1));
  }

  /// Returns the replications of the next round: twice as many, or as many as may be run.
  std::size_t affordable(std::size_t replications) const {
    const std::size_t next = std::min(2 * replications, options_.most_replications);
    const std::size_t left = options_.most_runs - std::min(options_.most_runs, runs_);
    return std::min(next, replications + left / std::max<std::size_t>(1, left_.size()));
  }

  void run_until(std::size_t replications) {
    std::vector<CandidateRun> runs;
    for (const std::size_t i : left_) {
      for (std::size_t r = contenders_[i].values.size(); r < replications; ++r) {
        runs.push_back({.candidate = i, .replication = r});
      }
    }
    runs_ += runs.size();
    const std::vector<std::optional<CandidateValues>> values = run_(runs);
    for (std::size_t i = 0; i < runs.size(); ++i) {
      Contender& contender = contenders_[runs[i].candidate];
      if (!values[i]) {
        contender.end = RaceEnd::without_value;
        continue;
      }
      contender.values.push_back(values[i]->goal);
      std::vector<std::vector<double>>& figures = figures_[runs[i].candidate];
      for (std::size_t k = 0; k < figures.size(); ++k) {
        figures[k].push_back(values[i]->figures.at(k));
      }
    }
    for (const std::size_t i : left_) {
      summarise(i);
    }
  }

  void summarise(std::size_t i) {
    Contender& contender = contenders_[i];
    contender.interval = analysis::mean_interval(contender.values, options_.confidence);
    contender.mean = contender.interval         ? contender.interval->estimate
                     : contender.values.empty() ? 0
                                                : contender.values.front();
    contender.figures.clear();
    for (const std::vector<double>& figure : figures_[i]) {
      contender.figures.push_back(analysis::mean_interval(figure, options_.confidence));
    }
  }

  /// Returns whether the interval of each figure says that its condition is kept.
  bool is_certain(std::size_t i) const {
    return all_conditions(i, [](const Condition& condition, const analysis::Interval& interval) {
      return holds_within(condition, interval) == Holds::yes;
    });
  }

  template <class Test>
  bool all_conditions(std::size_t i, Test test) const {
    const Contender& contender = contenders_[i];
    for (std::size_t k = 0; k < options_.conditions.size(); ++k) {
      if (!contender.figures[k] || !test(options_.conditions[k], *contender.figures[k])) {
        return false;
      }
    }
    return true;
  }

  /// Returns by how much the means break conditions, as a share of the bound; 0: by nothing. With
  /// few replications, a little is nothing.
  double excess(std::size_t i) const {
    constexpr double kEarlyTolerance = 0.05;
    const bool is_early = contenders_[i].values.size() < kLeastForTies;
    double most = 0;
    for (std::size_t k = 0; k < options_.conditions.size(); ++k) {
      const Condition& condition = options_.conditions[k];
      const auto& interval = contenders_[i].figures[k];
      if (interval && !condition.holds(interval->estimate)) {
        most = std::max(most, relative_excess(condition, interval->estimate));
      }
    }
    return is_early && most <= kEarlyTolerance ? 0 : most;
  }

  bool is_decided(std::size_t replications) const {
    return left_.empty() || (left_.size() == 1 && is_certain(left_.front()) &&
                             replications >= options_.least_replications);
  }

  Contenders breaking() const {
    Contenders found;
    std::copy_if(left_.begin(), left_.end(), std::back_inserter(found), [&](std::size_t i) {
      return !all_conditions(i, [](const Condition& condition, const analysis::Interval& interval) {
        return holds_within(condition, interval) != Holds::no;
      });
    });
    return found;
  }

  /// Returns the best candidate that keeps all conditions for certain. REQUIRES: sort_by_mean().
  std::optional<std::size_t> best_certain() const {
    const auto found =
        std::find_if(left_.begin(), left_.end(), [&](std::size_t i) { return is_certain(i); });
    return found == left_.end() ? std::nullopt : std::optional(*found);
  }

  Contenders without_values() const {
    Contenders found;
    std::copy_if(left_.begin(), left_.end(), std::back_inserter(found),
                 [&](std::size_t i) { return contenders_[i].end == RaceEnd::without_value; });
    return found;
  }

  void sort_by_mean() {
    std::stable_sort(left_.begin(), left_.end(), [&](std::size_t a, std::size_t b) {
      return std::pair(excess(a), contenders_[a].mean) < std::pair(excess(b), contenders_[b].mean);
    });
  }

  /// Returns the difference from a better contender, over the replications that both have.
  static std::optional<analysis::PairedDifference> difference(const Contender& one,
                                                              const Contender& best,
                                                              double confidence) {
    const std::size_t common = std::min(one.values.size(), best.values.size());
    return analysis::paired_interval(std::span(one.values).first(common),
                                     std::span(best.values).first(common), confidence);
  }

  /// Returns the winner: the best candidate, or the first one that is as good.
  std::optional<std::size_t> winner() const {
    std::optional<std::size_t> best = best_certain();
    if (!best) {
      return best;
    }
    const double limit =
        contenders_[*best].mean + options_.worthwhile * std::abs(contenders_[*best].mean);
    std::size_t first = *best;
    for (const std::size_t i : left_) {
      if (i < first && is_certain(i) && contenders_[i].mean <= limit &&
          !is_worse(i, *best, options_.confidence)) {
        first = i;
      }
    }
    return first;
  }

  bool is_worse(std::size_t i, std::size_t best, double confidence) const {
    const auto lag = difference(contenders_[i], contenders_[best], confidence);
    return lag && lag->difference.low > 0;
  }

  Contenders clearly_worse() const {
    Contenders found;
    const double together = 1 - (1 - options_.confidence) / static_cast<double>(contenders_.size());
    const std::optional<std::size_t> best = best_certain();
    for (const std::size_t i : left_) {
      if (best && i != *best && is_worse(i, *best, together)) {
        found.push_back(i);
      }
    }
    return found;
  }

  /// Returns those that are not among the best. After some replications, those that cannot be told
  /// from the best one stay, whatever their rank, unless their means break a condition.
  Contenders outpaced(std::size_t replications) const {
    Contenders found;
    if (left_.empty()) {
      return found;
    }
    const std::optional<std::size_t> certain = best_certain();
    const std::size_t best = certain.value_or(left_.front());
    for (std::size_t place = kept_of(left_.size()); place < left_.size(); ++place) {
      const std::size_t i = left_[place];
      const bool is_tie = replications >= kLeastForTies && excess(i) == 0 &&
                          difference(contenders_[i], contenders_[best], options_.confidence) &&
                          !is_worse(i, best, options_.confidence);
      if (i != best && !is_tie) {
        found.push_back(i);
      }
    }
    return found;
  }

  void drop(const Contenders& leaving, RaceEnd end) {
    // The last to leave rank before those that left earlier.
    gone_.insert(gone_.begin(), leaving.begin(), leaving.end());
    for (const std::size_t i : leaving) {
      contenders_[i].end = end;
      std::erase(left_, i);
    }
  }

  static int rank_of(RaceEnd end) {
    return end == RaceEnd::without_value ? 2 : end == RaceEnd::breaks_condition ? 1 : 0;
  }

  RaceResult ranked() {
    RaceResult result{.runs = runs_};
    const std::optional<std::size_t> first = winner();
    for (const std::size_t i : left_) {
      contenders_[i].end = i == first      ? RaceEnd::won
                           : is_certain(i) ? RaceEnd::tied
                                           : RaceEnd::unclear;
    }
    for (const std::size_t i : aside_) {
      contenders_[i].end = RaceEnd::unclear;
    }
    Contenders order = left_;
    order.insert(order.end(), aside_.begin(), aside_.end());
    order.insert(order.end(), gone_.begin(), gone_.end());
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      const auto key = [&](std::size_t i) {
        return std::pair(i != first, rank_of(contenders_[i].end));
      };
      return key(a) < key(b);
    });
    for (const std::size_t i : order) {
      Contender contender = contenders_[i];
      if (first && i != *first) {
        contender.from_winner = difference(contender, contenders_[*first], options_.confidence);
      }
      result.ranking.push_back(std::move(contender));
    }
    return result;
  }

  const RaceOptions& options_;
  const RunCandidates& run_;
  std::vector<Contender> contenders_;
  std::vector<std::vector<std::vector<double>>> figures_;  // By candidate and condition.
  Contenders left_;                                        // After a round, the best first.
  Contenders gone_, aside_;
  std::size_t runs_ = 0;
};

}  // namespace

RaceResult race(std::size_t candidates, const RaceOptions& options, const RunCandidates& run) {
  constexpr std::size_t kLeast = 2;  // Without two replications there is no interval.
  if (candidates == 0 || options.first_replications < kLeast ||
      options.most_replications < kLeast) {
    throw std::invalid_argument("a race needs a candidate, and two replications of each");
  }
  return Race(candidates, options, run).result();
}

}  // namespace offcut::study
