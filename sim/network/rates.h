#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "sim/network/rate.h"

namespace offcut::network {

/// The rates of several links, or of other resources of one kind: one rate for all of them, or one
/// for each. Looking up a rate costs neither a branch nor a virtual call.
class Rates {
 public:
  /// All resources have the same rate, as most do. Implicit: where one rate will do, it stands for
  /// all.
  Rates(Rate common) : rates_{std::move(common)} {}
  /// Resource i has the rate each[i]. REQUIRES: there is at least one.
  explicit Rates(std::vector<Rate> each) : rates_(std::move(each)), step_(1) {}

  const Rate& operator[](std::size_t resource) const { return rates_[resource * step_]; }
  /// Returns whether all resources are known to have the same rate.
  bool is_common() const { return step_ == 0; }
  /// Returns whether each of `count` resources has a rate.
  bool covers(std::size_t count) const { return is_common() || rates_.size() == count; }

  /// Returns whether `holds` is true for each rate.
  template <class Predicate>
  bool all(Predicate holds) const {
    return std::all_of(rates_.begin(), rates_.end(), holds);
  }

  /// Return the least and the greatest rate of any resource at any time.
  double least() const {
    double least = rates_.front().least();
    for (const Rate& rate : rates_) {
      least = std::min(least, rate.least());
    }
    return least;
  }
  double most() const {
    double most = rates_.front().most();
    for (const Rate& rate : rates_) {
      most = std::max(most, rate.most());
    }
    return most;
  }
  /// Returns the mean rate between two times, averaged over the resources. REQUIRES: from <= to,
  /// both finite.
  double mean(double from, double to) const {
    return average([=](const Rate& rate) { return rate.mean(from, to); });
  }
  /// Returns the time at which an amount that starts at `from` is through, averaged over the
  /// resources.
  double mean_when(double from, double amount) const {
    return average([=](const Rate& rate) { return rate.when(from, amount); });
  }

 private:
  template <class Value>
  double average(Value value) const {
    double sum = 0;
    for (const Rate& rate : rates_) {
      sum += value(rate);
    }
    return sum / static_cast<double>(rates_.size());
  }

  std::vector<Rate> rates_;  // One, if it is common to all.
  std::size_t step_ = 0;     // From the rate of a resource to that of the next.
};

}  // namespace offcut::network
