// `breach` re-plans at the first arrival after so many requests have missed their deadlines, late
// or unanswered.

#include "sim/adapt/policy.h"

namespace offcut::adapt {
namespace {

class ReplanAfterBreach : public Policy {
 public:
  explicit ReplanAfterBreach(std::int64_t misses) : misses_(misses) {}

  Decision decide(const Situation& situation) override {
    return {situation.breaches >= misses_ ? Decision::Kind::replan : Decision::Kind::keep};
  }

 private:
  std::int64_t misses_;
};

}  // namespace

void register_breach(Registry<PolicyKind>& registry) {
  registry.add({.name = "breach",
                .doc = "after missed deadlines",
                .citation = "baseline",
                .needs_deadline = true,
                .parameters = {{.name = "misses",
                                .is_whole = true,
                                .fallback = 1,
                                .least = 1,
                                .most = 1e6,
                                .doc = "the missed deadlines since the last re-planning"}},
                .make = [](const Parameters& parameters, RandomStream) -> std::unique_ptr<Policy> {
                  return std::make_unique<ReplanAfterBreach>(
                      static_cast<std::int64_t>(parameters.at("misses")));
                }});
}

}  // namespace offcut::adapt
