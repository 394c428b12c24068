#pragma once

#include <algorithm>
#include <limits>
#include <memory>
#include <utility>
#include <vector>

#include "sim/network/rate.h"

namespace offcut::network {

/// A rate with the given steps {time from which it holds, rate}, in order, the first from 0 on.
class ListedSteps : public Rate::Changing {
 public:
  explicit ListedSteps(std::vector<std::pair<double, double>> steps) : steps_(std::move(steps)) {}

  double at(double time) const override { return std::prev(after(time))->second; }
  double next_change(double time) const override {
    return after(time) == steps_.end() ? std::numeric_limits<double>::infinity()
                                       : after(time)->first;
  }
  double least() const override { return extremes().first->second; }
  double most() const override { return extremes().second->second; }
  bool ends_at_zero() const override { return steps_.back().second <= 0; }

 private:
  using Iterator = std::vector<std::pair<double, double>>::const_iterator;

  Iterator after(double time) const {
    return std::find_if(steps_.begin(), steps_.end(),
                        [time](const auto& step) { return step.first > time; });
  }
  std::pair<Iterator, Iterator> extremes() const {
    return std::minmax_element(steps_.begin(), steps_.end(),
                               [](const auto& a, const auto& b) { return a.second < b.second; });
  }

  std::vector<std::pair<double, double>> steps_;
};

inline Rate rate_of_steps(std::vector<std::pair<double, double>> steps) {
  return Rate(std::make_shared<ListedSteps>(std::move(steps)));
}

}  // namespace offcut::network
