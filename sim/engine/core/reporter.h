#pragma once

#include "sim/engine/core/request.h"

namespace offcut::engine {

/// Hands requests that have ended, and the progress of the run, to the observers that ask for them.
class Reporter {
 public:
  Reporter(const Stop& until, const Observers& observers) : until_(until), observers_(observers) {}

  void hand_over(const Request* request) const {
    if (observers_.request) {
      observers_.request(request->record);
    }
    if (request->parts != nullptr) {
      observers_.request_parts(request->record, {request->parts->tiers, request->parts->hops});
    }
  }

  /// Reports, now and then, that so many requests have ended until now.
  void report_progress(std::int64_t ended, double now) const {
    constexpr std::int64_t kEvery = 1024;
    const bool is_known = until_.requests || until_.after;  // Otherwise a director ends the run.
    if (observers_.progress && is_known && ended % kEvery == 0) {
      observers_.progress(until_.requests
                              ? static_cast<double>(ended) / static_cast<double>(*until_.requests)
                              : now / until_.after->si());
    }
  }

 private:
  const Stop& until_;
  const Observers& observers_;
};

}  // namespace offcut::engine
