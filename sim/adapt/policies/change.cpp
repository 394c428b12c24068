// `change` re-plans once the estimated rate, or the estimated load, differs by more than a share
// from that of the last re-planning, as DADS does when the bandwidth changes (Hu et al., "Dynamic
// adaptive DNN surgery for inference acceleration on the edge", INFOCOM 2019).

#include <cmath>

#include "sim/adapt/policy.h"

namespace offcut::adapt {
namespace {

class ReplanOnChange : public Policy {
 public:
  explicit ReplanOnChange(double share) : share_(share) {}

  Decision decide(const Situation& s) override {
    const bool changed = differs(s.rate, s.planned_rate) ||
                         differs(s.load.factor, s.planned_load.factor) ||
                         differs(s.load.wait.si(), s.planned_load.wait.si());
    return {changed ? Decision::Kind::replan : Decision::Kind::keep};
  }

 private:
  bool differs(double now, double then) const { return std::abs(now - then) > share_ * then; }

  double share_;
};

}  // namespace

void register_change(Registry<PolicyKind>& registry) {
  registry.add({.name = "change",
                .doc = "when the estimated rate or load has changed by more than a share",
                .citation = "Hu et al., DADS, INFOCOM 2019",
                .parameters = {{.name = "by",
                                .dimension = Dimension::number,
                                .fallback = 0.2,
                                .least = 0,
                                .most = 1e6,
                                .doc = "the share of the value at the last re-planning",
                                .example = "20 %"}},
                .make = [](const Parameters& parameters, RandomStream) -> std::unique_ptr<Policy> {
                  return std::make_unique<ReplanOnChange>(parameters.at("by"));
                }});
}

}  // namespace offcut::adapt
