#pragma once

#include <memory>
#include <string>
#include <vector>

#include "models/base/parameters.h"
#include "models/base/random.h"
#include "models/base/registry.h"
#include "models/base/units.h"
#include "sim/adapt/load_estimator.h"

namespace offcut::adapt {

/// The knowledge of a device when a request arrives.
struct Situation {
  Seconds now;
  double rate = 0;  // The estimated rate of its link upwards, in B/s.
  Load load;
  // The same at its last re-planning, and the time of it; at first those of the first plan.
  double planned_rate = 0;
  Load planned_load;
  Seconds planned_at;
  std::int64_t breaches = 0;  // Deadlines that were missed since its last re-planning.
  std::size_t arms = 1;       // The plans that a learning policy chooses among.
};

struct Decision {
  enum class Kind {
    keep,    // The request follows the present plan.
    replan,  // The device looks up the plan that is best by its estimates.
    arm      // The request follows the plan `arm`.
  };
  Kind kind = Kind::keep;
  std::size_t arm = 0;
};

/// The end of a request that followed an arm.
struct Outcome {
  std::size_t arm = 0;
  double rate = 0;  // As in Situation, when the request arrived.
  Seconds cost;     // Its latency; of a dropped request at least its deadline.
  double rate_now = 0;
};

/// Decides at each arrival whether a device re-plans. Each device and class has an object of its
/// own.
class Policy {
 public:
  virtual ~Policy() = default;
  virtual Decision decide(const Situation& situation) = 0;
  virtual void learn(const Outcome& /*outcome*/) {}
};

/// A re-planning policy. Registered by one file of sim/adapt/policies/.
struct PolicyKind {
  static constexpr const char* kTitle = "re-planning policy";  // In messages.

  std::string name;
  std::string doc;
  std::string citation;
  bool uses_estimates = true;  // Otherwise bandwidth and load estimators have no effect.
  bool knows_truth = false;    // It plans with the true costs and rates.
  bool learns = false;         // It chooses among arms.
  bool needs_deadline = false;
  std::vector<ParameterSpec> parameters;
  std::unique_ptr<Policy> (*make)(const Parameters&, RandomStream stream);
};

void register_policies(Registry<PolicyKind>& registry);

/// The parameter `arms` of learning policies: the number of plans.
inline constexpr const char* kArms = "arms";
ParameterSpec arms_parameter();
/// The parameter `epsilon`: the probability of a random plan.
ParameterSpec epsilon_parameter();

}  // namespace offcut::adapt
