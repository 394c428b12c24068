#pragma once

#include <list>
#include <vector>

#include "sim/study/under_load/load_model.h"

namespace offcut::study {

/// The name of plans that are made under load, in results.
inline constexpr const char* kUnderLoad = "under-load";

/// The mean waits of a model's requests at the present load, by tier on their way.
struct PresentWaits {
  std::vector<Seconds> tier;
  std::vector<Seconds> links;  // On the hop before the tier, in both directions.
};

/// The cuts of one model among which a search chooses. Each keeps the plan's limits.
///
/// A cut is found as the optimum of one request in an idle system in which work costs more: a
/// second on a tier, or on a link, also pays for the time by which it delays others, and a request
/// that reaches a tier pays the present wait there. Such a problem is solved exactly. Prices and
/// waits are those on the way of the model's requests, where tier 0 are the devices of its group.
class CutPool {
 public:
  /// The first cut is `idle`. The scenario and the algorithms must outlive the pool. The tiers of
  /// `model` have, in place of their batching policies, those with the largest batches that a
  /// search tries. `budget` limits the estimated time of add_optima() in all calls, except for the
  /// first few problems of each.
  CutPool(const scenario::Scenario& scenario, experiment::PreparedModel model,
          const Registry<partition::Algorithm>& algorithms, const partition::Plan& idle,
          Seconds budget);

  const std::vector<const Cut*>& cuts() const { return cuts_; }

  /// Adds all cuts, if there are few.
  void add_all();
  /// Adds the optima at these prices and at other levels of them.
  void add_optima(const LoadPrices& prices, const PresentWaits& waits);
  /// Returns the index of the optimum at these prices, which it adds.
  std::size_t best_at(const LoadPrices& prices, const PresentWaits& waits);

 private:
  /// Returns the index of the cut, which is added if it is new and within all limits; that of the
  /// idle cut if it is not.
  std::size_t add(const partition::Assignment& tier_of);

  const scenario::Scenario& scenario_;
  experiment::PreparedModel model_;
  const Registry<partition::Algorithm>& algorithms_;
  Seconds budget_;
  Seconds spent_;
  std::list<Cut> owned_;
  std::vector<const Cut*> cuts_;
};

}  // namespace offcut::study
