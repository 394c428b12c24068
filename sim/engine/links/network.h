#pragma once

#include <memory>

#include "sim/engine/core/request.h"
#include "sim/engine/links/fair_share.h"
#include "sim/engine/links/platform.h"
#include "sim/network/places.h"

namespace offcut::engine {

/// The links between the tiers: hop h lies between tiers h and h + 1.
///
/// SimGrid shares links between flows. Where all flows of a direction of a hop cross just one link,
/// or are bound by alike links of their own in front of one that they share, FairShares gives the
/// same and serves them: see is_ours().
class Network final : FairShares::Listener, EventQueue::Handler {
 public:
  class Listener {
   public:
    /// The last bit has left the sender.
    virtual void sent(Request* request) = 0;
    /// The link went down meanwhile.
    virtual void message_lost(Request* request) = 0;

   protected:
    ~Listener() = default;
  };

  Network(const Simulation& simulation, const network::Places& places, EventQueue& events,
          Listener& listener);

  /// Whether FairShares serves that direction of a hop, and not SimGrid. It does so, if own_links
  /// allows it:
  /// - where links are private, or one is shared by all: a flow crosses one link;
  /// - where an uplink follows the devices' own links: if either can't be a bottleneck, whatever
  ///   flows there are (then it is left out), or upwards in any case: each device sends one message
  ///   at a time over links that are all alike, so each of n gets min(own, site / n).
  static bool is_ours(const Simulation& simulation, std::size_t hop, bool up);
  /// Which hops need links in SimGrid.
  static std::vector<bool> needs_simgrid(const Simulation& simulation);

  /// What SimGrid serves, once it is built.
  void use(const Platform& platform) { ends_ = &platform.hops; }

  /// Whether the device's link is up.
  bool is_up(std::size_t hop, std::size_t device) const {
    const std::vector<char>& down = down_[hop];
    return down.empty() || down[places_.link_of(hop, device)] == 0;
  }
  /// Sends the request's message of request->bytes over the hop request->stage, in the direction
  /// request->up. REQUIRES: its link is up.
  void send(Request* request);
  /// SimGrid says that the flow has ended.
  void flow_ended(Request* request, bool failed);
  /// Loses what is under way on it.
  void link_down(std::size_t hop, std::size_t link);
  void link_up(std::size_t hop, std::size_t link) { down_[hop][link] = 0; }

 private:
  struct Direction {
    std::unique_ptr<FairShares> ours;
    bool by_uplink = false;  // `ours` are the uplinks, else the hop's own links
  };
  enum Kind : std::uint32_t { kStart, kNothing };  // kNothing: a message without bytes

  Direction direction(std::size_t hop, bool up);
  /// Which of the direction's FairShares the device uses.
  std::size_t resource_of(const Direction& direction, std::size_t hop, std::size_t device) const;
  Direction& direction_of(const Request* request) {
    return directions_[2 * request->stage + (request->up ? 0 : 1)];
  }
  void shared(void* job) override;
  void handle(std::uint32_t kind, std::uint32_t number, void* subject) override;
  void start_flow(Request* request);
  /// Where its link may fail: all that are under way on it.
  RequestSet* under_way(const Request* request) {
    std::vector<RequestSet>& links = under_way_[request->stage];
    return links.empty() ? nullptr
                         : &links[places_.link_of(request->stage, request->record.device)];
  }

  const Simulation& simulation_;
  const network::Places& places_;
  EventQueue& events_;
  Listener& listener_;
  const std::vector<HopEnds>* ends_ = nullptr;
  std::vector<Direction> directions_;
  std::vector<std::vector<char>> down_;             // by hop and link; empty where none ever fails
  std::vector<std::vector<RequestSet>> under_way_;  // by hop and link, where they fail
};

}  // namespace offcut::engine
