#pragma once

#include <algorithm>
#include <vector>

#include "sim/scheduling/queue_discipline.h"

namespace offcut::scheduling {

/// The simplest queue that the header describes: it searches for the least key.
class WaitingLine {
 public:
  explicit WaitingLine(QueueDiscipline& discipline) : discipline_(discipline) {}

  void join(const Job& job) { waiting_.push_back({discipline_.key(job), job}); }
  bool empty() const { return waiting_.empty(); }
  /// Removes and returns the next job.
  Job serve() {
    const auto next = std::min_element(waiting_.begin(), waiting_.end(),
                                       [](const auto& a, const auto& b) { return a.key < b.key; });
    const Waiting taken = *next;
    waiting_.erase(next);
    discipline_.served(taken.job, taken.key);
    return taken.job;
  }
  std::vector<Job> serve_all() {
    std::vector<Job> order;
    while (!empty()) {
      order.push_back(serve());
    }
    return order;
  }

 private:
  struct Waiting {
    double key;
    Job job;
  };

  QueueDiscipline& discipline_;
  std::vector<Waiting> waiting_;  // In order of arrival.
};

}  // namespace offcut::scheduling
