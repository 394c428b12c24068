#pragma once

#include <functional>
#include <vector>

#include "sim/engine/core/event_queue.h"
#include "sim/network/rates.h"

namespace offcut::engine {

/// A number of like resources, each of which its jobs share equally, none faster than `most`: of n
/// jobs each gets min(most, capacity / n) (egalitarian processor sharing). That is what max-min
/// sharing gives flows that cross one link only, and flows that meet on one link if the links of
/// their own that they also cross are alike. A job costs log n; an idle resource costs nothing.
///
/// Capacity and `most` may change over time. A job has got the integral of its share, and the next
/// end is the time at which this integral reaches the job's size, so a change that is known
/// beforehand needs no event.
class FairShares final : EventQueue::Handler {
 public:
  class Listener {
   public:
    /// The job is done; the resource is free of it already.
    virtual void shared(void* job) = 0;

   protected:
    ~Listener() = default;
  };

  /// `capacities`: of each of the `count` resources.
  FairShares(EventQueue& events, Listener& listener, std::size_t count, network::Rates capacities,
             network::Rate most);

  /// Begins to serve a job. A job that would take for ever is never done. REQUIRES: size >= 0.
  void start(std::size_t which, double size, void* job);
  /// Removes the unfinished jobs for which `goes` returns true, and returns them in no particular
  /// order.
  std::vector<void*> remove_if(std::size_t which, const std::function<bool(void*)>& goes);

 private:
  struct Job {
    double finish;  // what every job must have got for this one to be done
    std::uint64_t order;
    void* job;
  };
  struct Resource {
    std::vector<Job> jobs;  // a heap, the first to end on top
    double got = 0;         // by each job, since the resource was idle last
    double since = 0;
    std::uint32_t version = 0;  // of what is scheduled: an event of another is out of date
  };

  static bool later(const Job& a, const Job& b);
  void handle(std::uint32_t version, std::uint32_t which, void* subject) override;
  network::EqualPart share(std::size_t which) const;
  void advance(std::size_t which);
  void schedule(std::size_t which);

  EventQueue& events_;
  Listener& listener_;
  network::Rates capacities_;
  network::Rate most_;
  std::vector<Resource> resources_;
  std::vector<void*> done_;
  std::uint64_t started_ = 0;
};

}  // namespace offcut::engine
