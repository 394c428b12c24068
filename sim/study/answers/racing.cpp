// Rounds of replications under common random numbers, after each of which candidates leave.

#include "sim/study/answers/racing.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>
#include <stdexcept>

namespace offcut::study {
namespace {

class Race {
 public:
  Race(std::size_t candidates, const RaceOptions& options, const RunCandidates& run)
      : options_(options), run_(run), contenders_(candidates), left_(candidates) {
    std::iota(left_.begin(), left_.end(), std::size_t{0});
    for (const std::size_t i : left_) {
      contenders_[i].candidate = i;
    }
  }

  RaceResult result() {
    std::size_t replications = std::min(options_.first_replications, options_.most_replications);
    while (true) {
      run_until(replications);
      drop(without_values(), RaceEnd::without_value);
      sort_by_mean();
      drop(clearly_worse(), RaceEnd::worse);
      if (left_.size() <= 1 || replications == options_.most_replications) {
        break;
      }
      drop(outpaced(replications), RaceEnd::outpaced);
      if (left_.size() == 1) {
        break;
      }
      replications = std::min(2 * replications, options_.most_replications);
    }
    return ranked();
  }

 private:
  /// Returns how many of the candidates stay: at least one, and fewer than all.
  std::size_t kept_of(std::size_t count) const {
    const auto kept =
        static_cast<std::size_t>(std::ceil(options_.kept * static_cast<double>(count)));
    return std::clamp<std::size_t>(kept, 1, count - 1);
  }

  void run_until(std::size_t replications) {
    std::vector<CandidateRun> runs;
    for (const std::size_t i : left_) {
      for (std::size_t r = contenders_[i].values.size(); r < replications; ++r) {
        runs.push_back({.candidate = i, .replication = r});
      }
    }
    runs_ += runs.size();
    const std::vector<std::optional<double>> values = run_(runs);
    for (std::size_t i = 0; i < runs.size(); ++i) {
      Contender& contender = contenders_[runs[i].candidate];
      if (values[i]) {
        contender.values.push_back(*values[i]);
      } else {
        contender.end = RaceEnd::without_value;
      }
    }
    for (const std::size_t i : left_) {
      Contender& contender = contenders_[i];
      contender.interval = analysis::mean_interval(contender.values, options_.confidence);
      contender.mean = contender.interval         ? contender.interval->estimate
                       : contender.values.empty() ? 0
                                                  : contender.values.front();
    }
  }

  std::vector<std::size_t> without_values() const {
    std::vector<std::size_t> found;
    std::copy_if(left_.begin(), left_.end(), std::back_inserter(found),
                 [&](std::size_t i) { return contenders_[i].end == RaceEnd::without_value; });
    return found;
  }

  void sort_by_mean() {
    std::stable_sort(left_.begin(), left_.end(), [&](std::size_t a, std::size_t b) {
      return contenders_[a].mean < contenders_[b].mean;
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

  std::vector<std::size_t> clearly_worse() const {
    std::vector<std::size_t> found;
    const double together = 1 - (1 - options_.confidence) / static_cast<double>(contenders_.size());
    for (std::size_t i = 1; i < left_.size(); ++i) {
      const auto lag = difference(contenders_[left_[i]], contenders_[left_.front()], together);
      if (lag && lag->difference.low > 0) {
        found.push_back(left_[i]);
      }
    }
    return found;
  }

  /// Returns those that are not among the best. After some replications, those that cannot be told
  /// from the best one stay, whatever their rank.
  std::vector<std::size_t> outpaced(std::size_t replications) const {
    constexpr std::size_t kLeastForTies = 8;
    std::vector<std::size_t> found;
    for (std::size_t i = kept_of(left_.size()); i < left_.size(); ++i) {
      const auto lag =
          difference(contenders_[left_[i]], contenders_[left_.front()], options_.confidence);
      if (replications < kLeastForTies || !lag || lag->difference.low > 0) {
        found.push_back(left_[i]);
      }
    }
    return found;
  }

  void drop(const std::vector<std::size_t>& leaving, RaceEnd end) {
    // The last to leave rank before those that left earlier.
    gone_.insert(gone_.begin(), leaving.begin(), leaving.end());
    for (const std::size_t i : leaving) {
      contenders_[i].end = end;
      std::erase(left_, i);
    }
  }

  RaceResult ranked() {
    RaceResult result{.runs = runs_};
    std::vector<std::size_t> order = left_;
    order.insert(order.end(), gone_.begin(), gone_.end());
    std::stable_partition(order.begin(), order.end(), [&](std::size_t i) {
      return contenders_[i].end != RaceEnd::without_value;
    });
    for (std::size_t place = 0; place < order.size(); ++place) {
      Contender contender = contenders_[order[place]];
      if (place < left_.size()) {
        contender.end = place == 0 ? RaceEnd::won : RaceEnd::tied;
      }
      if (place > 0 && !left_.empty()) {
        contender.from_winner =
            difference(contender, contenders_[left_.front()], options_.confidence);
      }
      result.ranking.push_back(std::move(contender));
    }
    return result;
  }

  const RaceOptions& options_;
  const RunCandidates& run_;
  std::vector<Contender> contenders_;
  std::vector<std::size_t> left_;  // After a round, the best first.
  std::vector<std::size_t> gone_;
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
