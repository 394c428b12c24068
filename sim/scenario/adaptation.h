#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "models/graph/graph.h"
#include "sim/adapt/estimator.h"
#include "sim/adapt/load_estimator.h"
#include "sim/adapt/policy.h"
#include "sim/scheduling/scheduling.h"

namespace offcut::scenario {

/// The error of an estimate: it is the true value times (1 + bias), times a lognormal factor of
/// mean 1 with this coefficient of variation.
struct Belief {
  double bias = 0;
  double spread = 0;

  bool is_true() const { return bias == 0 && spread == 0; }
};

/// The errors of planners' estimates of the times of a tier's layers. Each layer has a factor of
/// its own.
struct LayerBelief {
  Belief all;
  std::map<LayerKind, Belief> kinds;  // In place of `all` for layers of that kind.

  const Belief& of(LayerKind kind) const {
    const auto found = kinds.find(kind);
    return found != kinds.end() ? found->second : all;
  }
};

/// The estimates that planners see in place of the truth, by tier and hop of the scenario.
struct Beliefs {
  std::vector<LayerBelief> layers;
  std::vector<Belief> load;       // By which all work of the tier takes longer; 1 is true.
  std::vector<Belief> bandwidth;  // Of both directions.
  Place place;
};

/// How the plans of one run follow the state of the links and servers.
struct Adaptation {
  /// Messages that a device sends to measure its link if it has not sent anything for so long.
  struct Probes {
    Seconds every;
    Bytes bytes;
  };

  scheduling::Choice<adapt::PolicyKind> policy;
  scheduling::Choice<adapt::EstimatorKind> estimator;
  scheduling::Choice<adapt::LoadEstimatorKind> load;  // None: the servers are believed to be idle.
  double hysteresis = 0;  // A plan is kept unless the new one is cheaper by more than this share.
  std::optional<Probes> probes;
  bool uploads_weights = false;  // Those of a new plan that are not on the server yet.
  Seconds switch_time;           // From a decision, or the upload's end, until the new plan serves.

  /// Returns the name of the run: "static", "change/ewma".
  std::string name() const;
};

/// The adaptation of the scenario's own plan, and those that it is compared with.
struct AdaptChoice {
  Adaptation own;
  std::vector<Adaptation> compare;
  Place place;
};

}  // namespace offcut::scenario
