// Shortens the longest stage of a plan by minimum cuts of weighted stages: each round makes long
// stages more expensive by slower tiers and links, and keeps the best plan and the best bound.

#include "partition/solvers/longest_stage.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "partition/solvers/multi_tier_cut.h"

namespace offcut::partition {
namespace {

/// Returns the seconds of each tier, of each hop up, and of each hop down.
std::vector<double> stages(const Problem& problem, const Cost& cost) {
  std::vector<double> seconds;
  for (const Seconds time : cost.compute) {
    seconds.push_back(time.si());
  }
  for (std::size_t hop = 0; hop < problem.hops.size(); ++hop) {
    seconds.push_back((cost.up_bytes[hop] / problem.hops[hop].rate(true)).si());
  }
  for (std::size_t hop = 0; hop < problem.hops.size(); ++hop) {
    seconds.push_back((cost.down_bytes[hop] / problem.hops[hop].rate(false)).si());
  }
  return seconds;
}

/// Returns the problem in which each stage counts with its weight.
Problem with_stage_weights(Problem problem, const std::vector<double>& weights) {
  const std::size_t tiers = problem.tier_count();
  const std::size_t hops = problem.hops.size();
  problem.goal.objective = {};
  for (std::size_t tier = 0; tier < tiers; ++tier) {
    slow_down(problem, tier, weights[tier]);
  }
  for (std::size_t hop = 0; hop < hops; ++hop) {
    problem.hops[hop] = {.up = problem.hops[hop].rate(true) / weights[tiers + hop],
                         .down = problem.hops[hop].rate(false) / weights[tiers + hops + hop],
                         .latency = Seconds(0)};
  }
  return problem;
}

/// Updates the weights for the next round: the longer a stage is, the more its weight grows.
void reweigh(std::vector<double>& weights, const std::vector<double>& seconds, double longest,
             double step) {
  constexpr double kLeast = 1e-9;  // A weight of 0 would make a bandwidth infinite.
  for (std::size_t i = 0; i < weights.size(); ++i) {
    weights[i] *= std::exp(step * seconds[i] / longest);
  }
  const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
  for (double& weight : weights) {
    weight = std::max(weight / sum, kLeast);
  }
}

}  // namespace

StagePlan weigh_stages(const Problem& problem, std::size_t rounds) {
  constexpr double kCutRounding = 1e-12;  // The relative error of a minimum cut.
  std::vector<double> weights(problem.tier_count() + 2 * problem.hops.size(), 1);
  const MultiTierCut cut(with_stage_weights(problem, weights));
  StagePlan best;
  for (std::size_t round = 0; round < rounds; ++round) {
    Assignment found = cut.solve(with_stage_weights(problem, weights));
    const Cost cost = evaluate(problem, found);
    const std::vector<double> seconds = stages(problem, cost);
    const double longest = cost.bottleneck.si();
    const double mean = std::inner_product(seconds.begin(), seconds.end(), weights.begin(), 0.0) /
                        std::accumulate(weights.begin(), weights.end(), 0.0);
    best.bound = std::max(best.bound, Seconds(mean * (1 - kCutRounding)));
    if (best.tier_of.empty() || cost.bottleneck < best.longest) {
      best.tier_of = std::move(found);
      best.longest = cost.bottleneck;
    }
    if (longest == 0 || best.longest <= best.bound * (1 + 2 * kCutRounding)) {
      break;
    }
    reweigh(weights, seconds, longest, 1 / std::sqrt(static_cast<double>(round + 1)));
  }
  return best;
}

}  // namespace offcut::partition
