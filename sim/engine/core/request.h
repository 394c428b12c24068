#pragma once

#include <algorithm>
#include <cstdint>
#include <simgrid/s4u/Activity.hpp>
#include <vector>

#include "sim/engine/core/route.h"

namespace offcut::engine {

/// A request on its way: what the parts of the engine keep of it.
struct Request {
  RequestRecord record;
  const Route* route = nullptr;  // fixed when it arrives, and replaced if it falls back
  double since = 0;              // when its present stage began
  std::size_t stage = 0;         // computing: the tier; sending: the hop
  std::size_t station = 0;       // computing: of the tier's
  double held_up =
      0;  // computing: how long, see HeadOfLine; while it waits: what that said when it came
  double work = 0;                     // computing: of its own, where a server is shared
  bool tail = false;                   // computing: the tail instead of the stage
  bool up = true;                      // direction of its message
  Bytes bytes;                         // of its message
  bool sending = false;                // its stage is a hop and not a tier
  bool on_tier = false;                // waits there or is computed
  bool offered = false;                // computing: came to this tier before, and was lost
  bool in_use = false;                 // not ended
  std::int64_t retries = 0;            // of the present stage
  std::size_t slot = 0;                // in a RequestSet
  simgrid::s4u::ActivityPtr activity;  // where SimGrid serves it
  Request* next = nullptr;  // in a list: of a batch, of what waits to be sent, of free ones

  /// The service time of a batch of so many such requests. REQUIRES: computing, as for all below.
  Seconds service(std::size_t batch) const {
    const Stage& of = route->stage(stage);
    return tail ? of.tail : of.service[batch - 1];
  }
  std::size_t largest_batch() const { return tail ? 1 : route->stage(stage).service.size(); }
  /// The core time that it takes in the best batch.
  Seconds least_work() const { return tail ? route->stage(stage).tail : route->least[stage]; }
  /// How long everything after this computation takes in an idle system.
  Seconds rest() const { return tail ? Seconds(0) : route->rest[stage]; }
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

/// Requests in no order of meaning. A request is in one at most.
class RequestSet {
 public:
  void insert(Request* request) {
    request->slot = all_.size();
    all_.push_back(request);
  }
  /// REQUIRES: it is there.
  void erase(Request* request) {
    all_[request->slot] = all_.back();
    all_[request->slot]->slot = request->slot;
    all_.pop_back();
  }
  const std::vector<Request*>& all() const { return all_; }

 private:
  std::vector<Request*> all_;
};

inline std::vector<Request*> in_order_of_arrival(std::vector<Request*> requests) {
  std::sort(requests.begin(), requests.end(), [](const Request* a, const Request* b) {
    return a->record.request < b->record.request;
  });
  return requests;
}

}  // namespace offcut::engine
