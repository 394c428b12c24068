#pragma once

#include <memory>

#include "models/base/units.h"

namespace offcut::training {

/// The parts of a time. Contention for links is communication; waiting is all the rest: queues of
/// machines, deadlines, machines and links that are down.
struct TimeParts {
  Seconds compute, communication, waiting;
};

/// Tasks of which each was handed out when the one before it had ended. The way at whose end a
/// round ends is its critical one: nothing on it could have begun earlier. Copies share their past.
class Way {
 public:
  enum class Kind { computing, message };

  /// Returns the way with one more task at its end.
  Way with(Kind kind, Seconds begin, Seconds end) const;
  /// Returns the parts of the time from `start` to `end` on this way, none of them below 0: what
  /// no task takes is waiting. REQUIRES: start <= end, and the way has ended by then.
  TimeParts parts(Seconds start, Seconds end) const;
  /// Forgets the tasks that nobody asks for any more whose times begin at `start` or later.
  void forget_before(Seconds start);

 private:
  struct Task;
  std::shared_ptr<Task> last_;
};

}  // namespace offcut::training
