#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <utility>

namespace offcut::analysis {

/// The lanes of a track on which spans may overlap: each lane holds spans that are apart. Spans
/// that come in the order in which they begin get the smallest possible number of lanes.
class Lanes {
 public:
  /// Returns the lane of a span that lasts from `begin` to `end`: of those that are free, the
  /// lowest. REQUIRES: none before it begins later.
  std::size_t take(std::int64_t begin, std::int64_t end) {
    while (!busy_.empty() && busy_.begin()->first <= begin) {
      free_.insert(busy_.begin()->second);
      busy_.erase(busy_.begin());
    }
    std::size_t lane = count_;
    if (free_.empty()) {
      ++count_;
    } else {
      lane = *free_.begin();
      free_.erase(free_.begin());
    }
    busy_.emplace(end, lane);
    return lane;
  }
  std::size_t count() const { return count_; }

 private:
  std::set<std::pair<std::int64_t, std::size_t>> busy_;  // The lanes in use, by their ends.
  std::set<std::size_t> free_;
  std::size_t count_ = 0;
};

}  // namespace offcut::analysis
