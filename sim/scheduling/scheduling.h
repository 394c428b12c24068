#pragma once

#include "sim/scheduling/admission.h"
#include "sim/scheduling/autoscaling.h"
#include "sim/scheduling/batching.h"
#include "sim/scheduling/dispatch.h"
#include "sim/scheduling/queue_discipline.h"

namespace offcut::scheduling {

/// A chosen policy with its parameters, or none.
template <class Kind>
struct Choice {
  const Kind* kind = nullptr;
  Parameters parameters;
  Place chosen_at;  // In the user's input, for errors; unknown if it has no file.

  explicit operator bool() const { return kind != nullptr; }
  auto make() const { return kind->make(parameters); }
};

/// The policies by which a tier treats its requests.
struct Scheduling {
  Choice<QueueKind> queue;          // None: first come, first served.
  Choice<BatchingKind> batching;    // None: one by one.
  Choice<DispatchKind> dispatch;    // None: all servers serve one queue.
  Choice<AdmissionKind> admission;  // None: every request is taken.
};

}  // namespace offcut::scheduling
