#pragma once

#include <limits>

#include "sim/adapt/follower.h"
#include "sim/experiment/compile.h"
#include "sim/experiment/moving_plans.h"

// The states of MovingPlans, for its own files.

namespace offcut::experiment {

/// Returns the layers of each tier as "phone: image to pool5; cloud: fc6 to prob".
std::string layers_text(const partition::Problem& problem, const partition::Assignment& tier_of);

/// A plan that requests may follow.
struct MovingPlans::Booked {
  std::size_t number = 0;
  const partition::Assignment* tier_of = nullptr;
  const engine::Itinerary* itinerary = nullptr;
  Seconds planned_on_servers;  // As planners believe.
  std::string text;
};

/// The plans of a prepared model.
struct MovingPlans::Model {
  Model(const PreparedModel& prepared_, const engine::Simulation& simulation)
      : prepared(prepared_),
        truth(prepared_.problem, pool),
        believed(prepared_.believed ? *prepared_.believed : prepared_.problem, pool) {
    for (std::size_t level = 0; level < prepared_.problem.hop_count(); ++level) {
      const std::size_t number = engine::number_of(level, prepared_.group, simulation.groups);
      const engine::Link& hop = simulation.hops[number];
      hops.push_back({number,
                      hop.hop.payload,
                      hop.rates(true),
                      hop.rates(false),
                      hop.moving_latency.or_else(true, hop.hop.latency.si()),
                      {},
                      {}});
      if (hop.site) {
        hops.back().site_up = hop.site->rates(true);
        hops.back().site_down = hop.site->rates(false);
      }
    }
  }

  /// The rates of a hop on the way of the model's requests.
  struct TrueHop {
    std::size_t number;
    double payload;
    network::Rates up, down, latency;
    std::optional<network::Rates> site_up, site_down;
  };

  const Booked& book(const partition::Assignment* tier_of, const engine::Itinerary* itinerary,
                     std::vector<std::vector<std::size_t>>& long_legs) {
    const auto [found, is_new] = booked.try_emplace(tier_of);
    Booked& plan = found->second;
    if (!is_new) {
      return plan;
    }
    plan.number = booked.size() - 1;
    plan.tier_of = tier_of;
    plan.text = layers_text(prepared.problem, *tier_of);
    const partition::Cost cost = partition::evaluate(believed.problem(), *tier_of);
    for (std::size_t tier = 1; tier < cost.compute.size(); ++tier) {
      plan.planned_on_servers += cost.compute[tier];
    }
    if (itinerary == nullptr) {
      const partition::Plan made{.algorithm = "adapt",
                                 .tier_of = *tier_of,
                                 .cost = partition::evaluate(prepared.problem, *tier_of)};
      itinerary = &itineraries.emplace_back(experiment::itinerary_of(prepared, made, long_legs));
    }
    plan.itinerary = itinerary;
    return plan;
  }

  const PreparedModel& prepared;
  AssignmentPool pool;
  BestPlans truth;
  BestPlans believed;
  std::vector<TrueHop> hops;
  std::map<const partition::Assignment*, Booked> booked;  // Its nodes never move.
  std::deque<engine::Itinerary> itineraries;
  const Booked* first = nullptr;
  std::vector<const Booked*> arms;
};

/// The knowledge of a device about its link.
struct MovingPlans::Link {
  std::unique_ptr<adapt::Estimator> estimator;  // Null: it knows the truth, or nobody asks it.
  double payload = 1;
  double measured_at = 0;
  bool is_probing = false;
};

/// The plans of a class's requests at a device.
struct MovingPlans::Device {
  std::size_t device = 0;
  std::size_t request_class = 0;
  Model* model = nullptr;
  const Paths* paths = nullptr;
  Seconds deadline;
  Link* link = nullptr;
  const Booked* plan = nullptr;
  const Booked* next = nullptr;  // In preparation; null: none.
  double ready_at = std::numeric_limits<double>::infinity();
  bool is_uploading = false;
  std::vector<bool> beyond;  // Layers whose weights are beyond the device; empty: all are.
  std::unique_ptr<adapt::Policy> policy;
  std::unique_ptr<adapt::LoadEstimator> load;
  Conditions estimate;  // The latest.
  adapt::Follower follower;
};

}  // namespace offcut::experiment
