#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <simgrid/s4u/Activity.hpp>
#include <vector>

#include "sim/engine/core/route.h"

namespace offcut::engine {

/// The parts of a request's time, by tier and by hop of its itinerary.
struct KeptParts {
  std::vector<TierPart> tiers;
  std::vector<HopPart> hops;
};

struct TeamRun;

/// The place of data that arrives wherever its device then is: see Request::place.
inline constexpr std::uint32_t kAnyPlace = std::numeric_limits<std::uint32_t>::max();

/// A request on its way, with the state that the parts of the engine keep for it. Its `stage` is a
/// tier while it is computing or waits there, and a leg while it is sending. Requests fill whole
/// cache lines, and what every request needs comes first.
struct alignas(64) Request {
  RequestRecord record;
  const Route* route = nullptr;  // Fixed when it arrives, and replaced if it falls back.
  double since = 0;              // The time at which its present stage began.
  std::size_t stage = 0;
  std::size_t station = 0;  // Computing: the number of its station in the tier.
  Bytes bytes;              // Sending: the size of the message.
  Request* next = nullptr;  // In a list: of a batch, of messages to send, or of free requests.

  bool tail = false;             // Computing: the tail instead of the stage.
  bool up = true;                // Sending: the direction.
  bool sending = false;          // Its stage is a leg and not a tier.
  bool on_tier = false;          // It waits or is computed on its tier.
  bool offered = false;          // Computing: an earlier attempt on this tier was lost.
  bool in_use = false;           // It has not ended, or gave up and is still somewhere.
  bool computing = false;        // On a tier: a machine has begun to compute it.
  bool on_link = false;          // Sending: its message is on the link.
  bool parked = false;           // It waits for a link or machine to come up.
  bool gave_up = false;          // It has ended, and is released where it is found next.
  bool is_present = false;       // In the link books: it waits for its link or is on it.
  bool of_updates = false;       // The message of an update, and no request: see ModelUpdates.
  bool on_radio = false;         // Its device's radio stays awake for its answer.
  std::uint8_t radio = 0;        // The interface whose radio that is.
  bool off_air = false;          // Its radio has its message, which stalls.
  bool of_tasks = false;         // A task of the director's, and no request: see TaskWork.
  std::uint32_t moved_tier = 0;  // The tier whose other site computes it; 0: none.
  std::uint32_t uplink = 0;      // While present: the uplink that its message is to take.
  double on_air = -1;            // When the radio took up its message; -1: not on air.
  KeptParts* parts = nullptr;    // Null unless an observer asks for them.
  Seconds stalled;               // Sending: how long it waited for its radio, or stalled, so far.
  Bytes piece;                   // Sending: the part of the message on the link; 0: it stalls.
  Bytes crossed;                 // Sending: what crossed of a message that is lost.

  Seconds in_line;                 // Sending: its waits for its device's earlier messages, so far.
  std::int64_t retries = 0;        // Counted in the present stage.
  std::optional<Bytes> own_bytes;  // The size of its device's message, if its arrival has one.
  /// Computing: how long head-of-line blocking held it up. While it waits, it is the reading of
  /// HeadOfLine when it joined the queue.
  double held_up = 0;
  double work = 0;               // Computing on a shared server: its service time.
  double patience = 0;           // The time that it may still wait, if only waiting counts.
  std::uint32_t alarm = 0;       // The number of its valid alarm: see TimeOuts.
  std::uint32_t moved_site = 0;  // The site of `moved_tier`.
  Bytes unsent;                  // Sending: the part that follows; 0 without TCP.
  std::uint32_t sendings = 0;    // Messages that ended: their timers are known to be old.
  std::uint32_t place = 0;       // Of its data, if devices move: see Handovers.
  std::size_t slot = 0;          // Its index in a RequestSet.
  /// Sending: when its device took up its message, after the promotion of its radio. Of a task,
  /// when its computation or its message began; before that, below 0.
  double sent_from = 0;
  std::size_t token = 0;  // Of a message of the controller's own (see SideTraffic), or of a task.
  TeamRun* team_run = nullptr;         // It is a step of this strand's, and no request of its own.
  simgrid::s4u::ActivityPtr activity;  // Set while SimGrid serves it.
  Seconds task_time;                   // The service time of a task's computation.

