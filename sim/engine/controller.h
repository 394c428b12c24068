#pragma once

#include "sim/engine/simulation.h"

namespace offcut {

/// Chooses the itinerary that each request follows: a fixed plan, one plan per kind of device, a
/// re-planner. The engine asks once for each request, in the order in which they arrive, and once
/// more for a request that falls back; the request keeps what it was given.
///
/// Ownership: the controller owns the itineraries that it hands out, or knows who does (FixedPlans:
/// the simulation). Each must stay where it is, unchanged, until simulate() returns, since requests
/// under way point to it. A new plan is a new Itinerary beside the old one.
///
/// Identity: the address. Requests are computed in one batch only if they are of one class and
/// follow the same Itinerary: two objects with equal contents are two plans.
///
/// Cost: when a class meets an itinerary for the first time, the engine checks it as it checks
/// those of the simulation (std::invalid_argument) and derives its route. Later requests take a
/// table look-up, and none where the class was given the same itinerary before. So a controller
/// hands out a bounded number of itineraries again and again, and never one for each request.
class Controller {
 public:
  virtual ~Controller() = default;

  /// For a request of that class that arrives now at that device.
  virtual const Itinerary& itinerary_of(std::size_t request_class, std::size_t device,
                                        Seconds now) = 0;
  /// For a request that gives up its itinerary after a failure or a rejection. Its device computes
  /// it alone: only stage 0 is used, without a tail, and nothing crosses a hop. Asked only where
  /// the class's failure policy falls back.
  virtual const Itinerary& fallback_of(std::size_t request_class, std::size_t device,
                                       Seconds now) = 0;
};

/// Each class follows the itinerary that the simulation names for it. The simulation must outlive
/// it.
class FixedPlans final : public Controller {
 public:
  explicit FixedPlans(const Simulation& simulation) : simulation_(simulation) {}

  const Itinerary& itinerary_of(std::size_t request_class, std::size_t device,
                                Seconds now) override;
  const Itinerary& fallback_of(std::size_t request_class, std::size_t device, Seconds now) override;

 private:
  const Simulation& simulation_;
};

}  // namespace offcut
