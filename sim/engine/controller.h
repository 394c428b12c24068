#pragma once

#include "sim/engine/simulation.h"

namespace offcut::engine {

/// Chooses the itinerary of each request. An implementation may be a fixed plan, one plan per kind
/// of device, or a re-planner. The engine asks once per request, in the order of arrival, and once
/// more if the request falls back. The request keeps the itinerary that it was given.
///
/// Ownership: the controller owns the itineraries that it hands out, or refers to an owner that
/// lives long enough (FixedPlans refers to the simulation). An itinerary must not move or change
/// until simulate() returns, since requests under way point to it. A new plan is a new Itinerary
/// beside the old one.
///
/// Identity: an itinerary is identified by its address. Two objects with equal contents are two
/// plans, and requests that follow different ones are never computed in one batch.
///
/// Cost: when a class uses an itinerary for the first time, the engine checks it as strictly as the
/// simulation's own (std::invalid_argument) and derives its route. After that, a request costs a
/// table look-up, or nothing if the class's previous request had the same itinerary. Routes and
/// their queues are kept until the end, so hand out a bounded number of itineraries, never a new
/// one for each request.
class Controller {
 public:
  virtual ~Controller() = default;

  /// The itinerary of a request of that class which arrives at that device now.
  virtual const Itinerary& itinerary_of(std::size_t request_class, std::size_t device,
                                        Seconds now) = 0;
  /// The new itinerary of a request that falls back after a failure or a rejection. REQUIRES of the
  /// result: is_on_device_alone(). Asked only if the class's failure policy falls back.
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

}  // namespace offcut::engine