  /// Returns whether it is a message of the controller's own, and no request.
  bool is_side() const { return record.request < 0 && !of_updates && !of_tasks; }
  bool is_on_air() const { return on_air >= 0; }
  /// Adds the time in which its message crossed its leg.
  void add_crossing(Seconds time) {
    (up ? record.upload : record.download) += time;
    if (parts == nullptr) {
      return;
    }
    if (route->legs->is_long(stage)) {
      route->legs->divide(stage, up, time, parts->hops);
      return;
    }
    HopPart& part = parts->hops[route->level(stage)];
    (up ? part.up : part.down) += time;
  }
  /// Returns the site of its tier that computes it. `home` is that of its device.
  std::size_t site(std::size_t home) const {
    return moved_tier == 0 || moved_tier != stage ? home : moved_site;
  }
  /// Returns the service time of a batch of such requests. REQUIRES: computing, as for all below.
  Seconds service(std::size_t batch) const {
    const Stage& work_of_tier = route->stage(stage);
    return tail ? work_of_tier.tail : work_of_tier.service[batch - 1];
  }
  /// The same on a machine of that group of the tier. Routes of tasks count as `any_unlike`, so
  /// that tasks cost requests nothing.
  Seconds service_on(std::size_t group, std::size_t batch) const {
    if (!route->any_unlike || tail) {
      return service(batch);
    }
    if (of_tasks) {
      return task_time;
    }
    const Stage& work_of_tier = route->stage(stage);
    return work_of_tier.of_groups.empty() ? work_of_tier.service[batch - 1]
                                          : work_of_tier.of_groups[group][batch - 1];
  }
  std::size_t largest_batch() const { return tail ? 1 : route->stage(stage).service.size(); }
  /// Returns the core time that it takes in a batch of the best size, in a queue of that kind.
  Seconds least_work(StationKind kind) const {
    if (tail) {
      return route->stage(stage).tail;
    }
    if (route->any_unlike) {
      return of_tasks                               ? task_time
             : route->least_of_kinds[stage].empty() ? route->least[stage]
                                                    : route->least_of_kinds[stage][kind];
    }
    return route->least[stage];
  }
  /// Returns the service time that policies predict for it.
  Seconds predicted() const {
    if (route->predicted.empty() || tail) {
      return service(1);
    }
    return of_tasks ? task_time : route->predicted[stage];
  }
  /// The same of its core time.
  Seconds predicted_work(StationKind kind) const {
    if (route->predicted.empty() || tail) {
      return least_work(kind);
    }
    return of_tasks ? task_time : route->predicted_least[stage];
  }
  /// Returns how long everything after this computation takes in an idle system.
  Seconds rest() const { return tail ? Seconds(0) : route->rest[stage]; }

  /// Returns the size of its message up over a leg. A size of its own is that of its device's
  /// message, which tiers without layers relay.
  Bytes up_bytes(std::size_t leg) const {
    bool relays = own_bytes.has_value();
    const std::size_t sender = route->level(route->legs->from(leg));
    for (std::size_t tier = 1; relays && tier <= sender; ++tier) {
      const Stage& passed = route->itinerary->stages[tier];
      relays = !passed.used || !passed.has_layers;
    }
    return relays ? *own_bytes : route->crossing(leg).up_bytes_of(record.input);
  }
};

/// A first-in, first-out list, linked through the requests, so that thousands of empty lists cost
/// no memory.
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

/// Requests in no particular order. A request is in at most one set.
class RequestSet {
 public:
  void insert(Request* request) {
    request->slot = all_.size();
    all_.push_back(request);
  }
  /// REQUIRES: the request is in the set.
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
