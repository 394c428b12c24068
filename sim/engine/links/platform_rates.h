#pragma once

#include <vector>

#include "sim/engine/core/event_queue.h"
#include "sim/engine/links/platform.h"

namespace offcut::engine {

/// Changes the bandwidths of SimGrid's links at the times at which their rates change. These are
/// events of the engine's own: SimGrid's profiles take more memory, and an event of theirs may lose
/// a flow.
class PlatformRates final : EventQueue::Handler {
 public:
  /// The links must outlive it.
  PlatformRates(const std::vector<ChangingLink>& links, EventQueue& events)
      : links_(links), events_(events) {}

  void start();

 private:
  void handle(std::uint32_t kind, std::uint32_t number, void* subject) override;
  void expect(std::uint32_t number, double now);

  const std::vector<ChangingLink>& links_;
  EventQueue& events_;
};

}  // namespace offcut::engine
