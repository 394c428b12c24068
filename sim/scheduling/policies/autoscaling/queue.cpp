// `queue` keeps the number of requests per machine, waiting or computed, near a target: the
// concurrency of Knative's autoscaler (knative.dev, "Autoscaling concepts"). Requests that are
// computed count, since a site whose queue is empty may still need all of its machines.

#include "sim/scheduling/autoscaling.h"

namespace offcut::scheduling {

void register_queue(Registry<AutoscalingKind>& registry) {
  constexpr double kLeastTarget = 0.01;
  constexpr double kMostTarget = 1e9;
  registry.add(
      {.name = "queue",
       .doc = "keeps the number of requests at each machine near a target",
       .parameters = {{.name = "target",
                       .least = kLeastTarget,
                       .most = kMostTarget,
                       .doc = "requests of each machine that wait or are computed"},
                      tolerance_parameter()},
       .make = [](const Parameters& p) { return keep_near_target(&SiteLoad::requests, p); }});
}

}  // namespace offcut::scheduling
