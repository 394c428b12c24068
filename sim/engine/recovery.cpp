// Failed requests, under the failure policies of their classes. A pause is an event. A request that
// waits for a link or for the machines of a site is listed under that obstacle, and goes on when
// FaultClock reports it up. The time of a failed attempt and of the pause after it counts as lost.

#include "sim/engine/recovery.h"

#include <algorithm>
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
  } else if (record.fell_back) {
    wait(request);
  } else {
    take_action(request, policy.then);
  }
}

/// Its retries are used up.
void Recovery::take_action(Request* request, network::FailurePolicy::Then then) {
  switch (then) {
    case network::FailurePolicy::Then::wait:
      wait(request);
      break;
    case network::FailurePolicy::Then::local:
      listener_.fall_back(request);
      break;
    case network::FailurePolicy::Then::drop:
      drop(request);
      break;
    case network::FailurePolicy::Then::other_site:
    case network::FailurePolicy::Then::next_tier:
      fail_over(request, then);
      break;
  }
}

/// Lets other machines compute the request, if no machine of its own site is up. Its device, and a
/// link, have no other.
void Recovery::fail_over(Request* request, network::FailurePolicy::Then then) {
  const bool has_others = !request->sending && request->stage >= simulation_.groups;
  if (!has_others || is_up(obstacle_of(request), request->record.device)) {
    wait(request);
  } else if (then == network::FailurePolicy::Then::next_tier) {
    if (request->route->itinerary->failover_of(request->route->level(request->stage))) {
      listener_.go_to_next_tier(request);
    } else {
      wait(request);
    }
  } else if (const auto site = other_site(request, [&](std::size_t other) {
               return computing_.is_up(request->stage, other);
             })) {
    listener_.go_to_site(request, *site);
  } else {
    wait(request);
  }
}

/// Returns the next site of the request's tier after its own that is accepted, if any is.
template <class Accepts>
std::optional<std::size_t> Recovery::other_site(const Request* request, Accepts accepts) const {
  const std::size_t sites = places_.start().sites(request->stage);
  const std::size_t own = obstacle_of(request).index;
  for (std::size_t next = 1; next < sites; ++next) {
    const std::size_t other = (own + next) % sites;
    if (accepts(other)) {
      return other;
    }
  }
  return std::nullopt;
}

void Recovery::drop(Request* request) {
  listener_.drop(request, request->sending ? reasons_.link_failed(hop_in_the_way(request))
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
  Obstacle obstacle = obstacle_of(request);
  if (is_up(obstacle, request->record.device)) {
    try_again(request);
    return;
  }
  if (is_hopeless(obstacle)) {
    const auto other = site_to_wait_for(request);
    if (!other) {
      drop(request);
      return;
    }
    obstacle.index = *other;
  }
  request->parked = true;
  ++parked_;
  waiting_[obstacle].push_back(request);
}

/// Returns another site that will come up, for a request that may go to any.
std::optional<std::size_t> Recovery::site_to_wait_for(const Request* request) const {
  const network::FailurePolicy& policy =
      simulation_.classes[request->record.request_class].failures;
  if (policy.then != network::FailurePolicy::Then::other_site || request->sending ||
      request->stage < simulation_.groups) {
    return std::nullopt;
  }
  return other_site(request, [&](std::size_t other) {
    return !is_hopeless({false, request->stage, other});
  });
}

/// Returns what the request needs now: its link, or the machines of its site.
Recovery::Obstacle Recovery::obstacle_of(const Request* request) const {
  const std::size_t device = request->record.device;
  if (request->sending) {
    const std::size_t hop = hop_in_the_way(request);
    return {true, hop, places_.link_of(hop, device)};
  }
  return {false, request->stage, request->site(places_.site_of(request->stage, device))};
}

/// Returns the hop for which a message waits: one of its leg that failed for good, or else one that
/// is down, or else one that may fail, the first of these outward.
std::size_t Recovery::hop_in_the_way(const Request* request) const {
  const std::size_t device = request->record.device;
  const auto hops = legs_.hops(request->stage);
  const auto first = [&](auto holds) { return std::find_if(hops.begin(), hops.end(), holds); };
  auto hop = first([&](std::size_t number) {
    return hops.size() > 1 && is_hopeless({true, number, places_.link_of(number, device)});
  });
  hop = hop != hops.end()
            ? hop
            : first([&](std::size_t number) { return !network_.is_up(number, device); });
  hop = hop != hops.end()
            ? hop
            : first([&](std::size_t number) { return simulation_.hops[number].faults.any(); });
  return hop != hops.end() ? *hop : hops.front();
}

bool Recovery::is_up(const Obstacle& obstacle, std::size_t device) const {
  return obstacle.is_link ? network_.is_up(obstacle.position, device)
                          : computing_.is_up(obstacle.position, obstacle.index);
}

Recovery::Obstacle Recovery::obstacle_of(const FaultClock::Component& component) const {
  return {component.is_link, component.position,
          component.is_link ? component.index
                            : places_.start().site_of_server(component.position, component.index)};
}

bool Recovery::is_hopeless(const Obstacle& obstacle) const {
  const auto found = for_good_.find(obstacle);
  return found != for_good_.end() &&
         (obstacle.is_link ||
          found->second.size() == places_.start().servers_at(obstacle.position, obstacle.index));
}

void Recovery::fails_for_good(const FaultClock::Component& component) {
  const Obstacle obstacle = obstacle_of(component);
  for_good_[obstacle].insert(component.index);
  if (is_hopeless(obstacle)) {
    for (Request* request : no_longer_waiting(obstacle)) {
      request->gave_up ? listener_.try_again(request) : recover(request);
    }
    listener_.failed_for_good();
  }
}

void Recovery::comes_up(const FaultClock::Component& component) {
  for (Request* request : no_longer_waiting(obstacle_of(component))) {
    try_again(request);
  }
  listener_.came_up(component);
}

void Recovery::wait_no_longer(Request* request) {
  for (auto entry = waiting_.begin(); entry != waiting_.end(); ++entry) {
    std::vector<Request*>& all = entry->second;
    const auto found = std::find(all.begin(), all.end(), request);
    if (found != all.end()) {
      all.erase(found);
      if (all.empty()) {
        waiting_.erase(entry);
      }
      break;
    }
  }
  request->parked = false;
  --parked_;
  try_again(request);
}

void Recovery::close(RunRecord& record) const {
  constexpr std::int64_t kShare = 20;
  const auto strand = [&](std::int64_t& stranded, Verdict& verdict) {
    ++stranded;
    if (kShare * stranded > record.arrived) {
      verdict = std::max(verdict, Verdict::backlogged);
    }
  };
  for (const auto& [obstacle, requests] : waiting_) {
    for (const Request* request : requests) {
      if (request->gave_up) {
        continue;
      }
      if (!obstacle.is_link) {
        TierUsage& tier = record.tiers[obstacle.position];
        strand(tier.stranded, tier.verdict);
      } else if (HopUsage& hop = record.hops[obstacle.position]; request->up) {
        strand(hop.up_traffic.stranded, hop.up_load.verdict);
      } else {
        strand(hop.down_traffic.stranded, hop.down_load.verdict);
      }
    }
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
