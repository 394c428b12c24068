#include "sim/engine/activities.h"

#include <utility>

namespace offcut::engine {

namespace s4u = simgrid::s4u;

void Activities::listen() {
  s4u::Activity::on_completion_cb([this](const s4u::Activity& activity) { ended(activity); });
}

/// SimGrid gives this signal once for each activity, and twice for a cancelled one: at once, and
/// when its clock goes on. It still uses the activity after the signal, so the activity is freed at
/// the next one.
void Activities::ended(const s4u::Activity& activity) {
  auto* request = activity.get_data<Request>();
  if (stopped_ || request == nullptr || request->activity.get() != &activity) {
    forget_cancelled(activity);
    return;
  }
  const bool is_lost = activity.get_state() != s4u::Activity::State::FINISHED;
  (is_lost ? cancelled_[&activity] : last_) = std::move(request->activity);
  events_.activity_ended();
  if (request->sending) {
    network_.flow_ended(request, is_lost);
  } else {
    computing_.execution_ended(request, is_lost);
  }
  events_.look_for_idle();
}

void Activities::forget_cancelled(const s4u::Activity& activity) {
  if (const auto found = cancelled_.find(&activity); found != cancelled_.end()) {
    last_ = std::move(found->second);
    cancelled_.erase(found);
  }
}

}  // namespace offcut::engine
