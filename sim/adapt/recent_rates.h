#pragma once

#include <deque>

#include "sim/adapt/estimator.h"

namespace offcut::adapt {

/// The rates of the last transfers, at most so many.
class RecentRates {
 public:
  explicit RecentRates(std::size_t most) : most_(most) {}

  void add(const Transfer& transfer) {
    rates_.push_back(transfer.rate().si());
    if (rates_.size() > most_) {
      rates_.pop_front();
    }
  }
  const std::deque<double>& all() const { return rates_; }

 private:
  std::size_t most_;
  std::deque<double> rates_;
};

/// The parameter `transfers`: the number of transfers that count.
inline ParameterSpec transfers_parameter() {
  return {.name = "transfers",
          .is_whole = true,
          .fallback = 5,
          .least = 1,
          .most = 1e4,
          .doc = "the last transfers that count"};
}

}  // namespace offcut::adapt
