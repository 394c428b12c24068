#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "partition/problem.h"
#include "partition/studies/optimum.h"
#include "partition/studies/sensitivity.h"
#include "sim/adapt/load_estimator.h"

namespace offcut::experiment {

/// The assignments of a model that a run uses. Each has one address, by which it is identified.
class AssignmentPool {
 public:
  const partition::Assignment* address_of(partition::Assignment tier_of) {
    return &*all_.insert(std::move(tier_of)).first;
  }

 private:
  std::set<partition::Assignment> all_;  // Its nodes never move.
};

/// The state of the links and servers for which a plan is made.
struct Conditions {
  struct Rates {
    BytesPerSecond up, down;
    Seconds latency;

    bool operator==(const Rates&) const = default;
  };
  std::vector<Rates> hops;  // Of the problem.
  adapt::Load load;         // Of all tiers after the device.
};

/// The best plans of a problem under changing conditions. Where the first hop's bandwidths move
/// together, or one of them, or the load factor, the best plan is looked up in the lower envelope
/// of all plans (partition/studies/sensitivity.h), which is computed decade by decade when a value
/// of it is first asked for. A solver is called where more moves at once, and where plans' costs
/// are not linear in what moves.
class BestPlans {
 public:
  /// Returns addresses of the pool, which must outlive it. REQUIRES: problem.check() holds.
  BestPlans(partition::Problem problem, AssignmentPool& pool);

  const partition::Problem& problem() const { return problem_; }
  const Conditions& nominal() const { return nominal_; }
  /// Returns a best assignment; null if there is none within the limits. Rates below 1 B/s count
  /// as 1 B/s.
  const partition::Assignment* best(const Conditions& conditions);
  /// Return the cost of an assignment under other conditions, and its objective.
  partition::Cost cost(const partition::Assignment& tier_of, const Conditions& conditions) const;
  double value(const partition::Assignment& tier_of, const Conditions& conditions) const;
  /// Returns how often a solver was called, those for the envelopes included.
  std::int64_t solver_calls() const { return solver_calls_; }

 private:
  using What = partition::Variation::What;
  /// The stretches of a decade, ascending; none if the plans' costs are no lines.
  struct Stretch {
    double to;
    const partition::Assignment* tier_of;
  };
  using Decade = std::optional<std::vector<Stretch>>;
  using Key = std::vector<double>;

  /// Returns the only quantity that differs from the nominal conditions, and its value.
  std::optional<std::pair<What, double>> moved(const Conditions& conditions) const;
  const Decade& decade_of(What what, int exponent);
  partition::Problem under(const Conditions& conditions) const;
  const partition::Assignment* solve(const Conditions& conditions);
  partition::Optimum optimum(const partition::Problem& problem);

  partition::Problem problem_;
  AssignmentPool& pool_;
  Conditions nominal_;
  std::map<std::pair<What, int>, Decade> decades_;
  const Decade* last_ = nullptr;  // Of the latest look-up.
  std::pair<What, int> last_key_;
  std::map<Key, const partition::Assignment*> solved_;
  std::int64_t solver_calls_ = 0;
  mutable partition::Problem scratch_;  // With the rates of the latest conditions.
};

}  // namespace offcut::experiment
