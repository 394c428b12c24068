// Bisection over the values of a parameter, one condition after the other, with the check that its
// assumption holds: that stability and each figure are monotone.

#include "sim/study/answers/size_search.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <numeric>

namespace offcut::study {
namespace {

/// A range of values, both ends included; empty if there is none.
struct Range {
  std::size_t first = 0, last = 0;
};

class Search {
 public:
  Search(const SizeQuestion& question, const RunValues& run) : question_(question), run_(run) {}

  SizeAnswer answer() {
    SizeAnswer answer;
    if (!question_.is_ordered) {
      answer.reason_for_all = "the values have no order";
    } else {
      const std::optional<Range> range = find_range();
      answer.value = range ? chosen_in(*range) : std::nullopt;
      if (range && (!answer.value || !at(*answer.value).all_hold())) {
        contradict(true, "where all conditions hold is");  // One of them is unclear there.
      } else if (range && contradiction_.empty()) {
        try_neighbours(*answer.value);
      }
      check_order();
      answer.reason_for_all = contradiction_;
    }
    if (!answer.reason_for_all.empty()) {
      answer.value = best_of_all();
    }
    for (auto& [value, tried] : tried_) {
      answer.tried.push_back(std::move(tried));
    }
    return answer;
  }

 private:
  void try_values(std::vector<std::size_t> values) {
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
    std::erase_if(values, [&](std::size_t value) { return tried_.contains(value); });
    if (values.empty()) {
      return;
    }
    std::vector<ValueRuns> runs = run_(values);
    for (std::size_t i = 0; i < values.size(); ++i) {
      add(values[i], std::move(runs[i]));
    }
  }

  void add(std::size_t value, ValueRuns runs) {
    TriedValue& tried = tried_[value];
    tried.value = value;
    tried.is_stable = runs.saturated == 0 && runs.without_result == 0;
    for (const std::vector<double>& values : runs.figures) {
      tried.intervals.push_back(analysis::mean_interval(values, question_.confidence));
    }
    for (std::size_t i = 0; i < question_.conditions.size(); ++i) {
      const auto& interval = tried.intervals[i];
      const bool is_whole = interval && runs.figures[i].size() == runs.replications;
      tried.holds.push_back(tried.is_stable && is_whole
                                ? holds_within(question_.conditions[i], *interval)
                                : Holds::no);
    }
    tried.runs = std::move(runs);
  }

  const TriedValue& at(std::size_t value) {
    try_values({value});
    return tried_.at(value);
  }

  /// Returns the values of a range for which a property holds, if it does so from, or up to, some
  /// value; none if it holds nowhere. REQUIRES: both ends and the middle were tried.
  template <class Property>
  std::optional<Range> part_with(Property has, Range range, const std::string& what) {
    const std::size_t middle = std::midpoint(range.first, range.last);
    const bool first = has(at(range.first)), last = has(at(range.last));
    if (first && last) {
      contradict(!has(at(middle)), what);
      return range;
    }
    if (!first && !last) {
      contradict(has(at(middle)), what);
      return std::nullopt;
    }
    std::size_t with = first ? range.first : range.last, without = first ? range.last : range.first;
    while (std::max(with, without) - std::min(with, without) > 1) {
      const std::size_t next = std::midpoint(std::min(with, without), std::max(with, without));
      (has(at(next)) ? with : without) = next;
    }
    return first ? Range{range.first, with} : Range{with, range.last};
  }

  /// Returns the values for which all conditions hold, if figures are monotone.
  std::optional<Range> find_range() {
    Range all{0, question_.values - 1};
    try_values({all.first, std::midpoint(all.first, all.last), all.last});
    std::optional<Range> range =
        part_with([](const TriedValue& tried) { return tried.is_stable; }, all, "stability is");
    const std::optional<Range> stable = range;
    for (std::size_t i = 0; stable && range && i < question_.conditions.size(); ++i) {
      try_values({stable->first, std::midpoint(stable->first, stable->last), stable->last});
      const std::optional<Range> own =
          part_with([i](const TriedValue& tried) { return tried.holds[i] == Holds::yes; }, *stable,
                    question_.conditions[i].figure + " is");
      if (!own || std::max(own->first, range->first) > std::min(own->last, range->last)) {
        range = std::nullopt;
      } else {
        range = Range{std::max(own->first, range->first), std::min(own->last, range->last)};
      }
    }
    return range;
  }

