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

  /// Returns the itinerary of a request of the class that arrives at the device now.
  virtual const Itinerary& itinerary_of(std::size_t request_class, std::size_t device,
                                        Seconds now) = 0;
  /// The same for a request with that input. The engine asks this one.
  virtual const Itinerary& itinerary_of_input(std::size_t request_class, std::size_t device,
                                              Seconds now, std::int64_t /*input*/) {
    return itinerary_of(request_class, device, now);
  }
  /// Returns the new itinerary of a request that falls back after a failure or a rejection. Called
  /// only if the class's failure policy falls back. REQUIRES: is_on_device_alone() of the result.
  virtual const Itinerary& fallback_of(std::size_t request_class, std::size_t device,
                                       Seconds now) = 0;
};

/// The controller under which each class follows the itinerary that the simulation names for it.
/// The simulation must outlive it.
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
