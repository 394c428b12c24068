// `oracle` re-plans at each arrival with the true costs of the layers and the true rates of the
// links at that time, whatever planners believe: a reference. It does not see the future, nor the
// queues.

#include "sim/adapt/policy.h"

namespace offcut::adapt {
namespace {

class ReplanByTruth : public Policy {
 public:
  Decision decide(const Situation& /*situation*/) override { return {Decision::Kind::replan}; }
};

}  // namespace

void register_oracle(Registry<PolicyKind>& registry) {
  registry.add({.name = "oracle",
                .doc = "at each arrival, by the true times and rates",
                .citation = "a reference",
                .uses_estimates = false,
                .knows_truth = true,
                .make = [](const Parameters&, RandomStream) -> std::unique_ptr<Policy> {
                  return std::make_unique<ReplanByTruth>();
                }});
}

}  // namespace offcut::adapt
