// `per-request` re-plans at each arrival, by the estimates of that moment.

#include "sim/adapt/policy.h"

namespace offcut::adapt {
namespace {

class ReplanPerRequest : public Policy {
 public:
  Decision decide(const Situation& /*situation*/) override { return {Decision::Kind::replan}; }
};

}  // namespace

void register_per_request(Registry<PolicyKind>& registry) {
  registry.add({.name = "per-request",
                .doc = "at each arrival",
                .citation = "Kang et al., Neurosurgeon, ASPLOS 2017",
                .make = [](const Parameters&, RandomStream) -> std::unique_ptr<Policy> {
                  return std::make_unique<ReplanPerRequest>();
                }});
}

}  // namespace offcut::adapt
