#pragma once

#include <compare>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "sim/engine/core/drop_reasons.h"
#include "sim/engine/core/fault_clock.h"
#include "sim/engine/links/network.h"
#include "sim/engine/tiers/computing.h"

namespace offcut::engine {

/// Decides what becomes of a request that can't go on because a link or a machine went down or is
/// down. As the failure policy of its class says, it tries again after a pause, waits until the
/// link or a machine is up, goes to another site or to the next tier, falls back to its device, or
/// is dropped.
class Recovery final : EventQueue::Handler {
 public:
  class Listener {
   public:
    /// The request sends its message, or is computed, again.
    virtual void try_again(Request* request) = 0;
    virtual void fall_back(Request* request) = 0;
    /// The message is sent to this site of the request's tier.
    virtual void go_to_site(Request* request, std::size_t site) = 0;
    /// The next tier computes the request's stage. REQUIRES: its route names a failover.
    virtual void go_to_next_tier(Request* request) = 0;
    virtual void drop(Request* request, DropReason reason) = 0;
    /// A link or a machine is up again, after the requests that waited for it went on, or will
    /// never be.
    virtual void came_up(const FaultClock::Component& /*component*/) {}
    virtual void failed_for_good() {}

   protected:
    ~Listener() = default;
  };

  Recovery(const Simulation& simulation, const Legs& legs, const network::Places& places,
           const DropReasons& reasons, EventQueue& events, const Network& network,
           const Computing& computing, Listener& listener)
      : simulation_(simulation),
        legs_(legs),
        places_(places),
        reasons_(reasons),
        events_(events),
        network_(network),
        computing_(computing),
        listener_(listener) {}

  /// The link, or the machines of a site, that requests wait for.
  struct Obstacle {
    bool is_link = false;
    std::size_t position = 0;  // The number of the hop or the tier.
    std::size_t index = 0;     // The number of the link or the site.
    auto operator<=>(const Obstacle&) const = default;
  };

  /// The request's message or computation was lost, or can't begin.
  void recover(Request* request);
  /// A link or a machine is up again: the requests that wait for it go on.
  void comes_up(const FaultClock::Component& component);
  /// The request tries again now, whatever it waits for. REQUIRES: request->parked.
  void wait_no_longer(Request* request);
  /// Returns whether the link, or every machine of the site, failed for good.
  bool is_hopeless(const Obstacle& obstacle) const;
  /// Returns the obstacle that the component is part of: its link, or the machines of its site.
  Obstacle obstacle_of(const FaultClock::Component& component) const;
  /// A link or a machine will not come up again. If no other can take their place, the requests
  /// that wait for it are dropped, and later ones don't wait.
  void fails_for_good(const FaultClock::Component& component);
  /// Returns whether any request waits for a link or a machine.
  bool any_waits() const { return parked_ > 0; }
  /// Counts the requests that wait for a link or a machine when the run is stopped, and judges
  /// these: they are backlogged if more than a twentieth of all requests is stranded there.
  void close(RunRecord& record) const;
  /// A request gave up, which may have waited for a link or a machine.
  void withdraw(const Request* request) { parked_ -= request->parked ? 1 : 0; }

 private:
  void handle(std::uint32_t kind, std::uint32_t number, void* subject) override;
  void wait(Request* request);
  void take_action(Request* request, network::FailurePolicy::Then then);
  void fail_over(Request* request, network::FailurePolicy::Then then);
  template <class Accepts>
  std::optional<std::size_t> other_site(const Request* request, Accepts accepts) const;
  std::optional<std::size_t> site_to_wait_for(const Request* request) const;
  Obstacle obstacle_of(const Request* request) const;
  std::size_t hop_in_the_way(const Request* request) const;
  void drop(Request* request);
  std::vector<Request*> no_longer_waiting(const Obstacle& obstacle);
  void try_again(Request* request);
  bool is_up(const Obstacle& obstacle, std::size_t device) const;

  const Simulation& simulation_;
  const Legs& legs_;
  const network::Places& places_;
  const DropReasons& reasons_;
  EventQueue& events_;
  const Network& network_;
  const Computing& computing_;
  Listener& listener_;
  std::map<Obstacle, std::vector<Request*>> waiting_;  // No entry is empty.
  /// The links that failed for good, and the numbers of a site's machines that did.
  std::map<Obstacle, std::set<std::size_t>> for_good_;
  std::size_t parked_ = 0;  // The requests in it that have not given up.
};

}  // namespace offcut::engine
