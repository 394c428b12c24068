#pragma once

#include <deque>
#include <mutex>

#include "sim/runtime/transport/loop.h"
#include "sim/runtime/transport/timer_queue.h"

namespace offcut::runtime {

/// A loop for tests: its time stands still while actions run, and jumps to the next timer when none
/// is left. Everything runs in the thread that calls run().
class VirtualLoop final : public Loop {
 public:
  Seconds now() const override { return now_; }
  void post(Action action) override;
  Timer at(Seconds time, Action action) override { return timers_.add(time, std::move(action)); }
  void cancel(Timer timer) override { timers_.cancel(timer); }

  /// Runs all actions, and those that they add, until none is left.
  void run();
  /// Runs the actions that are due until `time`, which is the time afterwards.
  void run_until(Seconds time);

 private:
  void run_posted();

  Seconds now_;
  std::mutex mutex_;  // Of the posted actions.
  std::deque<Action> posted_;
  TimerQueue timers_;
};

}  // namespace offcut::runtime
