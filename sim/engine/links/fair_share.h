#pragma once

#include <boost/container/small_vector.hpp>
#include <functional>
#include <vector>

#include "sim/engine/core/event_queue.h"
#include "sim/network/rates.h"

namespace offcut::engine {

/// Resources of one kind, each shared equally by its jobs, none of which is faster than `most`:
/// each of n jobs gets min(most, capacity / n) (egalitarian processor sharing). Max-min sharing
/// gives the same to flows that cross one link only, and to flows that meet on one link after alike
/// links of their own. A job costs log n; an idle resource costs nothing.
///
/// Capacities and `most` may change over time. The progress of a job is the integral of its share,
/// and the next job ends when this integral reaches its size, so a change that is known beforehand
/// needs no event.
class FairShares final : EventQueue::Handler {
 public:
  class Listener {
   public:
    /// The job is done, and no longer on the resource.
    virtual void shared(void* job) = 0;

   protected:
    ~Listener() = default;
  };

  /// `capacities` holds those of the `count` resources.
  FairShares(EventQueue& events, Listener& listener, std::size_t count, network::Rates capacities,
             network::Rate most);

  /// Begins to serve a job. A job that would take for ever is never done. REQUIRES: size >= 0.
  void start(std::size_t which, double size, void* job);
  /// Removes the unfinished jobs for which `is_lost` returns true, and returns them in no
  /// particular order.
  std::vector<void*> remove_if(std::size_t which, const std::function<bool(void*)>& is_lost);
  /// Calls `visit` with each unfinished job and the part of its size that is left now.
  void visit(std::size_t which, const std::function<void(void* job, double left)>& visit);
  std::size_t count() const { return resources_.size(); }

 private:
  struct Job {
    double finish;  // The value of Resource::progress at which this job is done.
    std::uint64_t order;
    void* job;
  };
  struct Resource {
    boost::container::small_vector<Job, 1> jobs;  // A heap, with the first one to end on top.
    double progress = 0;                          // Made by a job since the resource was last idle.
    double since = 0;                             // The time of `progress`.
    std::uint32_t version = 0;                    // Events of other versions are out of date.
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
