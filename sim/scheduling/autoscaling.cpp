#include "sim/scheduling/autoscaling.h"

#include <algorithm>
#include <cmath>

namespace offcut::scheduling {
namespace {

class Target : public Autoscaling {
 public:
  Target(double SiteLoad::*figure, double target, double tolerance)
      : figure_(figure), target_(target), tolerance_(tolerance) {}

  std::size_t desired(const SiteLoad& load, Seconds /*now*/) override {
    if (load.machines == 0) {
      return 0;
    }
    const double of_each = load.*figure_ / static_cast<double>(load.machines);
    return machines_for(load.machines, of_each / target_, tolerance_);
  }

 private:
  double SiteLoad::*figure_;
  double target_;
  double tolerance_;
};

}  // namespace

std::size_t machines_for(std::size_t machines, double ratio, double tolerance) {
  constexpr double kMost = 1e9;
  // A mean over time that is a whole number may come out a little above it.
  constexpr double kRounding = 1e-9;
  if (std::abs(ratio - 1) <= tolerance) {
    return machines;
  }
  const double wanted = static_cast<double>(machines) * ratio;
  return static_cast<std::size_t>(std::ceil(std::clamp(wanted - kRounding, 0.0, kMost)));
}

ParameterSpec tolerance_parameter() {
  constexpr double kUsual = 0.1;
  return {.name = "tolerance",
          .fallback = kUsual,
          .most = 1,
          .doc = "the relative deviation from the target that changes nothing"};
}

std::unique_ptr<Autoscaling> keep_near_target(double SiteLoad::*figure,
                                              const Parameters& parameters) {
  return std::make_unique<Target>(figure, parameters.at("target"), parameters.at("tolerance"));
}

}  // namespace offcut::scheduling
