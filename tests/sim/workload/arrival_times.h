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

/// The registered arrivals of that name with these parameters (SI) and the defaults of the others,
/// and the times that they give one source.
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

  /// Makes a source as the engine does.
  static ArrivalSource source(std::size_t number = 0) {
    return {.number = number, .stream = random_stream(1, "arrivals", number)};
  }

  std::vector<double> times(std::size_t count, std::size_t number = 0) const {
    ArrivalSource state = source(number);
    std::vector<double> all;
    for (Seconds now(0); all.size() < count; all.push_back(now.si())) {
      now = arrivals_->next(now, state);
    }
    return all;
  }
  std::vector<double> times_until(double end, std::size_t number = 0) const {
    ArrivalSource state = source(number);
    std::vector<double> all;
    for (Seconds now = arrivals_->next(Seconds(0), state); now.si() < end;
         now = arrivals_->next(now, state)) {
      all.push_back(now.si());
    }
    return all;
  }
  /// Returns the times between one request and the next, without the time of the first one. Each is
  /// drawn as if the last request had come at 0, so that no digits are lost: for processes that
  /// don't depend on the time.
  std::vector<double> gaps(std::size_t count) const {
    ArrivalSource state = source();
    arrivals_->next(Seconds(0), state);
    std::vector<double> all;
    while (all.size() < count) {
      all.push_back(arrivals_->next(Seconds(0), state).si());
    }
    return all;
  }
  /// Returns the time of the first request of each source.
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

/// Returns whether values may be independent draws from the distribution with that cumulative
/// distribution function. Such draws fail with a probability of at most 1e-9: the largest distance
/// of the empirical function of n draws is above eps with a probability of at most 2 exp(-2 n
/// eps^2) (Massart 1990).
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
