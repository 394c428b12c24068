#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "models/base/units.h"
#include "sim/training/way.h"

namespace offcut::training {

/// The time that clients were at work. A client computes while its machine does a task of its; it
/// communicates while a message is under way for it and it does not compute, waits in the line of
/// its link included. So the two never overlap.
class ClientTimes {
 public:
  struct Work {
    Seconds compute, communication;
    Seconds last;  // The end of its last task so far.
    Seconds all() const { return compute + communication; }
  };

  void resize(std::size_t clients) { work_.resize(clients); }

  /// A task of the client's is handed out.
  void begins(std::size_t client);
  /// It has ended, and took the time from `from` to `until`.
  void ends(std::size_t client, Way::Kind kind, Seconds from, Seconds until);
  bool is_at_work(std::size_t client) const { return at_work_.contains(client); }
  /// Adds what is known of tasks of those who are at work. Nothing follows.
  void close();

  /// Returns the work up to the last time at which nothing was under way for the client.
  const Work& of(std::size_t client) const { return work_.at(client); }

 private:
  struct Interval {
    Way::Kind kind;
    Seconds from, until;
  };
  struct AtWork {
    std::int64_t under_way = 0;       // Tasks.
    std::vector<Interval> intervals;  // Of those that have ended since it began to work.
  };
  static void add(const std::vector<Interval>& intervals, Work& work);

  std::vector<Work> work_;
  std::unordered_map<std::size_t, AtWork> at_work_;
};

}  // namespace offcut::training
