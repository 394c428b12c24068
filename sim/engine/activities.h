#pragma once

#include <simgrid/s4u/Activity.hpp>
#include <unordered_map>

#include "sim/engine/core/event_queue.h"
#include "sim/engine/links/network.h"
#include "sim/engine/tiers/computing.h"

namespace offcut::engine {

/// The ends of the activities that SimGrid serves, which it signals to the network or to the tiers.
class Activities {
 public:
  Activities(EventQueue& events, Network& network, Computing& computing)
      : events_(events), network_(network), computing_(computing) {}

  /// Receives SimGrid's signals from now on. REQUIRES: it lives until the process ends.
  void listen();
  /// Ignores all further signals: activities under way end by themselves.
  void stop() { stopped_ = true; }

 private:
  void ended(const simgrid::s4u::Activity& activity);
  void forget_cancelled(const simgrid::s4u::Activity& activity);

  EventQueue& events_;
  Network& network_;
  Computing& computing_;
  bool stopped_ = false;
  simgrid::s4u::ActivityPtr last_;
  std::unordered_map<const simgrid::s4u::Activity*, simgrid::s4u::ActivityPtr> cancelled_;
};

}  // namespace offcut::engine
