// Makes the problem that planners see out of the true one: each estimate is the true value times
// 1 + bias, times a lognormal factor of mean 1. Plans that are made in it get their true costs
// before anything else looks at them.

#include "sim/experiment/beliefs.h"

#include <fmt/format.h>

#include <boost/random/lognormal_distribution.hpp>
#include <cmath>

#include "models/base/random.h"

namespace offcut::experiment {
namespace {

/// Returns the estimate of a quantity, divided by its true value.
double factor_of(const scenario::Belief& belief, RandomStream stream) {
  if (belief.spread == 0) {
    return 1 + belief.bias;
  }
  // For mean 1 and this coefficient of variation, sigma^2 = ln(1 + cv^2), mu = -sigma^2 / 2.
  const double variance = std::log1p(belief.spread * belief.spread);
  return (1 + belief.bias) *
         boost::random::lognormal_distribution<double>(-variance / 2, std::sqrt(variance))(stream);
}

}  // namespace

partition::Problem believed_problem(const scenario::Scenario& scenario,
                                    const scenario::Beliefs& beliefs, const PreparedModel& model) {
  partition::Problem problem = model.problem;
  const auto stream = [&](std::string_view what, std::string_view name, std::size_t entity) {
    return random_stream(scenario.seed, fmt::format("beliefs: {} of {}", what, name), entity);
  };
  for (std::size_t tier = 0; tier < problem.tier_count(); ++tier) {
    const std::size_t number = engine::number_of(tier, model.group, scenario.groups);
    const std::string& name = scenario.tiers[number].name;
    const scenario::LayerBelief& layers = beliefs.layers[number];
    for (LayerId layer = 0; layer < problem.layer_count(); ++layer) {
      const scenario::Belief& belief = layers.of(model.graph.layer(layer).work.kind);
      if (!belief.is_true()) {
        problem.seconds[tier][layer] =
            problem.seconds[tier][layer] *
            factor_of(belief, stream(fmt::format("layers of {}", model.name), name, layer));
      }
    }
    if (!beliefs.load[number].is_true()) {
      partition::slow_down(problem, tier,
                           factor_of(beliefs.load[number], stream("the load", name, 0)));
    }
  }
  for (std::size_t hop = 0; hop < problem.hop_count(); ++hop) {
    const std::size_t number = engine::number_of(hop, model.group, scenario.groups);
    const scenario::Belief& belief = beliefs.bandwidth[number];
    if (!belief.is_true()) {
      const double factor =
          factor_of(belief, stream("the bandwidth", scenario.hops[number].name, 0));
      problem.hop(hop).up = problem.hop(hop).up * factor;
      problem.hop(hop).down = problem.hop(hop).down * factor;
    }
  }
  return problem;
}

partition::Outcome with_true_cost(const PreparedModel& model, partition::Outcome outcome) {
  auto* plan = std::get_if<partition::Plan>(&outcome);
  if (plan == nullptr) {
    return outcome;
  }
  if (plan->deployment) {
    return partition::Declined{
        "its requests take several cuts, or several machines, whose costs under other beliefs are "
        "not known: expected no 'beliefs'"};
  }
  const partition::Problem truth = partition::with_codecs(model.problem, plan->codecs);
  plan->cost = partition::evaluate(truth, plan->tier_of);
  plan->promise = partition::measured(plan->measure, truth, plan->cost, nullptr);
  plan->bound.reset();
  plan->makespan.reset();
  return outcome;
}

}  // namespace offcut::experiment
