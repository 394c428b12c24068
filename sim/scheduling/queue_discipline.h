#pragma once

#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "models/base/parameters.h"
#include "models/base/registry.h"
#include "sim/scheduling/server_state.h"
#include "sim/scheduling/tried_values.h"

namespace offcut::scheduling {

/// A request at a tier, as scheduling policies see it. Times are on the simulation's clock, and
/// predictions are the plan's, without noise.
struct Job {
  std::int64_t request = 0;
  std::size_t device = 0;
  std::size_t request_class = 0;
  int priority = 0;  // Lower is more urgent.
  Seconds queued;    // The time of its arrival at this tier.
  Seconds service;   // Predicted, if it is computed alone.
  Seconds rest;      // Predicted for everything that follows, in an idle system.
  Seconds deadline = Seconds(std::numeric_limits<double>::infinity());
  /// On a tier of unlike servers: the services by group, then by the size of a batch. `service` is
  /// that of the server, once it is chosen, and before that of the servers with which plans count.
  const std::vector<std::vector<Seconds>>* of_groups = nullptr;

  /// Returns the service, if it is computed alone on that server.
  Seconds service_on(const ServerState& server) const {
    return of_groups != nullptr && server.kind != nullptr ? (*of_groups)[server.kind->group][0]
                                                          : service;
  }
};

/// Orders the requests of one queue by key: the least key is served first, and of equal keys the
/// one that came first.
class QueueDiscipline {
 public:
  virtual ~QueueDiscipline() = default;
  /// Returns the key of a job that joins the queue. Called once for each job. NaN is invalid.
  virtual double key(const Job& job) = 0;
  /// Is told that the job leaves the queue to be served; `key` is the one that key() gave it.
  virtual void served(const Job& /*job*/, double /*key*/) {}
};

/// A kind of queue. Registered by one file of sim/scheduling/policies/queues/.
struct QueueKind {
  static constexpr const char* kTitle = "queue";  // In messages.

  std::string name;
  std::string doc;
  /// The server serves all jobs at once, in equal shares: there is no queue, and no `make`.
  bool shares = false;
  std::vector<ParameterSpec> parameters;
  std::unique_ptr<QueueDiscipline> (*make)(const Parameters&) = nullptr;
  std::vector<TriedValues> tries = {};  // Of its parameters, see TriedValues.
};

void register_queues(Registry<QueueKind>& registry);

}  // namespace offcut::scheduling
