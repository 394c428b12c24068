// Tasks report their times when they end. So the times of a client are put together whenever
// nothing is under way for it: no task that ends later can have been at work before.

#include "sim/training/client_times.h"

#include <algorithm>
#include <stdexcept>

namespace offcut::training {

void ClientTimes::begins(std::size_t client) { ++at_work_[client].under_way; }

void ClientTimes::ends(std::size_t client, Way::Kind kind, Seconds from, Seconds until) {
  const auto found = at_work_.find(client);
  if (found == at_work_.end()) {
    throw std::logic_error("a client's task ended twice");
  }
  work_.at(client).last = std::max(work_.at(client).last, until);
  AtWork& at_work = found->second;
  at_work.intervals.push_back({kind, from, until});
  if (--at_work.under_way == 0) {
    add(at_work.intervals, work_[client]);
    at_work_.erase(found);
  }
}

void ClientTimes::close() {
  for (const auto& [client, at_work] : at_work_) {
    add(at_work.intervals, work_.at(client));
  }
  at_work_.clear();
}

/// Walks over the times at which intervals begin or end.
void ClientTimes::add(const std::vector<Interval>& intervals, Work& work) {
  struct Edge {
    Seconds time;
    Way::Kind kind;
    int change;
  };
  std::vector<Edge> edges;
  for (const Interval& interval : intervals) {
    edges.push_back({interval.from, interval.kind, 1});
    edges.push_back({interval.until, interval.kind, -1});
  }
  std::sort(edges.begin(), edges.end(),
            [](const Edge& a, const Edge& b) { return a.time < b.time; });
  int computing = 0;
  int messages = 0;
  Seconds since;
  for (const Edge& edge : edges) {
    if (computing > 0) {
      work.compute += edge.time - since;
    } else if (messages > 0) {
      work.communication += edge.time - since;
    }
    since = edge.time;
    (edge.kind == Way::Kind::computing ? computing : messages) += edge.change;
  }
}

}  // namespace offcut::training
