// Virtual time for tests: posted actions first, then the next timer, at whose time the clock is
// put.
#include "sim/runtime/transport/virtual_loop.h"

#include <algorithm>
#include <utility>

namespace offcut::runtime {

void VirtualLoop::post(Action action) {
  const std::lock_guard lock(mutex_);
  posted_.push_back(std::move(action));
}

void VirtualLoop::run_posted() {
  while (true) {
    Action action;
    {
      const std::lock_guard lock(mutex_);
      if (posted_.empty()) {
        return;
      }
      action = std::move(posted_.front());
      posted_.pop_front();
    }
    action();
  }
}

void VirtualLoop::run() {
  run_posted();
  while (!timers_.empty()) {
    now_ = std::max(now_, timers_.next());
    timers_.take()();
    run_posted();
  }
}

void VirtualLoop::run_until(Seconds time) {
  run_posted();
  while (!timers_.empty() && timers_.next() <= time) {
    now_ = std::max(now_, timers_.next());
    timers_.take()();
    run_posted();
  }
  now_ = std::max(now_, time);
}

}  // namespace offcut::runtime
