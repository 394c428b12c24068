#pragma once

#include <deque>
#include <utility>
#include <vector>

#include "sim/engine/core/pool.h"
#include "sim/engine/core/request.h"

namespace offcut::engine {

/// The requests of a run that have not ended, and those that gave up and are still somewhere.
class RequestPool {
 public:
  /// The number of the first task. Random delays draw from streams by number (see Delays), and
  /// tasks have other ones than requests and messages of the controller's own.
  static constexpr std::int64_t kFirstTask = -(std::int64_t{1} << 46U);

  /// Requests keep the parts of their times by tier and hop only if an observer asks for them.
  RequestPool(const Simulation& simulation, bool keeps_parts)
      : tiers_(levels(simulation.tiers.size(), simulation.groups)),
        hops_(levels(simulation.hops.size(), simulation.groups)),
        keeps_parts_(keeps_parts) {}

  Request* take() {
    Request* request = requests_.take();
    request->in_use = true;
    request->tail = false;
    request->sending = false;
    request->gave_up = false;
    request->is_present = false;
    request->of_tasks = false;
    request->moved_tier = 0;
    if (keeps_parts_) {
      begin_parts(request);
    }
    return request;
  }
  /// Returns a message of the controller's own, see SideTraffic, which goes up. Its number is
  /// negative.
  Request* take_side(std::size_t device, std::size_t request_class, std::size_t token) {
    Request* message = take();
    message->record = {.request = --last_side_, .device = device, .request_class = request_class};
    message->token = token;
    message->sending = true;
    message->up = true;
    message->on_radio = false;
    message->retries = 0;
    ++sides_;
    return message;
  }
  /// Returns a task of a director's. Its number is negative, and grows.
  Request* take_task(std::size_t device, std::size_t request_class, std::size_t token) {
    Request* task = take();
    task->record = {.request = kFirstTask + tasks_++,
                    .device = device,
                    .request_class = request_class,
                    .fell_back = true};  // A machine does not reject it.
    task->of_tasks = true;
    task->token = token;
    task->on_radio = false;
    task->on_tier = false;
    task->computing = false;
    task->on_link = false;
    task->parked = false;
    task->offered = false;
    task->up = true;
    task->retries = 0;
    task->sent_from = -1;
    task->place = kAnyPlace;
    task->team_run = nullptr;
    return task;
  }
  void release(Request* request) {
    sides_ -= request->is_side() ? std::size_t{1} : std::size_t{0};
    gave_up_ -= request->gave_up ? 1 : 0;
    request->in_use = false;
    requests_.give_back(request);
  }
  void release_all(std::vector<RequestList>& lists) {
    for (RequestList& list : lists) {
      while (!list.empty()) {
        release(list.pop());
      }
    }
  }
  /// The request gives up: it has ended, and is released where it is found next.
  void give_up(Request* request) {
    request->gave_up = true;
    ++gave_up_;
  }
  /// Returns whether requests that gave up are not released yet.
  bool any_gave_up() const { return gave_up_ > 0; }
  /// Returns whether messages of the controller's own are under way.
  bool any_side() const { return sides_ > 0; }

  /// Returns those of a device that have not ended, in order of arrival.
  std::vector<Request*> of_device(std::size_t device) {
    std::vector<Request*> found;
    for (Request& request : requests_.all()) {
      if (request.in_use && !request.gave_up && request.record.device == device) {
        found.push_back(&request);
      }
    }
    return in_order_of_arrival(std::move(found));
  }
  /// Returns those that are not released, in order of arrival.
  std::vector<Request*> in_use() {
    std::vector<Request*> found;
    for (Request& request : requests_.all()) {
      if (request.in_use) {
        found.push_back(&request);
      }
    }
    return in_order_of_arrival(std::move(found));
  }

 private:
  void begin_parts(Request* request) {
    if (request->parts == nullptr) {
      request->parts = &parts_.emplace_back();
    }
    request->parts->tiers.assign(tiers_, {});
    request->parts->hops.assign(hops_, {});
  }

  std::size_t tiers_;
  std::size_t hops_;
  bool keeps_parts_;
  Pool<Request> requests_;
  std::deque<KeptParts> parts_;  // They never move, and are reused with their requests.
  std::size_t gave_up_ = 0;
  std::size_t sides_ = 0;
  std::int64_t last_side_ = 0;
  std::int64_t tasks_ = 0;
};

}  // namespace offcut::engine
