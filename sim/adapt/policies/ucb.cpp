// `ucb` follows the plan with the least optimistic cost: mean latency - exploration * the greatest
// latency so far * sqrt(2 ln n / n_i), UCB1 for costs that are scaled to [0, 1] (Auer,
// Cesa-Bianchi, Fischer, "Finite-time analysis of the multiarmed bandit problem", Machine Learning
// 47, 2002, figure 1).

#include <cmath>

#include "sim/adapt/arm_costs.h"
#include "sim/adapt/policy.h"

namespace offcut::adapt {
namespace {

class UpperConfidenceBound : public Policy {
 public:
  explicit UpperConfidenceBound(double exploration) : exploration_(exploration) {}

  Decision decide(const Situation& situation) override {
    costs_.resize(situation.arms);
    if (const auto untried = costs_.untried()) {
      return {Decision::Kind::arm, *untried};
    }
    const double logarithm = 2 * std::log(static_cast<double>(costs_.total()));
    std::size_t best = 0;
    double least = 0;
    for (std::size_t arm = 0; arm < situation.arms; ++arm) {
      const double bonus =
          std::sqrt(logarithm / std::max<double>(1, static_cast<double>(costs_.count(arm))));
      const double index = costs_.mean(arm) - exploration_ * costs_.greatest() * bonus;
      if (arm == 0 || index < least) {
        best = arm;
        least = index;
      }
    }
    return {Decision::Kind::arm, best};
  }
  void learn(const Outcome& outcome) override { costs_.add(outcome.arm, outcome.cost.si()); }

 private:
  double exploration_;
  ArmCosts costs_;
};

}  // namespace

void register_ucb(Registry<PolicyKind>& registry) {
  registry.add({.name = "ucb",
                .doc = "learns: the plan with the least optimistic latency (UCB1)",
                .citation = "Auer et al., Machine Learning 47, 2002",
                .uses_estimates = false,
                .learns = true,
                .parameters = {arms_parameter(),
                               {.name = "exploration",
                                .fallback = 0.5,
                                .least = 0,
                                .most = 1e3,
                                .doc = "the weight of the confidence bound; 1 is UCB1's own"}},
                .make = [](const Parameters& parameters, RandomStream) -> std::unique_ptr<Policy> {
                  return std::make_unique<UpperConfidenceBound>(parameters.at("exploration"));
                }});
}

}  // namespace offcut::adapt
