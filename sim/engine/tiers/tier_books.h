#pragma once

#include "sim/engine/simulation.h"

namespace offcut::engine {

/// The books of a tier during a run. If a law of queueing theory says that two sums are equal, both
/// are kept, gathered at different times from different figures.
class TierBooks {
 public:
  /// The cores are divided equally among the queues.
  TierBooks(std::string name, std::size_t cores, std::size_t queues = 1);

  TierUsage usage;

  /// Records a request that arrives with the predicted `work`, which is 0 if it has arrived before.
  /// `backlog` is the predicted work that waits now, `backlog_of_queue` that in the request's
  /// queue.
  void record_arrival(double now, Seconds work, Seconds backlog, std::size_t queue,
                      Seconds backlog_of_queue);
  /// Records a request that leaves, `sojourn` seconds after it arrived.
  void record_departure(double now, double sojourn);
  void record_waiting(std::int64_t waiting);
  void cores_busy(double now, std::ptrdiff_t change);
  void cores_up(double now, std::ptrdiff_t change);
  /// Adds the time during which a core was busy.
  void add_busy(double time) { usage.busy += Seconds(time); }
  /// Says that busy times are not known from the work that was done.
  void busy_is_unknown() { busy_known_ = false; }

  /// Return the requests that are present, and the cores that are busy, now.
  std::size_t jobs() const { return jobs_; }
  std::size_t busy() const { return busy_; }
  /// Return the requests that have arrived, and the number of busy cores integrated over time.
  std::int64_t arrivals() const { return arrivals_; }
  double busy_time(double now) const {
    return busy_time_ + static_cast<double>(busy_) * (now - since_);
  }

  /// Fills in the figures that are only known at the end. Throws std::logic_error if one of these
  /// laws does not hold:
  /// - Little's law (1961): the number of requests present, integrated over time, is the sum of
  /// their
  ///   sojourn times;
  /// - the utilisation law: the number of busy cores, integrated over time, is the sum of the work
  ///   done.
  /// REQUIRES: record_departure() and add_busy() for requests and batches that are unfinished.
  void close(double end);

 private:
  void integrate(double now);
  void judge_queues(double end);

  /// Small, since each device has a queue.
  struct QueueLoad {
    Seconds offered;
    float backlog = 0;  // In seconds, when its last request arrived.
    std::uint32_t arrivals = 0;
  };

  std::size_t up_;  // Cores.
  double since_ = 0;
  std::size_t jobs_ = 0;
  std::size_t busy_ = 0;
  bool busy_known_ = true;
  // Integrals over time of the requests present, the cores that are busy, and those that are up.
  double job_time_ = 0;
  double busy_time_ = 0;
  double up_time_ = 0;
  double sojourns_ = 0;  // The sum of the requests' sojourn times.
  std::int64_t arrivals_ = 0;
  Seconds backlog_;  // At the last arrival.
  std::vector<QueueLoad> queues_;
};

}  // namespace offcut::engine
