#pragma once

#include <map>
#include <unordered_map>
#include <utility>

#include "sim/runtime/transport/loop.h"

namespace offcut::runtime {

/// The actions that a loop runs later, in the order of their times, and of their addition at equal
/// times.
class TimerQueue {
 public:
  Loop::Timer add(Seconds time, Loop::Action action);
  void cancel(Loop::Timer timer);
  bool empty() const { return actions_.empty(); }
  /// REQUIRES: not empty.
  Seconds next() const { return actions_.begin()->first.first; }
  /// Removes and returns the next action. REQUIRES: not empty.
  Loop::Action take();

 private:
  std::map<std::pair<Seconds, Loop::Timer>, Loop::Action> actions_;
  std::unordered_map<Loop::Timer, Seconds> times_;
  Loop::Timer last_ = 0;
};

}  // namespace offcut::runtime
