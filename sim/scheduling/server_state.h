#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>

#include "models/base/units.h"

namespace offcut::scheduling {

/// The properties in which unlike servers of a tier differ.
struct ServerKind {
  std::size_t group = 0;
  double speed = 1;             // Relative to the servers with which plans count.
  std::optional<Bytes> memory;  // For models. None: all of them fit.
};

/// A server as scheduling policies see it: one queue and the cores that serve it.
struct alignas(64) ServerState {
  bool is_up = true;
  std::size_t cores = 1;    // Each computes one request, or batch, at a time.
  std::size_t waiting = 0;  // Requests in its queue.
  std::size_t running = 0;  // Requests being computed.
  std::size_t busy = 0;     // Cores in use.
  Seconds waiting_work;     // Predicted for its queue, in batches of the best size.
  Seconds running_ends;     // The sum over busy cores of the predicted times at which they end.
  const ServerKind* kind = nullptr;  // Null if all servers of the tier are alike.

  std::size_t jobs() const { return waiting + running; }
  /// Returns the number of requests per core.
  double load() const { return static_cast<double>(jobs()) / static_cast<double>(cores); }
  /// Returns the fraction of its cores that is free.
  double free_share() const { return 1 - static_cast<double>(busy) / static_cast<double>(cores); }
  /// Returns the predicted time that its present requests take, spread evenly over its cores.
  Seconds work(Seconds now) const {
    const Seconds left = running_ends - now * static_cast<double>(busy);
    return (waiting_work + std::max(left, Seconds(0))) / static_cast<double>(cores);
  }
};

}  // namespace offcut::scheduling
