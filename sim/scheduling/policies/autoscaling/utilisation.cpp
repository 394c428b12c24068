// `utilisation` keeps the mean utilisation of a site's machines near a target. As in Kubernetes'
// Horizontal Pod Autoscaler, a machine that still starts counts as idle.

#include "sim/scheduling/autoscaling.h"

namespace offcut::scheduling {

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
                .make = [](const Parameters& p) { return keep_near_target(&SiteLoad::busy, p); }});
}

}  // namespace offcut::scheduling
