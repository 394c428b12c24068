// A list from the last task back to the first one, which ways that part have in common. A round is
// measured from its end back to its start, so that a way that began before it counts with what lies
// within.

#include "sim/training/way.h"

#include <algorithm>
#include <utility>

namespace offcut::training {

struct Way::Task {
  Kind kind;
  Seconds begin, end;
  std::shared_ptr<Task> before;

  Task(Kind its_kind, Seconds its_begin, Seconds its_end, std::shared_ptr<Task> the_one_before)
      : kind(its_kind), begin(its_begin), end(its_end), before(std::move(the_one_before)) {}
  Task(const Task&) = delete;
  /// One after the other: a long way would overflow the stack.
  ~Task() {
    while (before != nullptr && before.use_count() == 1) {
      before = std::exchange(before->before, nullptr);
    }
  }
};

Way Way::with(Kind kind, Seconds begin, Seconds end) const {
  Way way;
  way.last_ = std::make_shared<Task>(kind, begin, end, last_);
  return way;
}

TimeParts Way::parts(Seconds start, Seconds end) const {
  TimeParts parts;
  Seconds later = end;  // From here on, the time is divided.
  for (const Task* task = last_.get(); task != nullptr && task->end > start;
       task = task->before.get()) {
    const Seconds until = std::min(task->end, later);
    const Seconds from = std::max(task->begin, start);
    if (from < until) {  // Otherwise it took no time, but for rounding errors.
      parts.waiting += later - until;
      (task->kind == Kind::message ? parts.communication : parts.compute) += until - from;
      later = from;
    }
  }
  parts.waiting += later - start;
  return parts;
}

void Way::forget_before(Seconds start) {
  if (last_ != nullptr && last_->begin <= start) {
    last_->before = nullptr;
  }
}

}  // namespace offcut::training
