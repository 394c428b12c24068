#pragma once

#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "models/base/parameters.h"
#include "models/base/registry.h"

namespace offcut::scheduling {

/// What a scheduling policy may know of a request at a tier. Times are those of the simulation's
/// clock; predictions are the plan's, without noise.
struct Job {
  std::int64_t request = 0;
  std::size_t device = 0;
  std::size_t request_class = 0;
  int priority = 0;  // the lower, the more urgent
  Seconds queued;    // when it came to this tier
  Seconds service;   // how long it would be computed here, alone
  Seconds rest;      // how long all that follows would take in an idle system
  Seconds deadline = Seconds(std::numeric_limits<double>::infinity());  // when it is due
};

/// In which order the requests of one queue are served: by key, the least first, and among equal
/// keys the one first that came first.
class QueueDiscipline {
 public:
  virtual ~QueueDiscipline() = default;
  /// The key of a job that joins the queue. Is called once for each.
  virtual double key(const Job& job) = 0;
  /// The job is taken out of the queue to be served; `key` is what key() gave.
  virtual void served(const Job& /*job*/, double /*key*/) {}
};

/// A kind of queue. Registered by one file of sim/scheduling/policies/queues/.
struct QueueKind {
  static constexpr const char* kTitle = "queue";  // In messages.

  std::string name;
  std::string doc;
  /// All jobs are served at once and share the server equally: there is no queue, and no `make`.
  bool shares = false;
  std::vector<ParameterSpec> parameters;
  std::unique_ptr<QueueDiscipline> (*make)(const Parameters&) = nullptr;
};

void register_queues(Registry<QueueKind>& registry);

}  // namespace offcut::scheduling
