// Equal sharing in closed form. All jobs of a resource progress at the same rate, so one number,
// the progress of a job that was there from the beginning, is enough: a job that starts when it is
// p is done when it is p + size, and jobs end in the order of these sums.

#include "sim/engine/links/fair_share.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace offcut::engine {

FairShares::FairShares(EventQueue& events, Listener& listener, std::size_t count,
                       network::Rates capacities, network::Rate most)
    : events_(events),
      listener_(listener),
      capacities_(std::move(capacities)),
      most_(std::move(most)),
      resources_(count) {}

bool FairShares::later(const Job& a, const Job& b) {
  return a.finish != b.finish ? a.finish > b.finish : a.order > b.order;
}

/// Returns the share of each job. REQUIRES: the resource has jobs.
network::EqualPart FairShares::share(std::size_t which) const {
  return {capacities_[which], most_, static_cast<double>(resources_[which].jobs.size())};
}

void FairShares::advance(std::size_t which) {
  Resource& resource = resources_[which];
  const double now = events_.now();
  if (resource.jobs.empty()) {
    resource.progress = 0;  // So that later sums keep their digits.
  } else {
    resource.progress = std::min(resource.progress + share(which).integral(resource.since, now),
                                 resource.jobs.front().finish);
  }
  resource.since = now;
}

/// Schedules the next end of a job, after the jobs have changed.
void FairShares::schedule(std::size_t which) {
  Resource& resource = resources_[which];
  ++resource.version;
  if (resource.jobs.empty()) {
    return;
  }
  const double left = resource.jobs.front().finish - resource.progress;
  const double end = share(which).when(resource.since, left);
  if (end < std::numeric_limits<double>::infinity()) {
    events_.schedule_in_background(end, *this, resource.version, static_cast<std::uint32_t>(which));
  }
}

void FairShares::start(std::size_t which, double size, void* job) {
  Resource& resource = resources_[which];
  advance(which);
  events_.hold();
  resource.jobs.push_back({resource.progress + size, started_++, job});
  std::push_heap(resource.jobs.begin(), resource.jobs.end(), later);
  schedule(which);
}

std::vector<void*> FairShares::remove_if(std::size_t which,
                                         const std::function<bool(void*)>& is_lost) {
  Resource& resource = resources_[which];
  advance(which);
  const auto lost = std::partition(resource.jobs.begin(), resource.jobs.end(),
                                   [&](const Job& job) { return !is_lost(job.job); });
  std::vector<void*> removed;
  for (auto job = lost; job != resource.jobs.end(); ++job) {
    events_.release();
    removed.push_back(job->job);
  }
  resource.jobs.erase(lost, resource.jobs.end());
  std::make_heap(resource.jobs.begin(), resource.jobs.end(), later);
  schedule(which);
  return removed;
}

void FairShares::visit(std::size_t which,
                       const std::function<void(void* job, double left)>& visit) {
  advance(which);
  for (const Job& job : resources_[which].jobs) {
    visit(job.job, job.finish - resources_[which].progress);
  }
}

void FairShares::handle(std::uint32_t version, std::uint32_t which, void* /*subject*/) {
  Resource& resource = resources_[which];
  if (version != resource.version) {
    return;
  }
  resource.progress = resource.jobs.front().finish;
  resource.since = events_.now();
  done_.clear();
  while (!resource.jobs.empty() && resource.jobs.front().finish <= resource.progress) {
    events_.release();
    done_.push_back(resource.jobs.front().job);
    std::pop_heap(resource.jobs.begin(), resource.jobs.end(), later);
    resource.jobs.pop_back();
  }
  schedule(which);
  for (void* job : done_) {
    listener_.shared(job);
  }
}

}  // namespace offcut::engine
