#pragma once

#include <algorithm>
#include <vector>

#include "sim/engine/core/verdict.h"
#include "sim/engine/simulation.h"

namespace offcut::engine {

/// The books of a tier during a run. If a law of queueing theory says that two sums are equal, both
/// are kept, gathered at different times from different figures.
class TierBooks {
 public:
  /// The cores are divided equally among the queues.
  TierBooks(std::string name, std::size_t cores, std::size_t queues = 1);
  /// Says that machines come and go, and that each queue begins with these cores. REQUIRES: called
  /// first.
  void begin_scaling(const std::vector<std::size_t>& cores_of_queues);

  TierUsage usage;

  /// Records a request that arrives with the predicted `work`, which is 0 if it has arrived before.
  /// `backlog` is the predicted work that waits now, `backlog_of_queue` that in the request's
  /// queue. A task, whose sender waits for its end, says nothing about the verdict.
  void record_arrival(double now, Seconds work, Seconds backlog, std::size_t queue,
                      Seconds backlog_of_queue, bool is_task);
  /// Records a request that leaves, `sojourn` seconds after it arrived.
  void record_departure(double now, double sojourn);
  void record_waiting(std::int64_t waiting);
  void cores_busy(double now, std::ptrdiff_t change);
  /// Says that machines are unlike. REQUIRES: called first, as are the others once.
  void begin_groups(std::vector<MachineGroupUsage> groups);
  /// Says that the queues have unlike numbers of cores.
  void set_cores(std::vector<std::size_t> of_queues) { cores_of_queues_ = std::move(of_queues); }
  /// Records that cores of a group begin or cease to compute, and requests there.
  void group_busy(std::size_t group, double now, std::ptrdiff_t cores, std::ptrdiff_t requests);
  /// Adds the work of a core of a group, on so many requests.
  void add_group_work(std::size_t group, double time, std::size_t requests);
  /// Returns the number of busy cores of a group integrated over time.
  double group_busy_time(std::size_t group, double now) const {
    const GroupTime& times = groups_[group];
    return times.busy_time + static_cast<double>(times.busy) * (now - times.since);
  }
  /// Cores of that queue begin, or cease, to serve.
  void cores_up(double now, std::ptrdiff_t change, std::size_t queue = 0);
  /// Cores of machines that come and go begin, or cease, to exist.
  void cores_exist(double now, std::ptrdiff_t change);
  /// Adds the time during which a core was busy.
  void add_busy(double time) { usage.busy += Seconds(time); }
  /// Says that busy times are not known from the work that was done.
  void busy_is_unknown() { busy_known_ = false; }
  /// Says that SimGrid ends computations, up to its precision of 1e-9 s early or late.
  void ends_are_rounded() { ends_are_rounded_ = true; }

  /// Return the requests that are present, and the cores that are busy, now.
  std::size_t jobs() const { return jobs_; }
  std::size_t busy() const { return busy_; }
  /// Return the requests that have arrived, and the number of busy cores integrated over time.
  std::int64_t arrivals() const { return arrivals_; }
  double busy_time(double now) const {
    return busy_time_ + static_cast<double>(busy_) * (now - since_);
  }
  /// Returns the number of cores that exist now. REQUIRES: machines come and go, as for the next.
  std::size_t existing() const { return exist_.cores; }
  /// Returns the number of cores that exist, integrated over time.
  double existing_time(double now) const { return exist_.until(now); }

  /// Fills in the figures that are only known at the end. Throws std::logic_error if one of these
  /// laws does not hold:
  /// - Little's law (1961): the number of requests present, integrated over time, is the sum of
  /// their
  ///   sojourn times;
  /// - the utilisation law: the number of busy cores, integrated over time, is the sum of the work
  ///   done.
  /// Both must hold for each group of unlike machines, too: there, the requests present are those
  /// that its machines compute, since groups may share a queue.
  /// REQUIRES: record_departure() and add_busy() for requests and batches that are unfinished.
  void close(double end);

 private:
  /// The computations of a group's machines, integrated over time.
  struct GroupTime {
    std::size_t busy = 0, running = 0;  // Cores, and requests.
    double since = 0;
    double busy_time = 0, running_time = 0;
    double work = 0, sojourns = 0;  // Seconds of cores, and of requests.

    void integrate(double now);
  };

  void integrate(double now);
  void close_groups(double end);
  void judge_queues(double end);
  JudgedLoad load_of_queue(std::size_t queue) const;

  /// Small, since each device has a queue.
  struct QueueLoad {
    Seconds offered;
    float backlog = 0;  // In seconds, when its last request arrived.
    std::uint32_t requests = 0;
  };

  /// A number of cores, integrated over time.
  struct CoreTime {
    std::size_t cores = 0;
    double since = 0;
    double time = 0;

    /// A change may come after the last request has ended, and with it the run.
    double until(double now) const {
      return time + static_cast<double>(cores) * std::max(now - since, 0.0);
    }
    void change(double now, std::ptrdiff_t change);
  };
  /// The capacity of a queue whose machines come and go.
  struct ScaledQueue {
    CoreTime up;
    double capacity = 0;    // Until its last request arrived.
    std::size_t cores = 1;  // That were up then.
  };

  std::size_t up_;  // Cores.
  double since_ = 0;
  std::size_t jobs_ = 0;
  std::size_t busy_ = 0;
  bool busy_known_ = true;
  bool ends_are_rounded_ = false;
  // Integrals over time of the requests present, the cores that are busy, and those that are up.
  double job_time_ = 0;
  double busy_time_ = 0;
  double up_time_ = 0;
  double sojourns_ = 0;  // The sum of the requests' sojourn times.
  std::int64_t arrivals_ = 0;  // Of requests and tasks.
  std::int64_t requests_ = 0;
  Seconds backlog_;  // At the last request's arrival.
  std::vector<QueueLoad> queues_;
  std::vector<std::size_t> cores_of_queues_;  // Empty if all have the same number.
  std::vector<GroupTime> groups_;             // Empty if all machines are alike.
  CoreTime exist_;
  std::vector<ScaledQueue> scaled_queues_;  // Empty unless machines come and go.
  std::size_t up_at_last_ = 1;              // Cores, at the last arrival, if they come and go.
};

}  // namespace offcut::engine
