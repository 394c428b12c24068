// The timers of a loop, ordered by time. Both loops, the real one and the virtual one, take their
// next action from here, so that tests by virtual time see the order of the real loop.
#include "sim/runtime/transport/timer_queue.h"

namespace offcut::runtime {

Loop::Timer TimerQueue::add(Seconds time, Loop::Action action) {
  const Loop::Timer timer = ++last_;
  actions_.emplace(std::pair(time, timer), std::move(action));
  times_.emplace(timer, time);
  return timer;
}

void TimerQueue::cancel(Loop::Timer timer) {
  const auto found = times_.find(timer);
  if (found == times_.end()) {
    return;
  }
  const auto place = actions_.find({found->second, timer});
  times_.erase(found);
  // The action's destructor may cancel further timers.
  const Loop::Action action = std::move(place->second);
  actions_.erase(place);
}

Loop::Action TimerQueue::take() {
  const auto first = actions_.begin();
  Loop::Action action = std::move(first->second);
  times_.erase(first->first.second);
  actions_.erase(first);
  return action;
}

}  // namespace offcut::runtime
