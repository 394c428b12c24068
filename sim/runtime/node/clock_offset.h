#pragma once

#include <algorithm>
#include <deque>
#include <limits>

#include "models/base/units.h"

namespace offcut::runtime {

/// The offset of another node's clock from this one's, from exchanges of a probe and its echo: that
/// with the shortest round trip of the last ones (Mills, RFC 5905, section 10). The true offset is
/// within half of that round trip.
class ClockOffset {
 public:
  /// Times of sending and arrival: here, there, there, here.
  void add(Seconds sent, Seconds arrived, Seconds answered, Seconds back) {
    exchanges_.push_back({(back - sent) - (answered - arrived),
                          ((arrived - sent) + (answered - back)) * 0.5});
    if (exchanges_.size() > kMost) {
      exchanges_.pop_front();
    }
  }
  bool is_known() const { return !exchanges_.empty(); }
  /// Returns the other clock less this one; 0 if nothing is known.
  Seconds offset() const { return is_known() ? best().offset : Seconds(0); }
  Seconds error() const {
    return is_known() ? best().round_trip * 0.5 : Seconds(std::numeric_limits<double>::infinity());
  }

 private:
  static constexpr std::size_t kMost = 64;
  struct Exchange {
    Seconds round_trip;
    Seconds offset;
  };
  const Exchange& best() const {
    return *std::min_element(exchanges_.begin(), exchanges_.end(),
                             [](const Exchange& a, const Exchange& b) {
                               return a.round_trip < b.round_trip;
                             });
  }

  std::deque<Exchange> exchanges_;
};

}  // namespace offcut::runtime
