// `epsilon-greedy` tries each plan once, and then follows the one with the least mean latency so
// far, or a random one with the probability epsilon (Sutton and Barto, "Reinforcement learning",
// 2nd edition, section 2.2). It uses no estimate, and does not forget: a reference for stationary
// systems.

#include <boost/random/uniform_01.hpp>
#include <boost/random/uniform_int_distribution.hpp>

#include "sim/adapt/arm_costs.h"
#include "sim/adapt/policy.h"

namespace offcut::adapt {
namespace {

class EpsilonGreedy : public Policy {
 public:
  EpsilonGreedy(double epsilon, RandomStream stream) : epsilon_(epsilon), stream_(stream) {}

  Decision decide(const Situation& situation) override {
    costs_.resize(situation.arms);
    if (const auto untried = costs_.untried()) {
      return {Decision::Kind::arm, *untried};
    }
    if (boost::random::uniform_01<double>()(stream_) < epsilon_) {
      boost::random::uniform_int_distribution<std::size_t> any(0, situation.arms - 1);
      return {Decision::Kind::arm, any(stream_)};
    }
    return {Decision::Kind::arm, costs_.best()};
  }
  void learn(const Outcome& outcome) override { costs_.add(outcome.arm, outcome.cost.si()); }

 private:
  double epsilon_;
  RandomStream stream_;
  ArmCosts costs_;
};

}  // namespace

void register_epsilon_greedy(Registry<PolicyKind>& registry) {
  registry.add(
      {.name = "epsilon-greedy",
       .doc = "learns: the plan with the least mean latency, or now and then another one",
       .citation = "Sutton and Barto, Reinforcement Learning, section 2.2",
       .uses_estimates = false,
       .learns = true,
       .parameters = {arms_parameter(), epsilon_parameter()},
       .make = [](const Parameters& parameters, RandomStream stream) -> std::unique_ptr<Policy> {
         return std::make_unique<EpsilonGreedy>(parameters.at("epsilon"), stream);
       }});
}

}  // namespace offcut::adapt
