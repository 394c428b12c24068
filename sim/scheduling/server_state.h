#pragma once

#include <algorithm>
#include <cstddef>

#include "models/base/units.h"

namespace offcut::scheduling {

/// What a scheduling policy may know of a server: one queue and what it waits for.
struct ServerState {
  bool is_up = true;
  std::size_t cores = 1;    // requests, or batches, that it computes at once
  std::size_t waiting = 0;  // requests in its queue
  std::size_t running = 0;  // requests being computed
  std::size_t busy = 0;     // cores in use
  Seconds waiting_work;     // predicted, of what waits, as if computed in the best batches
  Seconds running_ends;     // predicted, the sum over busy cores of the times at which they end

  std::size_t jobs() const { return waiting + running; }
  /// Requests per core.
  double load() const { return static_cast<double>(jobs()) / static_cast<double>(cores); }
  /// Of its cores, the part that is free.
  double free_share() const { return 1 - static_cast<double>(busy) / static_cast<double>(cores); }
  /// Predicted: how long its cores are busy with what it has now, spread evenly over them.
  Seconds work(Seconds now) const {
    const Seconds left = running_ends - now * static_cast<double>(busy);
    return (waiting_work + std::max(left, Seconds(0))) / static_cast<double>(cores);
  }
};

}  // namespace offcut::scheduling
