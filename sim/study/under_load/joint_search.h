#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sim/study/under_load/cut_pool.h"
#include "sim/study/under_load/delay_goal.h"
#include "sim/study/under_load/policy_candidates.h"

namespace offcut::study {

/// A cut for each model, by its index in the model's pool, and policies for each tier.
struct JointState {
  std::vector<std::size_t> cuts;
  std::vector<scheduling::Scheduling> scheduling;
};

/// The end of the alternation of cuts and policies.
struct Alternation {
  std::size_t rounds = 0;
  /// The number of states that the exact cuts at the prices of each other's load go round, if they
  /// do not lead to the same state again. 0: they do.
  std::size_t cycle = 0;
};

/// Searches for cuts and policies with predicted delays alone. Cuts and policies take turns: exact
/// cuts at the prices of the present load join the pools; the best cuts of the pools are chosen
/// under the present policies; then the policies of one tier after another, one kind at a time.
/// Only a better state is accepted, so the alternation ends. After that, the policies are chosen
/// for other cuts of the pools, too, as long as the budget of predictions lasts.
class JointSearch {
 public:
  /// All of these must outlive it. `idle` has the models' plans in an idle system. The first state
  /// has these and the scenario's own policies. `budget` is the time that the search may take, as
  /// it is estimated.
  JointSearch(const experiment::Experiment& experiment,
              const Registry<partition::Algorithm>& algorithms,
              const std::vector<partition::Plan>& idle, std::vector<TierPolicies> policies,
              Seconds budget);

  JointState first() const;
  Alternation run();

  const LoadModel& model() const { return model_; }
  const DelayGoal& goal() const { return goal_; }
  const std::vector<CutPool>& pools() const { return pools_; }
  const std::vector<TierPolicies>& policies() const { return policies_; }
  std::size_t predictions() const { return known_.size(); }
  bool is_out_of_budget() const { return known_.size() >= most_; }

  PredictedDelay predict(const JointState& state);
  /// Returns the states that were predicted, the best first, without those that have the same cuts
  /// and the same prediction as a better one; at most so many. With `cuts`, those with these alone.
  std::vector<JointState> best_states(
      std::size_t most, const std::optional<std::vector<std::size_t>>& cuts = {}) const;
  /// Returns all states that differ from this one in the cut of one model, or in one kind of policy
  /// of one tier, the best predicted first.
  std::vector<JointState> neighbours(const JointState& state);
  std::string name_of(const JointState& state) const;
  /// Returns whether the policies fit each other and the tiers, and the plans their memory.
  bool is_allowed(const JointState& state) const;

 private:
  struct Known {
    JointState state;
    PredictedDelay delay;
  };

  SystemChoice choice_of(const JointState& state) const;
  double value(const JointState& state) { return predict(state).value(goal_).si(); }
  PresentWaits waits_of(const JointState& state, std::size_t model) const;
  LoadPrices prices_of(const LoadPrices& all, std::size_t model) const;
  std::size_t number_of(std::size_t level, std::size_t model) const;
  void add_cuts(const JointState& state);
  JointState with_best_cuts(JointState state);
  JointState with_best_policies(JointState state);
  template <class Kind>
  bool improve(JointState& state, std::size_t tier,
               const std::vector<scheduling::Choice<Kind>> TierPolicies::*list,
               scheduling::Choice<Kind> scheduling::Scheduling::*part);
  std::size_t cycle_of(JointState state);
  void try_other_cuts(const JointState& best);

  const experiment::Experiment& experiment_;
  LoadModel model_;
  std::vector<TierPolicies> policies_;
  std::vector<CutPool> pools_;
  DelayGoal goal_;
  std::size_t most_;
  std::map<std::string, Known> known_;
};

}  // namespace offcut::study
