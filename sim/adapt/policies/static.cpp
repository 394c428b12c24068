// `static` never re-plans: each request follows the plan that was made before the run.

#include "sim/adapt/policy.h"

namespace offcut::adapt {
namespace {

class NeverReplan : public Policy {
 public:
  Decision decide(const Situation& /*situation*/) override { return {}; }
};

}  // namespace

void register_static(Registry<PolicyKind>& registry) {
  registry.add({.name = "static",
                .doc = "never: the plan that was made before the run",
                .citation = "baseline",
                .uses_estimates = false,
                .make = [](const Parameters&, RandomStream) -> std::unique_ptr<Policy> {
                  return std::make_unique<NeverReplan>();
                }});
}

}  // namespace offcut::adapt
