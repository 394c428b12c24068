#pragma once

#include <cstdint>
#include <functional>

#include "models/base/units.h"

namespace offcut::runtime {

/// The one thread on which a node takes its decisions: sockets, timers and policies. Computations
/// run elsewhere and post their results here. A test may put virtual time in the place of the
/// clock.
class Loop {
 public:
  using Action = std::function<void()>;
  using Timer = std::uint64_t;  // Never 0.

  virtual ~Loop() = default;

  /// Returns the time of the machine's monotonic clock, or the virtual time. Processes on one
  /// machine share that clock. Safe on any thread.
  virtual Seconds now() const = 0;
  /// Runs the action on the loop's thread, after those that were posted before. Safe on any thread.
  virtual void post(Action action) = 0;
  /// Runs the action on the loop's thread at that time, or as soon as possible after it. On the
  /// loop's thread only, like cancel().
  virtual Timer at(Seconds time, Action action) = 0;
  /// The action will not run. Nothing happens if it has run.
  virtual void cancel(Timer timer) = 0;
};

}  // namespace offcut::runtime
