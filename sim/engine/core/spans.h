#pragma once

#include "sim/engine/core/request.h"
#include "sim/engine/span.h"

namespace offcut::engine {

/// Returns the outcome of an attempt for a request, which may have given up before it was done.
inline Span::Outcome outcome_of(const Request* request, Span::Outcome outcome) {
  return request->gave_up && outcome == Span::Outcome::done ? Span::Outcome::abandoned : outcome;
}

/// Returns the span of the request's computation on a machine of its tier, which took it up at
/// `begin`. It has no times after that yet. REQUIRES: it still is on its tier.
Span span_of_computation(const Request* request, std::size_t machine, Seconds begin);

/// Returns the span of the request's message over a leg, whose last bit leaves `now`, or which is
/// lost now. `link` is the number of its link in the first hop of the leg.
Span span_of_message(const Request* request, std::size_t link, Seconds now);

}  // namespace offcut::engine
