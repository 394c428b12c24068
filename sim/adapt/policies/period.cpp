// `period` re-plans at the first arrival once a time has passed since the last re-planning.

#include "sim/adapt/policy.h"

namespace offcut::adapt {
namespace {

class ReplanPeriodically : public Policy {
 public:
  explicit ReplanPeriodically(Seconds interval) : interval_(interval) {}

  Decision decide(const Situation& situation) override {
    return {situation.now - situation.planned_at >= interval_ ? Decision::Kind::replan
                                                              : Decision::Kind::keep};
  }

 private:
  Seconds interval_;
};

}  // namespace

void register_period(Registry<PolicyKind>& registry) {
  registry.add({.name = "period",
                .doc = "at the first arrival after an interval",
                .citation = "baseline",
                .parameters = {{.name = "every",
                                .dimension = Dimension::time,
                                .fallback = 10,
                                .least = 1e-6,
                                .most = 1e9,
                                .doc = "the interval since the last re-planning"}},
                .make = [](const Parameters& parameters, RandomStream) -> std::unique_ptr<Policy> {
                  return std::make_unique<ReplanPeriodically>(Seconds(parameters.at("every")));
                }});
}

}  // namespace offcut::adapt
