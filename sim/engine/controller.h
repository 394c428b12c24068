#pragma once

#include "sim/engine/simulation.h"

namespace offcut::engine {

/// A message between a device and the machine at the other end of its leg, as the device sees it.
struct Transfer {
  std::size_t device = 0;
  std::size_t request_class = 0;
  std::size_t hop = 0;  // The first one of its leg, which leaves the device.
  bool up = true;
  Bytes bytes;
  /// From the moment at which the link began to carry it, after its device's earlier messages and
  /// the promotion of its radio, until its last bit had left the sender.
  Seconds start, end;
};

/// Messages of the controller's own, beside those of requests: probes, or weights that a device
/// uploads. They wait in the line of their device's messages, share its links and count in its
/// energy and in links.csv like those of requests, but belong to no request. They never keep a run
/// alive for its requests' sake: what is under way when all requests have ended is not waited for.
class SideTraffic {
 public:
  /// Sends a message over the first hop of the device. `token` comes back in side_message_ended().
  virtual void send(std::size_t device, std::size_t request_class, Bytes bytes,
                    std::size_t token) = 0;

 protected:
  ~SideTraffic() = default;
};

/// Chooses the itinerary of each request. An implementation may be a fixed plan, one plan per kind
/// of device, or a re-planner. The engine asks once per request, in the order of arrival, and once
/// more if the request falls back. The request keeps the itinerary that it was given.
///
/// Ownership: the controller owns the itineraries that it hands out, or refers to an owner that
/// lives long enough (FixedPlans refers to the simulation). An itinerary must not move or change
/// until simulate() returns, since requests under way point to it. A new plan is a new Itinerary
/// next to the old one.
///
/// Identity: an itinerary is identified by its address. Two objects with equal contents are two
/// plans, and requests that follow different plans are never computed in one batch.
///
/// Cost: when a class uses an itinerary for the first time, the engine checks it as strictly as the
/// simulation's own (std::invalid_argument) and derives its route. After that, a request costs a
/// table look-up, or nothing if the class's previous request had the same itinerary. Routes and
/// their queues are kept until the end, so hand out a bounded number of itineraries, never a new
/// one for each request.
class Controller {
 public:
  virtual ~Controller() = default;

  /// Returns the itinerary of a request of the class, with that input, that arrives at the device
  /// now.
  virtual const Itinerary& itinerary_of(std::size_t request_class, std::size_t device, Seconds now,
                                        std::int64_t input) = 0;
  /// Returns the new itinerary of a request that falls back after a failure or a rejection. Called
  /// only if the class's failure policy falls back. REQUIRES: is_on_device_alone() of the result.
  virtual const Itinerary& fallback_of(std::size_t request_class, std::size_t device,
                                       Seconds now) = 0;

  /// Returns whether the functions below are called. The engine asks once, before the run, and
  /// costs nothing more if it does not call them.
  virtual bool observes() const { return false; }
  /// Called before the first arrival. `traffic` lives as long as the run.
  virtual void begins(SideTraffic& /*traffic*/) {}
  /// A message of a request has left its sender, in either direction, over a leg that leaves a
  /// device.
  virtual void transferred(const Transfer& /*transfer*/) {}
  /// A request was answered or dropped.
  virtual void ended(const RequestRecord& /*request*/) {}
  /// A message of the controller's own has left its device, or was lost.
  virtual void side_message_ended(std::size_t /*token*/, const Transfer& /*transfer*/,
                                  bool /*arrived*/) {}
};

/// The controller under which each class follows the itinerary that the simulation names for it.
/// The simulation must outlive it.
class FixedPlans final : public Controller {
 public:
  explicit FixedPlans(const Simulation& simulation) : simulation_(simulation) {}

  const Itinerary& itinerary_of(std::size_t request_class, std::size_t device, Seconds now,
                                std::int64_t input) override;
  const Itinerary& fallback_of(std::size_t request_class, std::size_t device, Seconds now) override;

 private:
  const Simulation& simulation_;
};

}  // namespace offcut::engine
