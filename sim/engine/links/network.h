#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "sim/engine/core/request.h"
#include "sim/engine/links/cell_shares.h"
#include "sim/engine/links/connections.h"
#include "sim/engine/links/fair_share.h"
#include "sim/engine/links/flows.h"
#include "sim/engine/links/platform.h"
#include "sim/engine/links/platform_rates.h"
#include "sim/engine/links/token_buckets.h"
#include "sim/network/places.h"

namespace offcut::engine {

/// The links between the tiers, which messages cross leg by leg.
///
/// SimGrid shares links between flows. If all flows of a direction of a hop cross just one link, or
/// alike links of their own and then one that they share, FairShares gives the same results and
/// serves them: see is_ours(). FlowShares serves the hops of long legs, whose flows cross several
/// links.
class Network final : FairShares::Listener, EventQueue::Handler {
 public:
  class Listener {
   public:
    /// The last bit of the message has left the sender.
    virtual void sent(Request* request) = 0;
    /// The link went down while the message was on it.
    virtual void message_lost(Request* request) = 0;
    /// Nothing of the message is on the link from now on, and a piece of it is again.
    virtual void message_stalls(Request* /*request*/) {}
    virtual void message_goes_on(Request* /*request*/) {}

   protected:
    ~Listener() = default;
  };

  /// Is told of the messages of requests on their links.
  class Watcher {
   public:
    virtual void begins(const Request* request) = 0;
    virtual void ends(const Request* request) = 0;

   protected:
    ~Watcher() = default;
  };

  Network(const Simulation& simulation, const Legs& legs, const network::Places& places,
          EventQueue& events, Listener& listener);

  /// Returns whether FairShares serves the direction of a hop instead of SimGrid. If own_links
  /// allows it, FairShares does so:
  /// - if links are private, or one is shared by all, since a flow crosses one link;
  /// - if an uplink follows the devices' own links, and one of the two can never be a bottleneck,
  ///   whatever the flows, so that it can be left out;
  /// - upwards also if both can be bottlenecks, but own links are alike: each device sends one
  ///   message at a time, so each of n gets min(own, site / n).
  /// CellShares serves hops that are Wi-Fi cells.
  /// FlowShares serves hops of long legs, those that share links with them, and hops whose devices
  /// move between uplinks, if own_links allows.
  static bool is_ours(const Simulation& simulation, std::size_t hop, bool up);
  /// Returns for each leg whether it needs links in SimGrid.
  static std::vector<bool> needs_simgrid(const Simulation& simulation);

  /// Sets the links that SimGrid serves, once they are built.
  void use(const Platform& platform, PlatformRates& rates) {
    ends_ = &platform.legs;
    platform_rates_ = &rates;
  }

  /// Returns whether the device's link on a hop is up.
  bool is_up(std::size_t hop, std::size_t device) const {
    const std::vector<char>& down = down_[hop];
    return down.empty() || down[places_.link_of(hop, device)] == 0;
  }
  /// Returns whether all links of the device on a leg are up.
  bool is_leg_up(std::size_t leg, std::size_t device) const {
    if (!legs_.is_long(leg)) {
      return is_up(leg, device);
    }
    const auto hops = legs_.hops(leg);
    return std::all_of(hops.begin(), hops.end(),
                       [&](std::size_t hop) { return is_up(hop, device); });
  }
  /// Sends the request's message of request->bytes over the leg request->stage, in the direction
  /// request->up. REQUIRES: its links are up.
  void send(Request* request);
  /// Sets the listener to the messages of updates, which are no requests, and the watcher of those
  /// of requests, or null.
  void set_updates(Listener& updates, Watcher* watcher) {
    updates_ = &updates;
    watcher_ = watcher;
  }
  /// Sends the message of an update without stalls. It does not keep the run alive. REQUIRES: its
  /// links are up; it has bytes.
  void send_plain(Request* update);
  /// Takes the message of an update off its links, and returns true, unless it is through at this
  /// time. resume() sends what is left. REQUIRES: the engine serves its links itself.
  bool pause(Request* update);
  void resume(Request* update);
  /// Takes the message of a request that gave up off its link and closes its connection, and
  /// reports it as lost, unless it has no bytes and so is sent at this time. REQUIRES:
  /// request->on_link.
  void withdraw(Request* request);
  /// The device is at another place from now on. REQUIRES: no message is on its link.
  void moved(std::size_t device) {
    if (flows_) {
      flows_->moved(device);
    }
  }
  /// SimGrid reports that the flow has ended.
  void flow_ended(Request* request, bool failed);
  /// Takes the link down, and loses the messages on it.
  void link_down(std::size_t hop, std::size_t link);
  void link_up(std::size_t hop, std::size_t link) { down_[hop][link] = 0; }

