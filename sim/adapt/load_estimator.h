#pragma once

#include <memory>
#include <string>
#include <vector>

#include "models/base/parameters.h"
#include "models/base/registry.h"
#include "models/base/units.h"

namespace offcut::adapt {

/// The report of an answer about the servers that computed it.
struct Answer {
  Seconds server_wait;     // In their queues.
  Seconds server_compute;  // Until they had computed it.
  Seconds planned;         // The computing time that the device's plan counts with. Positive.
};

/// The load of the servers, as a planner counts with it.
struct Load {
  double factor = 1;  // Their work takes so many times as long.
  Seconds wait;       // Each request waits for so long at each of them that takes it.

  bool operator==(const Load&) const = default;
};

/// Estimates the load of the servers from the answers that a device gets. Each device and class has
/// an object of its own.
class LoadEstimator {
 public:
  virtual ~LoadEstimator() = default;
  virtual void observe(const Answer& answer) = 0;
  virtual Load load() const = 0;
};

/// A load estimator. Registered by one file of sim/adapt/loads/.
struct LoadEstimatorKind {
  static constexpr const char* kTitle = "load estimator";  // In messages.

  std::string name;
  std::string doc;
  std::string citation;
  std::vector<ParameterSpec> parameters;
  std::unique_ptr<LoadEstimator> (*make)(const Parameters&);
};

void register_loads(Registry<LoadEstimatorKind>& registry);

/// The parameter `weight` of the newest answer in a moving average.
inline ParameterSpec answer_weight_parameter() {
  return {.name = "weight",
          .fallback = 0.25,
          .least = 0.001,
          .most = 1,
          .doc = "the weight of the newest answer in the moving average"};
}

}  // namespace offcut::adapt
