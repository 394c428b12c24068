#pragma once

#include "sim/engine/core/reporter.h"
#include "sim/engine/core/request_pool.h"
#include "sim/engine/core/run_books.h"
#include "sim/engine/tiers/computing.h"

namespace offcut::engine {

/// Counts the requests that a run leaves unfinished at its end, and hands them over.
inline void hand_over_unfinished(RequestPool& requests, Computing& computing, RunBooks& books,
                                 const Reporter& reporter, Seconds end) {
  for (Request* request : requests.in_use()) {
    if (request->on_tier) {
      computing.count_unfinished(request, end.si());
    }
    if (!request->gave_up && request->team_run == nullptr && request->record.request >= 0) {
      books.in_flight(request->record, end);
      reporter.hand_over(request);
    }
  }
}

}  // namespace offcut::engine
