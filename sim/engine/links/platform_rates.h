#pragma once

#include <simgrid/forward.h>

#include <unordered_map>
#include <vector>

#include "sim/engine/core/event_queue.h"
#include "sim/engine/links/platform.h"

namespace offcut::engine {

/// Changes the bandwidths of SimGrid's links at the times at which their rates change. These are
/// events of the engine's own: SimGrid's profiles take more memory.
///
/// In SimGrid 3.32, no flow ever becomes faster than the bandwidths that its links had when it was
/// started. So flows start while the links on their way have their highest bandwidths.
class PlatformRates final : EventQueue::Handler {
 public:
  /// The links must outlive it.
  PlatformRates(const std::vector<ChangingLink>& links, EventQueue& events)
      : links_(links), events_(events) {}

  void start();
  /// Starts a flow from one host to another.
  void start_flow(simgrid::s4u::Comm& flow, const simgrid::s4u::Host* from,
                  const simgrid::s4u::Host* to);

 private:
  void handle(std::uint32_t kind, std::uint32_t number, void* subject) override;
  void expect(std::uint32_t number, double now);

  const std::vector<ChangingLink>& links_;
  EventQueue& events_;
  std::unordered_map<const simgrid::s4u::Link*, const network::Rate*> rates_;
};

}  // namespace offcut::engine
