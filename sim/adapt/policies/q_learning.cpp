// `q-learning` learns a table of costs by state and plan (Watkins and Dayan, "Q-learning", Machine
// Learning 8, 1992): Q(s, a) += rate * (latency + discount * min Q(s', .) - Q(s, a)). The state is
// the estimated rate of the link in octaves around that of the first plan, and s' that of the
// moment at which the request ends. It explores with the probability epsilon, and the values begin
// at 0, below all costs, so that each plan is tried in each state.

#include <algorithm>
#include <boost/random/uniform_01.hpp>
#include <boost/random/uniform_int_distribution.hpp>
#include <cmath>

#include "sim/adapt/policy.h"

namespace offcut::adapt {
namespace {

class QLearning : public Policy {
 public:
  struct Settings {
    double epsilon, rate, discount;
    std::size_t states;
  };
  QLearning(const Settings& settings, RandomStream stream) : settings_(settings), stream_(stream) {}

  Decision decide(const Situation& situation) override {
    if (table_.empty()) {
      reference_ = situation.planned_rate;
      table_.assign(settings_.states, std::vector<double>(situation.arms, 0));
    }
    const std::vector<double>& values = table_[state_of(situation.rate)];
    if (boost::random::uniform_01<double>()(stream_) < settings_.epsilon) {
      boost::random::uniform_int_distribution<std::size_t> any(0, values.size() - 1);
      return {Decision::Kind::arm, any(stream_)};
    }
    const auto least = std::min_element(values.begin(), values.end());
    return {Decision::Kind::arm, static_cast<std::size_t>(least - values.begin())};
  }

  void learn(const Outcome& outcome) override {
    const std::vector<double>& next = table_[state_of(outcome.rate_now)];
    double& value = table_[state_of(outcome.rate)][outcome.arm];
    const double target =
        outcome.cost.si() + settings_.discount * *std::min_element(next.begin(), next.end());
    value += settings_.rate * (target - value);
  }

 private:
  /// Returns the octave of the rate, in the middle that of the first plan's rate.
  std::size_t state_of(double rate) const {
    const double octave =
        std::floor(std::log2(rate / reference_) + 0.5) + static_cast<double>(settings_.states / 2);
    return static_cast<std::size_t>(
        std::clamp(octave, 0.0, static_cast<double>(settings_.states - 1)));
  }

  Settings settings_;
  RandomStream stream_;
  double reference_ = 1;
  std::vector<std::vector<double>> table_;  // By state and arm.
};

}  // namespace

void register_q_learning(Registry<PolicyKind>& registry) {
  registry.add(
      {.name = "q-learning",
       .doc = "learns a table of latencies by octave of the rate and by plan",
       .citation = "Watkins and Dayan, Machine Learning 8, 1992",
       .learns = true,
       .parameters =
           {arms_parameter(),
            epsilon_parameter(),
            {.name = "rate", .fallback = 0.1, .least = 1e-4, .most = 1, .doc = "the learning rate"},
            {.name = "discount",
             .fallback = 0,
             .least = 0,
             .most = 0.999,
             .doc = "the discount of the next request's latency"},
            {.name = "states",
             .is_whole = true,
             .fallback = 9,
             .least = 1,
             .most = 64,
             .doc = "the octaves of the rate"}},
       .make = [](const Parameters& p, RandomStream stream) -> std::unique_ptr<Policy> {
         return std::make_unique<QLearning>(
             QLearning::Settings{.epsilon = p.at("epsilon"),
                                 .rate = p.at("rate"),
                                 .discount = p.at("discount"),
                                 .states = static_cast<std::size_t>(p.at("states"))},
             stream);
       }});
}

}  // namespace offcut::adapt
