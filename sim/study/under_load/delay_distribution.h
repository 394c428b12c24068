#pragma once

#include "sim/study/under_load/load_model.h"

namespace offcut::study {

/// The distribution of a stream's delays: the idle latency, and a gamma variable of the wait's mean
/// and variance.
class DelayDistribution {
 public:
  explicit DelayDistribution(const StreamDelay& delay)
      : idle_(delay.idle.si()), wait_(delay.wait.si()), variance_(delay.variance) {}

  /// Returns the share of delays up to `delay`, in seconds.
  double below(double delay) const;
  double mean() const { return idle_ + wait_; }
  /// Returns a delay that practically no request exceeds.
  double far() const;

 private:
  double idle_, wait_, variance_;
};

/// Returns the least x in [0, `high`] at which the increasing function `below` reaches the target;
/// `high` if it does not.
template <class Below>
double least_reaching(double target, double high, Below below) {
  constexpr int kHalvings = 60;
  double low = 0;
  for (int i = 0; i < kHalvings; ++i) {
    const double middle = (low + high) / 2;
    (below(middle) < target ? low : high) = middle;
  }
  return high;
}

}  // namespace offcut::study