  /// Returns what has crossed of the request's message. REQUIRES: request->on_link.
  Bytes crossed(const Request* request) const;

  /// Counts what has crossed of the messages that are under way when the run is stopped.
  /// `unfinished` are the requests that it leaves unfinished.
  void stop(const std::vector<Request*>& unfinished);
  /// Fills in what served the hops, and what crossed of messages that were lost, or under way at
  /// the end.
  void close(std::vector<HopUsage>& hops) const;

 private:
  struct Direction {
    std::unique_ptr<FairShares> ours;
    bool by_uplink = false;  // The resources of `ours` are uplinks, not the hop's own links.
    bool by_flows = false;   // FlowShares serves it.
    std::shared_ptr<CellShares> cells = {};  // They serve it, and maybe others. Null: they do not.
    network::Rates stations = network::Rate(0);  // Their rates in cells.
    std::optional<TokenBuckets> buckets = {};    // Of the hop's own links, by link.
    double in_part = 0;  // Bytes that crossed of messages that did not arrive.

    bool is_ours() const { return ours != nullptr || by_flows || cells != nullptr; }
  };
  using Visit = std::function<void(void* job, double left)>;
  // kEmpty: a message without bytes. kGoOn: one that stalled.
  enum Kind : std::uint32_t { kStart, kEmpty, kGoOn };

  Direction direction(std::size_t hop, bool up);
  std::shared_ptr<CellShares> cells_of(const Link::Cell& cell, bool up);
  std::size_t cell_of(std::size_t device) const {
    return places_.site_of(places_.start().tier_of_places(), device);
  }
  /// Returns the number of the direction's resource that the device uses.
  std::size_t resource_of(const Direction& direction, std::size_t hop, std::size_t device) const;
  /// Returns the direction of the request's leg, or of the first hop of a long one.
  Direction& direction_of(const Request* request) {
    const std::size_t leg = request->stage;
    const std::size_t hop = legs_.is_long(leg) ? legs_.hops(leg).front() : leg;
    return directions_[2 * hop + (request->up ? 0 : 1)];
  }
  const Direction& direction_of(const Request* request) const {
    return const_cast<Network*>(this)->direction_of(request);
  }
  /// Returns whether the engine serves the request's message itself.
  bool is_ours(const Request* request) const { return direction_of(request).is_ours(); }
  void visit(const Request* request, const Visit& visit) const;
  void remove(const Request* request);
  void leave_bucket(const Request* request);
  void take_off(Request* request);
  std::vector<Request*> on_link(std::size_t hop, std::size_t link) const;
  /// Returns whether the message has no bytes to send and no connection to open.
  bool is_sent_at_once(const Request* request) const;
  /// Returns whether no part of the message is on the link. REQUIRES: it is under way.
  static bool stalls(const Request* request) { return request->piece == Bytes(0); }
  void shared(void* job) override;
  void handle(std::uint32_t kind, std::uint32_t number, void* subject) override;
  /// Sends the next piece of a message over TCP, or lets it stall.
  void go_on(Request* request);
  /// Lets the link carry request->piece.
  void transfer(Request* request);
  void update_ended(Request* update, bool failed);
  void start_flow(Request* request);
  /// Ends a message that does not arrive. REQUIRES: FairShares does not carry it any more.
  void lose(Request* request);
  void take_off(const Direction& direction, std::size_t resource,
                const std::function<bool(void*)>& is_taken);
  void count_part(Request* request, double left);
  /// Returns the requests under way on the request's link, or null if the link never fails. Those
  /// of a long leg are in one set.
  RequestSet* under_way(const Request* request) {
    if (legs_.is_long(request->stage)) {
      return &under_way_on_long_[request->stage - legs_.hop_count()];
    }
    std::vector<RequestSet>& links = under_way_[request->stage];
    return links.empty() ? nullptr
                         : &links[places_.link_of(request->stage, request->record.device)];
  }

  const Simulation& simulation_;
  const Legs& legs_;
  const network::Places& places_;
  EventQueue& events_;
  Listener& listener_;
  Listener* updates_ = nullptr;  // Null without updates.
  Watcher* watcher_ = nullptr;
  const std::vector<LegEnds>* ends_ = nullptr;
  PlatformRates* platform_rates_ = nullptr;
  std::vector<Direction> directions_;
  std::unique_ptr<Flows> flows_;  // Null without long legs.
  std::map<std::pair<std::size_t, bool>, std::shared_ptr<CellShares>> cells_;  // By medium.
  Connections connections_;
  std::vector<std::vector<char>> down_;  // By hop and link; empty for a hop that never fails.
  std::vector<std::vector<RequestSet>>
      under_way_;                              // By hop and link; empty for a hop that never fails.
  std::vector<RequestSet> under_way_on_long_;  // By long leg.
};

}  // namespace offcut::engine
