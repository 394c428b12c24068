// Airtime in closed form. All jobs of a cell progress at the same rate, so one number, the progress
// of a job that was there from the beginning, is enough: a job that starts when it is p is done
// when it is p + size. The sum of the costs is formed anew for each event, since a cell has few
// stations that are active at once.

#include "sim/engine/links/cell_shares.h"

#include <algorithm>
#include <numeric>

namespace offcut::engine {
namespace {

/// Returns the time that a byte of each job takes.
template <class Jobs>
double round_time(const Jobs& jobs) {
  return std::accumulate(jobs.begin(), jobs.end(), 0.0,
                         [](double sum, const auto& job) { return sum + job.cost; });
}

template <class Jobs>
double next_finish(const Jobs& jobs) {
  return std::min_element(jobs.begin(), jobs.end(),
                          [](const auto& a, const auto& b) { return a.finish < b.finish; })
      ->finish;
}

}  // namespace

void CellShares::advance(Cell& cell) const {
  const double now = events_.now();
  if (cell.jobs.empty()) {
    cell.progress = 0;  // So that later sums keep their digits.
  } else {
    cell.progress = std::min(cell.progress + (now - cell.since) / round_time(cell.jobs),
                             next_finish(cell.jobs));
  }
  cell.since = now;
}

/// Schedules the next end of a job, after the jobs have changed.
void CellShares::schedule(std::size_t which) {
  Cell& cell = cells_[which];
  ++cell.version;
  if (!cell.jobs.empty()) {
    const double left = next_finish(cell.jobs) - cell.progress;
    events_.schedule_in_background(cell.since + left * round_time(cell.jobs), *this, cell.version,
                                   static_cast<std::uint32_t>(which));
  }
}

void CellShares::start(std::size_t which, double size, double cost, void* job) {
  Cell& cell = cells_[which];
  advance(cell);
  events_.hold();
  cell.jobs.push_back({cell.progress + size, cost, job});
  schedule(which);
}

void CellShares::remove(std::size_t which, const void* job) {
  Cell& cell = cells_[which];
  advance(cell);
  const auto found = std::find_if(cell.jobs.begin(), cell.jobs.end(),
                                  [job](const Job& other) { return other.job == job; });
  if (found != cell.jobs.end()) {
    events_.release();
    cell.jobs.erase(found);
  }
  schedule(which);
}

void CellShares::visit(std::size_t which,
                       const std::function<void(void* job, double left)>& visit) {
  Cell& cell = cells_[which];
  advance(cell);
  for (const Job& job : cell.jobs) {
    visit(job.job, job.finish - cell.progress);
  }
}

void CellShares::handle(std::uint32_t version, std::uint32_t which, void* /*subject*/) {
  Cell& cell = cells_[which];
  if (version != cell.version) {
    return;
  }
  cell.progress = next_finish(cell.jobs);
  cell.since = events_.now();
  const auto rest = std::stable_partition(cell.jobs.begin(), cell.jobs.end(), [&](const Job& job) {
    return job.finish > cell.progress;
  });
  const std::vector<Job> done(rest, cell.jobs.end());
  cell.jobs.erase(rest, cell.jobs.end());
  schedule(which);
  for (const Job& job : done) {
    events_.release();
    listener_.shared(job.job);
  }
}

}  // namespace offcut::engine
