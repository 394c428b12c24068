#pragma once

#include "sim/engine/simulation.h"

namespace offcut::engine {

/// The records of a tier while it works. Where a law of queueing theory says that two sums are
/// equal, both are kept, gathered at different moments from different figures.
class TierBooks {
 public:
  TierBooks(std::string name, std::size_t cores);

  TierUsage usage;

  /// A request comes, with so much work, or 0 where it has come before; `backlog` is the predicted
  /// work that waits now.
  void came(double now, Seconds work, Seconds backlog);
  /// A request goes, `sojourn` after it came.
  void went(double now, double sojourn);
  void waits(std::int64_t waiting);
  void cores_busy(double now, std::ptrdiff_t change);
  void cores_up(double now, std::ptrdiff_t change);
  /// A core was busy for so long.
  void was_busy(double time) { usage.busy += Seconds(time); }
  /// How long a core was is not known from what it did.
  void busy_is_unknown() { busy_known_ = false; }

  /// Fills in what is only known at the end. Throws std::logic_error where
  /// - Little's law (1961) does not hold: the requests that were there, over time, are those that
  ///   came times how long they stayed;
  /// - the utilisation law does not: the time that cores were busy is the sum of what they did.
  /// REQUIRES: went() and was_busy() for all that is still there.
  void close(double end);

 private:
  void integrate(double now);
  Verdict verdict(double end) const;

  std::size_t up_;  // cores
  double since_ = 0;
  std::size_t jobs_ = 0;
  std::size_t busy_ = 0;
  bool busy_known_ = true;
  double job_time_ = 0;   // requests there, over time
  double busy_time_ = 0;  // cores busy, over time
  double up_time_ = 0;    // cores up, over time
  double sojourns_ = 0;   // the sum of the requests' own
  std::int64_t came_ = 0;
  Seconds backlog_;  // when the last one came
};

}  // namespace offcut::engine
