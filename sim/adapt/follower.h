#pragma once

#include "sim/adapt/policy.h"

namespace offcut::adapt {

/// The memory of a device that follows its link and servers: the estimates with which it planned
/// last, and its missed deadlines since. A simulated device and a real one decide by it alike.
class Follower {
 public:
  Follower() = default;
  /// `rate` is that of the first plan, in B/s.
  explicit Follower(double rate) : planned_rate_(rate) {}

  /// Asks the policy about the situation of now. Unless it keeps the plan, these estimates are
  /// those with which the device planned last.
  Decision decide(Policy& policy, Seconds now, double rate, const Load& load, std::size_t arms) {
    const Decision decision = policy.decide({.now = now,
                                             .rate = rate,
                                             .load = load,
                                             .planned_rate = planned_rate_,
                                             .planned_load = planned_load_,
                                             .planned_at = planned_at_,
                                             .breaches = breaches_,
                                             .arms = arms});
    if (decision.kind != Decision::Kind::keep) {
      planned_rate_ = rate;
      planned_load_ = load;
      planned_at_ = now;
      breaches_ = 0;
    }
    return decision;
  }
  void missed_deadline() { ++breaches_; }
  double planned_rate() const { return planned_rate_; }

 private:
  double planned_rate_ = 0;
  Load planned_load_;
  Seconds planned_at_;
  std::int64_t breaches_ = 0;
};

}  // namespace offcut::adapt
