// The failures of the naive simulator: outages as unions of intervals, and what becomes of requests
// under the failure policies of their classes.

#include <algorithm>
#include <cmath>

#include "naive_simulator.h"

namespace offcut::engine {

/// Schedules the times at which the component is down: those that any of its outages covers, found
/// by asking for each piece between two ends of outages.
void NaiveSimulator::schedule_outages(const network::Faults& faults, Component component) {
  std::vector<double> times;
  for (const network::Outage& outage : faults.outages) {
    if (outage.which == component.number) {
      times.push_back(outage.from.si());
      times.push_back(outage.until.si());
    }
  }
  std::sort(times.begin(), times.end());
  times.erase(std::unique(times.begin(), times.end()), times.end());
  const auto is_covered = [&](std::size_t piece) {
    return std::any_of(faults.outages.begin(), faults.outages.end(), [&](const auto& outage) {
      return outage.which == component.number && outage.from.si() <= times[piece] &&
             outage.until.si() >= times[piece + 1];
    });
  };
  for (std::size_t i = 0; i + 1 < times.size(); ++i) {
    if (!is_covered(i) || (i > 0 && is_covered(i - 1))) {
      continue;
    }
    std::size_t end = i;
    while (end + 1 < times.size() && is_covered(end)) {
      ++end;
    }
    const bool for_good = times[end] == kNever.si();
    schedule(times[i], [=, this] { goes_down(component, for_good); });
    if (!for_good) {
      schedule(times[end], [=, this] { comes_up(component); });
    }
  }
}

void NaiveSimulator::goes_down(const Component& component, bool for_good) {
  down_[component] = false;
  component.is_link ? link_down(component.position, component.number)
                    : machine_down(component.position, component.number);
  if (!for_good) {
    return;
  }
  down_[component] = true;
  Component obstacle = component;
  obstacle.number /= component.is_link ? 1 : servers_per_site(component.position);
  if (is_hopeless(obstacle)) {
    for (Job* job : take_waiting(obstacle)) {
      recover(*job);
    }
  }
}

void NaiveSimulator::comes_up(const Component& component) {
  down_.erase(component);
  Component obstacle = component;
  if (!component.is_link) {
    machine_up(component.position, component.number);
    obstacle.number /= servers_per_site(component.position);
  }
  for (Job* job : take_waiting(obstacle)) {
    try_again(*job);
  }
}

std::vector<NaiveSimulator::Job*> NaiveSimulator::take_waiting(const Component& obstacle) {
  std::vector<Job*> taken;
  for (const auto& [awaited, job] : parked_) {
    if (awaited == obstacle) {
      taken.push_back(job);
    }
  }
  std::erase_if(parked_, [&](const auto& parked) { return parked.first == obstacle; });
  return taken;
}

void NaiveSimulator::fails(Job& job) {
  ++job.record.failures;
  recover(job);
}

void NaiveSimulator::recover(Job& job) {
  const network::FailurePolicy& policy = class_of(job).failures;
  job.record.lost += Seconds(now_ - job.since);
  job.since = now_;
  if (job.retries < policy.retries) {
    double pause = policy.backoff.si();
    for (std::int64_t i = 0; i < job.retries; ++i) {
      pause *= policy.factor;
    }
    ++job.retries;
    job.state = State::pausing;
    schedule(now_ + pause, [this, &job] { try_again(job); });
    return;
  }
  using Then = network::FailurePolicy::Then;
  if (job.record.fell_back || policy.then == Then::wait) {
    wait(job);
  } else if (policy.then == Then::local) {
    fall_back(job);
  } else if (policy.then == Then::drop) {
    drop(job, (job.sending ? simulation_.hops[job.place].name : simulation_.tiers[job.place].name) +
                  " failed");
  } else {
    fail_over(job, policy.then);
  }
}

void NaiveSimulator::fail_over(Job& job, network::FailurePolicy::Then then) {
  const bool site_failed = !job.sending && job.place > 0 && !is_up(obstacle_of(job));
  if (site_failed && then == network::FailurePolicy::Then::next_tier &&
      itinerary_of(job).failover_of(job.place)) {
    job.record.failover = Failover::next_tier;
    job.itinerary = *itinerary_of(job).failover_of(job.place);
    leave_tier(job.place, job);
    return;
  }
  if (site_failed && then == network::FailurePolicy::Then::other_site) {
    for (const std::size_t site : other_sites(job)) {
      if (is_up({false, job.place, site})) {
        job.record.failover = Failover::other_site;
        job.moved_tier = job.place;
        job.moved_site = site;
        send(job.place - 1, true, job);
        return;
      }
    }
  }
  wait(job);
}

/// Returns the other sites of its tier, from the next one on.
std::vector<std::size_t> NaiveSimulator::other_sites(const Job& job) const {
  std::vector<std::size_t> others;
  for (std::size_t i = 1; i < sites_of(job.place); ++i) {
    others.push_back((site_of(job) + i) % sites_of(job.place));
  }
  return others;
}

void NaiveSimulator::wait(Job& job) {
  Component obstacle = obstacle_of(job);
  if (is_up(obstacle)) {
    try_again(job);
    return;
  }
  if (is_hopeless(obstacle)) {
    const bool may_move = class_of(job).failures.then == network::FailurePolicy::Then::other_site &&
                          !job.sending && job.place > 0;
    const std::vector<std::size_t> others =
        may_move ? other_sites(job) : std::vector<std::size_t>();
    const auto hopeful = std::find_if(others.begin(), others.end(), [&](std::size_t site) {
      return !is_hopeless({false, job.place, site});
    });
    if (hopeful == others.end()) {
      drop(job,
           (job.sending ? simulation_.hops[job.place].name : simulation_.tiers[job.place].name) +
               " failed");
      return;
    }
    obstacle.number = *hopeful;
  }
  job.state = State::parked;
  parked_.emplace_back(obstacle, &job);
}

void NaiveSimulator::try_again(Job& job) {
  job.record.lost += Seconds(job.ghost ? 0 : now_ - job.since);
  if (job.ghost) {
    job.state = State::gone;
  } else {
    job.sending ? line_up(job) : submit(job);
  }
}

void NaiveSimulator::fall_back(Job& job) {
  job.itinerary = class_of(job).fallback.value();
  job.tail = false;
  job.sending = false;
  job.record.fell_back = true;
  compute(0, job);
}

// --- what it needs

/// Returns the site that computes it on its tier.
std::size_t NaiveSimulator::site_of(const Job& job) const {
  if (job.moved_tier > 0 && job.moved_tier == job.place) {
    return job.moved_site;
  }
  const std::size_t devices = simulation_.tiers[0].servers;
  const auto of_each = static_cast<std::size_t>(
      std::ceil(static_cast<double>(devices) / static_cast<double>(sites_of(job.place))));
  return job.record.device / of_each;
}

NaiveSimulator::Component NaiveSimulator::obstacle_of(const Job& job) const {
  return {job.sending, job.place,
          job.sending ? link_of(job.place, job.record.device) : site_of(job)};
}

bool NaiveSimulator::is_up(const Component& obstacle) const {
  if (obstacle.is_link) {
    return !down_.contains(obstacle);
  }
  const std::size_t machines = servers_per_site(obstacle.position);
  for (std::size_t i = 0; i < machines; ++i) {
    if (!down_.contains({false, obstacle.position, obstacle.number * machines + i})) {
      return true;
    }
  }
  return false;
}

bool NaiveSimulator::is_hopeless(const Component& obstacle) const {
  const auto is_lost = [&](std::size_t number) {
    const auto found = down_.find({obstacle.is_link, obstacle.position, number});
    return found != down_.end() && found->second;
  };
  if (obstacle.is_link) {
    return is_lost(obstacle.number);
  }
  const std::size_t machines = servers_per_site(obstacle.position);
  for (std::size_t i = 0; i < machines; ++i) {
    if (!is_lost(obstacle.number * machines + i)) {
      return false;
    }
  }
  return true;
}

}  // namespace offcut::engine
