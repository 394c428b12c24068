#pragma once

#include "sim/scheduling/admission.h"
#include "sim/scheduling/batching.h"
#include "sim/scheduling/dispatch.h"
#include "sim/scheduling/queue_discipline.h"

namespace offcut::scheduling {

/// A policy that was chosen, with its parameters; none: what the owner does without one.
template <class Kind>
struct Choice {
  const Kind* kind = nullptr;
  Parameters parameters;
  Place chosen_at;  // In the user's input, for errors. Without a file: unknown.

  explicit operator bool() const { return kind != nullptr; }
  auto make() const { return kind->make(parameters); }
};

/// How a tier treats the requests that come to it.
struct Scheduling {
  Choice<QueueKind> queue;          // none: first come, first served
  Choice<BatchingKind> batching;    // none: one by one
  Choice<DispatchKind> dispatch;    // none: all servers serve one queue
  Choice<AdmissionKind> admission;  // none: all are taken
};

}  // namespace offcut::scheduling
