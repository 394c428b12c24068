#pragma once

#include <algorithm>
#include <deque>

#include "sim/engine/core/request.h"

namespace offcut::engine {

/// The parts of the times of requests by tier and hop, for runs in which an observer asks for them.
class PartBooks {
 public:
  PartBooks(const Simulation& simulation, bool kept)
      : kept_(kept), tiers_(simulation.tiers.size()), hops_(simulation.hops.size()) {}

  /// Gives a request that arrives empty parts. A reused request reuses those that it had.
  void begin(Request* request) {
    if (!kept_) {
      return;
    }
    if (request->parts == nullptr) {
      request->parts = &all_.emplace_back();
    }
    request->parts->tiers.assign(tiers_, {});
    request->parts->hops.assign(hops_, {});
  }

 private:
  bool kept_;
  std::size_t tiers_;
  std::size_t hops_;
  std::deque<KeptParts> all_;  // They never move.
};

}  // namespace offcut::engine
