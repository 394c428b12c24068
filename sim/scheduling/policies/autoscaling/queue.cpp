// `queue` keeps the number of requests per machine, waiting or computed, near a target: the
// concurrency of Knative's autoscaler (knative.dev, "Autoscaling concepts"). Requests that are
// computed count, since a site whose queue is empty may still need all of its machines.

#include "sim/scheduling/autoscaling.h"

namespace offcut::scheduling {
namespace {

class TargetRequests : public Autoscaling {
 public:
  TargetRequests(double target, double tolerance) : target_(target), tolerance_(tolerance) {}

  std::size_t desired(const SiteLoad& load, Seconds /*now*/) override {
    if (load.machines == 0) {
      return 0;
    }
    const double requests = load.requests / static_cast<double>(load.machines);
    return machines_for(load.machines, requests / target_, tolerance_);
  }

 private:
  double target_;
  double tolerance_;
};

}  // namespace

void register_queue(Registry<AutoscalingKind>& registry) {
  constexpr double kLeastTarget = 0.01;
  constexpr double kMostTarget = 1e9;
  registry.add({.name = "queue",
                .doc = "keeps the number of requests at each machine near a target",
                .parameters = {{.name = "target",
                                .least = kLeastTarget,
                                .most = kMostTarget,
                                .doc = "requests of each machine that wait or are computed"},
                               tolerance_parameter()},
                .make = [](const Parameters& p) -> std::unique_ptr<Autoscaling> {
                  return std::make_unique<TargetRequests>(p.at("target"), p.at("tolerance"));
                }});
}

}  // namespace offcut::scheduling
