#pragma once

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "sim/workload/arrivals.h"
#include "tests/parameters.h"

namespace offcut::workload {

/// The registered arrivals of that name with these parameters (SI), others at their defaults, and
/// the times that they give one source.
class Process {
 public:
  Process(const std::string& name,
          std::initializer_list<std::pair<const char*, double>> parameters) {
    Registry<ArrivalKind> registry;
    register_arrivals(registry);
    const ArrivalKind& kind = *registry.find(name);
    const Parameters values = defaults_but(kind.parameters, parameters);
    arrivals_ = kind.make(values);
    rate_ = kind.rate(values);
  }

  PerSecond rate() const { return rate_; }

  /// A source as the engine makes it.
  static ArrivalSource source(std::size_t number = 0) {
    return {.number = number, .stream = random_stream(1, "arrivals", number)};
  }

  std::vector<double> times(std::size_t count, std::size_t number = 0) const {
    ArrivalSource its = source(number);
    std::vector<double> all;
    for (Seconds now(0); all.size() < count; all.push_back(now.si())) {
      now = arrivals_->next(now, its);
    }
    return all;
  }
  std::vector<double> times_until(double end, std::size_t number = 0) const {
    ArrivalSource its = source(number);
    std::vector<double> all;
    for (Seconds now = arrivals_->next(Seconds(0), its); now.si() < end;
         now = arrivals_->next(now, its)) {
      all.push_back(now.si());
    }
    return all;
  }
  /// Between one request and the next, without the first one's time. Each as if its last request
  /// had come at 0, so that no digits are lost: for processes that don't look at the time.
  std::vector<double> gaps(std::size_t count) const {
    ArrivalSource its = source();
    arrivals_->next(Seconds(0), its);
    std::vector<double> all;
    while (all.size() < count) {
      all.push_back(arrivals_->next(Seconds(0), its).si());
    }
    return all;
  }
  /// The first request of each of so many sources.
  std::vector<double> firsts(std::size_t sources) const {
    std::vector<double> all;
    for (std::size_t i = 0; i < sources; ++i) {
      all.push_back(times(1, i).front());
    }
    return all;
  }

 private:
  std::unique_ptr<Arrivals> arrivals_;
  PerSecond rate_;
};

/// Whether values may be independent draws from the distribution with that cumulative distribution
/// function. Right ones fail with a probability of 1e-9 at most: the largest distance of n draws'
/// empirical function is above eps with probability 2 exp(-2 n eps^2) at most (Massart 1990).
template <class Cumulative>
bool fits(std::vector<double> values, Cumulative cumulative) {
  std::sort(values.begin(), values.end());
  const auto n = static_cast<double>(values.size());
  double farthest = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double expected = cumulative(values[i]);
    farthest = std::max({farthest, expected - static_cast<double>(i) / n,
                         static_cast<double>(i + 1) / n - expected});
  }
  return farthest <= std::sqrt(std::log(2e9) / (2 * n));
}

}  // namespace offcut::workload
