#pragma once

#include <cstdint>
#include <simgrid/s4u/Activity.hpp>

#include "sim/engine/simulation.h"

namespace offcut {

/// A request on its way: what the parts of the engine keep of it.
struct Request {
  /// What is computed: the plan's, the plan's tail on the device once the answer is back, or
  /// the whole model on the device, which it has fallen back to.
  enum class Part : std::uint8_t { plan, tail, local };
  static constexpr std::size_t kParts = 3;

  RequestRecord record;
  double since = 0;         // when its present stage began
  std::size_t stage = 0;    // computing: the tier; sending: the hop
  std::size_t station = 0;  // computing: of the tier's
  double blocked = 0;       // computing: see Station::busy_with_others
  double work = 0;          // computing: of its own, where a server is shared
  Part part = Part::plan;
  bool up = true;                      // direction of its message
  Bytes bytes;                         // of its message
  bool sending = false;                // its stage is a hop and not a tier
  bool on_tier = false;                // waits there or is computed
  bool in_use = false;                 // not ended
  std::int64_t retries = 0;            // of the present stage
  simgrid::s4u::ActivityPtr activity;  // where SimGrid serves it
  Request* next = nullptr;  // in a list: of a batch, of what waits to be sent, of free ones
};

/// First come, first served, linked through the requests: a thousand idle lists cost nothing.
class RequestList {
 public:
  bool empty() const { return first_ == nullptr; }
  Request* first() const { return first_; }
  void push(Request* request) {
    request->next = nullptr;
    (first_ == nullptr ? first_ : last_->next) = request;
    last_ = request;
  }
  Request* pop() {
    Request* request = first_;
    first_ = request->next;
    return request;
  }

 private:
  Request* first_ = nullptr;
  Request* last_ = nullptr;
};

}  // namespace offcut
