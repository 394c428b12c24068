#pragma once

#include <memory>
#include <string>
#include <vector>

#include "models/base/parameters.h"
#include "models/base/registry.h"

namespace offcut::scheduling {

/// The machines of a site, and its load since the autoscaler's last decision.
struct SiteLoad {
  std::size_t machines = 1;  // Those that serve or start now.
  double busy = 0;           // The mean number of busy cores, divided by the cores of a machine.
  double requests = 0;       // The mean number of requests that waited or were computed.
};

/// Decides how many machines a site needs. Each site has an object of its own.
class Autoscaling {
 public:
  virtual ~Autoscaling() = default;
  /// Returns the number of machines that the load calls for. The engine keeps it between the
  /// smallest and the largest number, and delays a decrease.
  virtual std::size_t desired(const SiteLoad& load, Seconds now) = 0;
};

/// An autoscaling policy. Registered by one file of sim/scheduling/policies/autoscaling/.
struct AutoscalingKind {
  static constexpr const char* kTitle = "autoscaling policy";  // In messages.

  std::string name;
  std::string doc;
  std::vector<ParameterSpec> parameters;
  std::unique_ptr<Autoscaling> (*make)(const Parameters&);
};

void register_autoscaling(Registry<AutoscalingKind>& registry);

/// Returns the number of machines that brings the load of each to its target, where `ratio` is the
/// present load over the target: ceil(machines * ratio), or the present number if the ratio differs
/// from 1 by no more than the tolerance. This is the formula of Kubernetes' Horizontal Pod
/// Autoscaler (kubernetes.io, "Horizontal Pod Autoscaling", algorithm details). REQUIRES: the ratio
/// is finite and not negative.
std::size_t machines_for(std::size_t machines, double ratio, double tolerance);

/// Returns the parameter `tolerance` of the policies made by keep_near_target().
ParameterSpec tolerance_parameter();

/// Returns a policy that keeps one figure of a site's load, divided by its machines, near the
/// parameter `target`, by machines_for() with the parameter `tolerance`.
std::unique_ptr<Autoscaling> keep_near_target(double SiteLoad::*figure,
                                              const Parameters& parameters);

}  // namespace offcut::scheduling