  /// Returns the first value of the range, or its cheapest one.
  std::optional<std::size_t> chosen_in(Range range) {
    if (!question_.has_cost) {
      return range.first;
    }
    const std::size_t middle = std::midpoint(range.first, range.last);
    try_values({range.first, std::midpoint(range.first, middle), middle,
                std::midpoint(middle, range.last), range.last});
    if (direction_changes(question_.conditions.size(), range)) {
      std::vector<std::size_t> values(range.last - range.first + 1);
      std::iota(values.begin(), values.end(), range.first);
      try_values(std::move(values));
    }
    return cheapest(range);
  }

  std::optional<std::size_t> cheapest(Range range) {
    std::optional<std::size_t> best;
    double least = 0;
    for (const auto& [value, tried] : tried_) {
      const auto& cost = tried.intervals.back();
      if (value >= range.first && value <= range.last && tried.all_hold() && cost &&
          (!best || cost->estimate < least)) {
        best = value;
        least = cost->estimate;
      }
    }
    return best;
  }

  void try_neighbours(std::size_t value) {
    std::vector<std::size_t> values;
    if (value > 0) {
      values.push_back(value - 1);
    }
    if (value + 1 < question_.values) {
      values.push_back(value + 1);
    }
    try_values(std::move(values));
  }

  /// Returns whether the means of a figure rise and fall over the stable values of the range that
  /// were tried, in steps between neighbours that are beyond their intervals.
  bool direction_changes(std::size_t figure, Range range) const {
    bool rises = false, falls = false;
    const analysis::Interval* before = nullptr;
    for (const auto& [value, tried] : tried_) {
      const auto& interval = tried.intervals[figure];
      if (value < range.first || value > range.last || !tried.is_stable || !interval) {
        continue;
      }
      if (before != nullptr) {
        rises |= interval->low > before->high;
        falls |= interval->high < before->low;
      }
      before = &*interval;
    }
    return rises && falls;
  }

  /// Looks for contradictions to monotone stability, conditions and figures among what was tried.
  void check_order() {
    const auto changes = [&](auto has, bool stable_only) {
      std::size_t count = 0;
      std::optional<bool> before;
      for (const auto& [value, tried] : tried_) {
        const std::optional<bool> now = has(tried);
        if ((stable_only && !tried.is_stable) || !now) {
          continue;
        }
        count += before && *before != *now ? 1U : 0U;
        before = now;
      }
      return count;
    };
    const auto stable = [](const TriedValue& tried) { return std::optional(tried.is_stable); };
    contradict(changes(stable, false) > 1, "stability is");
    const Range all{0, question_.values - 1};
    for (std::size_t i = 0; i < question_.conditions.size(); ++i) {
      const auto holds = [i](const TriedValue& tried) {
        return tried.holds[i] == Holds::unclear ? std::nullopt
                                                : std::optional(tried.holds[i] == Holds::yes);
      };
      contradict(changes(holds, true) > 1 || direction_changes(i, all),
                 question_.conditions[i].figure + " is");
    }
  }

  void contradict(bool is_contradiction, const std::string& what) {
    if (is_contradiction && contradiction_.empty()) {
      contradiction_ = what + " not monotone";
    }
  }

  std::optional<std::size_t> best_of_all() {
    std::vector<std::size_t> values(question_.values);
    std::iota(values.begin(), values.end(), std::size_t{0});
    try_values(std::move(values));
    if (question_.has_cost) {
      return cheapest({0, question_.values - 1});
    }
    const auto found = std::find_if(tried_.begin(), tried_.end(),
                                    [](const auto& entry) { return entry.second.all_hold(); });
    return found == tried_.end() ? std::nullopt : std::optional(found->first);
  }

  const SizeQuestion& question_;
  const RunValues& run_;
  std::map<std::size_t, TriedValue> tried_;
  std::string contradiction_;
};

}  // namespace

bool TriedValue::all_hold() const {
  return is_stable &&
         std::all_of(holds.begin(), holds.end(), [](Holds one) { return one == Holds::yes; });
}

SizeAnswer find_size(const SizeQuestion& question, const RunValues& run) {
  return Search(question, run).answer();
}

}  // namespace offcut::study
