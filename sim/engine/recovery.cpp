// Failed requests, under the failure policies of their classes. A pause is an event. A request that
// waits for a link or for the machines of a site is listed under that obstacle, and goes on when
// FaultClock reports it up. The time of a failed attempt and of the pause after it counts as lost.

#include "sim/engine/recovery.h"

#include <cmath>

namespace offcut::engine {

void Recovery::recover(Request* request) {
  RequestRecord& record = request->record;
  const network::FailurePolicy& policy = simulation_.classes[record.request_class].failures;
  record.lost += Seconds(events_.now() - request->since);
  request->since = events_.now();
  if (record.failures >= network::kMostFailuresOfRequest) {
    listener_.drop(request, reasons_.failed_too_often());
  } else if (request->retries < policy.retries) {
    const double growth = std::pow(policy.factor, static_cast<double>(request->retries++));
    // Without a backoff there is no pause, even where the growth is infinite.
    const double pause = policy.backoff > Seconds(0) ? policy.backoff.si() * growth : 0;
    events_.schedule(events_.now() + pause, *this, 0, 0, request);
  } else if (policy.then == network::FailurePolicy::Then::wait || record.fell_back) {
    wait(request);
  } else if (policy.then == network::FailurePolicy::Then::local) {
    listener_.fall_back(request);
  } else {
    drop(request);
  }
}

void Recovery::drop(Request* request) {
  listener_.drop(request, request->sending ? reasons_.link_failed(request->stage)
                                           : reasons_.machine_failed(request->stage));
}

void Recovery::handle(std::uint32_t /*kind*/, std::uint32_t /*number*/, void* subject) {
  try_again(static_cast<Request*>(subject));
}

void Recovery::try_again(Request* request) {
  request->record.lost += Seconds(events_.now() - request->since);
  listener_.try_again(request);
}

void Recovery::wait(Request* request) {
  const std::size_t device = request->record.device;
  const Obstacle obstacle{request->sending, request->stage,
                          request->sending ? places_.link_of(request->stage, device)
                                           : places_.site_of(request->stage, device)};
  if (is_up(obstacle, device)) {
    try_again(request);
  } else if (is_hopeless(obstacle)) {
    drop(request);
  } else {
    request->parked = true;
    ++parked_;
    waiting_[obstacle].push_back(request);
  }
}

bool Recovery::is_up(const Obstacle& obstacle, std::size_t device) const {
  return obstacle.is_link ? network_.is_up(obstacle.position, device)
                          : computing_.is_up(obstacle.position, obstacle.index);
}

/// Returns the obstacle that the component is part of: its link, or the machines of its site.
Recovery::Obstacle Recovery::obstacle_of(const FaultClock::Component& component) const {
  return {component.is_link, component.position,
          component.is_link ? component.index
                            : places_.start().site_of_server(component.position, component.index)};
}

/// Returns whether the link, or every machine of the site, failed for good.
bool Recovery::is_hopeless(const Obstacle& obstacle) const {
  const auto found = for_good_.find(obstacle);
  return found != for_good_.end() &&
         (obstacle.is_link ||
          found->second.size() == places_.start().servers_per_site(obstacle.position));
}

void Recovery::fails_for_good(const FaultClock::Component& component) {
  const Obstacle obstacle = obstacle_of(component);
  for_good_[obstacle].insert(component.index);
  if (is_hopeless(obstacle)) {
    for (Request* request : no_longer_waiting(obstacle)) {
      request->gave_up ? listener_.try_again(request) : wait(request);
    }
  }
}

void Recovery::comes_up(const FaultClock::Component& component) {
  for (Request* request : no_longer_waiting(obstacle_of(component))) {
    try_again(request);
  }
}

/// Takes all requests that wait for the obstacle off the list.
std::vector<Request*> Recovery::no_longer_waiting(const Obstacle& obstacle) {
  const auto found = waiting_.find(obstacle);
  if (found == waiting_.end()) {
    return {};
  }
  std::vector<Request*> all = std::move(found->second);
  waiting_.erase(found);
  for (Request* request : all) {
    request->parked = false;
    parked_ -= request->gave_up ? 0 : 1;
  }
  return all;
}

}  // namespace offcut::engine
