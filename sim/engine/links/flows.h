#pragma once

#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "sim/engine/core/request.h"
#include "sim/engine/links/flow_shares.h"
#include "sim/network/places.h"

namespace offcut::engine {

/// The messages on hops that long legs cross, or whose devices move between uplinks, which
/// FlowShares serves: each is a flow over its
/// device's own link, the uplink after it, and the links that all traffic shares.
///
/// Upwards, a device sends one message at a time over a link of its own, which is then a limit of
/// the flow and no link.
class Flows {
 public:
  Flows(const Simulation& simulation, const Legs& legs, const network::Places& places,
        EventQueue& events, FairShares::Listener& listener);

  /// Returns for each hop whether flows of long legs share links with its messages.
  static std::vector<bool> serves(const Simulation& simulation);
  static bool serves_any(const Simulation& simulation) {
    return !simulation.long_legs.empty() || simulation.mobility;
  }

  void start(Request* request, double size);
  void take_off(const Request* request);
  /// The device is at another place from now on. REQUIRES: no message is on its link.
  void moved(std::size_t device);
  /// Calls `visit` with each message under way in the request's kind, or in any.
  void visit(const Request* request, const std::function<void(void* job, double left)>& visit);
  void visit_all(const std::function<void(void* job, double left)>& visit);

 private:
  using Number = FlowShares::Number;
  static constexpr Number kNone = std::numeric_limits<Number>::max();

  /// The links of one direction of a hop.
  struct Direction {
    network::Rates own;
    std::optional<network::Rates> site;
    bool is_limit = false;  // Own links are limits.
    Number own_links = 0;   // Their first numbers in FlowShares.
    Number site_links = 0;
  };
  Direction& direction(std::size_t hop, bool up) { return directions_[2 * hop + (up ? 0 : 1)]; }
  Number kind_of(const Request* request);
  Number add_kind(std::size_t leg, bool up, std::size_t device);

  const Legs& legs_;
  const network::Places& places_;
  std::size_t devices_;
  FlowShares shares_;
  std::vector<Direction> directions_;       // Of each hop: up, down.
  std::vector<std::vector<Number>> kinds_;  // Of each leg up and down: by device; empty at first.
  /// By links and constant limit, or by links and device where the limit changes.
  std::map<std::pair<std::vector<Number>, double>, Number> alike_;
};

}  // namespace offcut::engine
