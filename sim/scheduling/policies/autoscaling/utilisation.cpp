// `utilisation` keeps the mean utilisation of a site's machines near a target. As in Kubernetes'
// Horizontal Pod Autoscaler, a machine that still starts counts as idle.

#include "sim/scheduling/autoscaling.h"

namespace offcut::scheduling {
namespace {

class TargetUtilisation : public Autoscaling {
 public:
  TargetUtilisation(double target, double tolerance) : target_(target), tolerance_(tolerance) {}

  std::size_t desired(const SiteLoad& load, Seconds /*now*/) override {
    if (load.machines == 0) {
      return 0;
    }
    const double utilisation = load.busy / static_cast<double>(load.machines);
    return machines_for(load.machines, utilisation / target_, tolerance_);
  }

 private:
  double target_;
  double tolerance_;
};

}  // namespace

void register_utilisation(Registry<AutoscalingKind>& registry) {
  constexpr double kUsualTarget = 0.8;
  constexpr double kLeastTarget = 0.01;
  registry.add({.name = "utilisation",
                .doc = "keeps the share of busy cores near a target",
                .parameters = {{.name = "target",
                                .fallback = kUsualTarget,
                                .least = kLeastTarget,
                                .most = 1,
                                .doc = "the utilisation of each machine"},
                               tolerance_parameter()},
                .make = [](const Parameters& p) -> std::unique_ptr<Autoscaling> {
                  return std::make_unique<TargetUtilisation>(p.at("target"), p.at("tolerance"));
                }});
}

}  // namespace offcut::scheduling
