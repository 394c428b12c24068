#pragma once

#include <algorithm>
#include <deque>
#include <limits>

#include "models/base/units.h"

namespace offcut::runtime {

/// The offset of another node's clock from this one's, from exchanges of a probe and its echo: that
/// of the last ones with the smallest error (Mills, RFC 5905, section 10). The true offset is
/// within half of its round trip, and what the clocks may have drifted apart since then.
class ClockOffset {
 public:
  /// Times of sending and arrival: here, there, there, here.
  void add(Seconds sent, Seconds arrived, Seconds answered, Seconds back) {
    exchanges_.push_back(
        {(back - sent) - (answered - arrived), ((arrived - sent) + (answered - back)) * 0.5, back});
    if (exchanges_.size() > kMost) {
      exchanges_.pop_front();
    }
  }
  bool is_known() const { return !exchanges_.empty(); }
  /// Returns the other clock less this one; 0 if nothing is known.
  Seconds offset() const { return is_known() ? best().offset : Seconds(0); }
  /// Returns its largest error at the time of the last exchange.
  Seconds error() const {
    return is_known() ? error_of(best()) : Seconds(std::numeric_limits<double>::infinity());
  }

 private:
  static constexpr std::size_t kMost = 64;
  static constexpr double kDrift = 15e-6;  // RFC 5905's PHI, the tolerance of a clock's rate.
  struct Exchange {
    Seconds round_trip;
    Seconds offset;
    Seconds back;
  };
  Seconds error_of(const Exchange& exchange) const {
    return exchange.round_trip * 0.5 + (exchanges_.back().back - exchange.back) * kDrift;
  }
  const Exchange& best() const {
    return *std::min_element(
        exchanges_.begin(), exchanges_.end(),
        [this](const Exchange& a, const Exchange& b) { return error_of(a) < error_of(b); });
  }

  std::deque<Exchange> exchanges_;
};

}  // namespace offcut::runtime
