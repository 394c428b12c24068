// Finds cuts as optima of problems with heavier work and longer handovers. A wait at a tier is paid
// only if layers run there, which a time per request is not: so each set of tiers that may compute
// is a problem of its own, and the best of their optima counts. Stalls of transports are left out
// of these problems, since connections are busy under load; the costs of the cuts have them.

#include "sim/study/under_load/cut_pool.h"

#include <algorithm>
#include <numeric>

#include "partition/solvers/enumeration.h"
#include "partition/studies/optimum.h"
#include "sim/experiment/weights.h"

namespace offcut::study {
namespace {

constexpr double kFewCuts = 64;
constexpr std::size_t kMostSets = 16;  // Of tiers that compute.

/// Returns a best plan or, where layers run at the same time and proofs are rare, one near it.
partition::Optimum good_plan(const Registry<partition::Algorithm>& algorithms,
                             const partition::Problem& problem) {
  if (!problem.is_parallel()) {
    return partition::optimum(algorithms, problem);
  }
  partition::Outcome outcome = partition::solve(*algorithms.find("multi-tier"), problem, {});
  if (auto* plan = std::get_if<partition::Plan>(&outcome)) {
    return std::move(*plan);
  }
  return partition::Declined{partition::refusal_text(outcome)};
}

/// Returns more seconds than all layers take on all tiers.
Seconds prohibitive(const partition::Problem& problem) {
  Seconds sum(1);
  for (const std::vector<Seconds>& times : problem.seconds) {
    sum = std::accumulate(times.begin(), times.end(), sum);
  }
  return sum * 10;
}

/// Returns the problem of one request that pays these prices and waits. Layers may run on the
/// device and on the tiers of the set: bit t - 1 stands for tier t.
partition::Problem loaded(partition::Problem problem, const LoadPrices& prices,
                          const PresentWaits& waits, std::size_t set) {
  problem.goal.limits.deadline.reset();  // Of the latency in an idle system: add() checks it.
  const Seconds forbidden = prohibitive(problem);
  problem.per_request.resize(problem.tier_count());
  for (std::size_t tier = 0; tier < problem.tier_count(); ++tier) {
    partition::slow_down(problem, tier, 1 + prices.tier[tier]);
    const bool computes = tier == 0 || (set >> (tier - 1) & 1) != 0;
    problem.per_request[tier] +=
        (tier > 0 ? waits.links[tier] : Seconds(0)) + (computes ? waits.tier[tier] : Seconds(0));
    if (!computes) {
      std::fill(problem.seconds[tier].begin(), problem.seconds[tier].end(), forbidden);
    }
  }
  for (std::size_t hop = 0; hop < problem.hops.size(); ++hop) {
    problem.hops[hop].tcp.reset();
    problem.hops[hop].up = problem.hops[hop].up / (1 + prices.up[hop]);
    problem.hops[hop].down = problem.hops[hop].down / (1 + prices.down[hop]);
  }
  return problem;
}

LoadPrices scaled(LoadPrices prices, double factor) {
  for (std::vector<double>* part : {&prices.tier, &prices.up, &prices.down}) {
    for (double& price : *part) {
      price *= factor;
    }
  }
  return prices;
}

/// Returns the prices at several levels: all of them together, and each tier and link by itself.
std::vector<LoadPrices> levels_of(const LoadPrices& prices) {
  std::vector<LoadPrices> levels;
  for (const double factor : {0.0, 0.25, 1.0, 4.0}) {
    levels.push_back(scaled(prices, factor));
  }
  constexpr double kMore[] = {0.5, 2, 8, 32};
  for (std::size_t tier = 0; tier < prices.tier.size(); ++tier) {
    levels.push_back(prices);
    levels.back().tier[tier] = 0;
    for (const double more : kMore) {
      levels.push_back(prices);
      levels.back().tier[tier] += more;
    }
  }
  for (std::size_t hop = 0; hop < prices.up.size(); ++hop) {
    for (const double more : kMore) {
      levels.push_back(prices);
      levels.back().up[hop] += more;
      levels.back().down[hop] += more;
    }
  }
  return levels;
}

}  // namespace

CutPool::CutPool(const scenario::Scenario& scenario, experiment::PreparedModel model,
                 const Registry<partition::Algorithm>& algorithms, const partition::Plan& idle,
                 Seconds budget)
    : scenario_(scenario), model_(std::move(model)), algorithms_(algorithms), budget_(budget) {
  cuts_.push_back(&owned_.emplace_back(cut_of(model_, idle)));
}

std::size_t CutPool::add(const partition::Assignment& tier_of) {
  const auto same = std::find_if(cuts_.begin(), cuts_.end(),
                                 [&](const Cut* cut) { return cut->plan.tier_of == tier_of; });
  if (same != cuts_.end()) {
    return static_cast<std::size_t>(same - cuts_.begin());
  }
  partition::Problem problem = model_.problem;
  problem.extras.graph = &model_.graph;
  const partition::Algorithm given{
      .name = kUnderLoad,
      .solve = [&](const partition::Problem&, const Parameters&) -> partition::Answer {
        return tier_of;
      }};
  partition::Outcome outcome = partition::solve(given, problem, {});
  auto* plan = std::get_if<partition::Plan>(&outcome);
  if (plan == nullptr || experiment::memory_error(scenario_, model_, *plan)) {
    return 0;
  }
  cuts_.push_back(&owned_.emplace_back(cut_of(model_, *plan)));
  return cuts_.size() - 1;
}

void CutPool::add_all() {
  if (partition::are_at_most(model_.problem, kFewCuts)) {
    partition::each_assignment(model_.problem, [&](const partition::Assignment& tier_of) {
      add(tier_of);
      return true;
    });
  }
}

std::size_t CutPool::best_at(const LoadPrices& prices, const PresentWaits& waits) {
  const std::size_t sets = std::min(kMostSets, std::size_t{1} << (model_.problem.tier_count() - 1));
  std::size_t best = 0;
  std::optional<double> least;
  for (std::size_t set = 0; set < sets; ++set) {
    const partition::Problem problem = loaded(model_.problem, prices, waits, set);
    const partition::Optimum optimum = good_plan(algorithms_, problem);
    if (const auto* plan = std::get_if<partition::Plan>(&optimum)) {
      const double value = partition::weigh(problem.goal.objective, plan->cost);
      const std::size_t index = add(plan->tier_of);
      if (!least || value < *least) {
        least = value;
        best = index;
      }
    }
  }
  return best;
}

void CutPool::add_optima(const LoadPrices& prices, const PresentWaits& waits) {
  constexpr std::size_t kAlways = 4;         // Levels of all prices together.
  constexpr double kSecondsPerLayer = 1e-5;  // On a usual machine, for each tier and set of tiers.
  const std::size_t tiers = model_.problem.tier_count();
  const Seconds one(kSecondsPerLayer * double(model_.problem.layer_count() * tiers) *
                    double(std::min(kMostSets, std::size_t{1} << (tiers - 1))));
  const std::vector<LoadPrices> levels = levels_of(prices);
  for (std::size_t i = 0; i < levels.size() && (i < kAlways || spent_ < budget_); ++i) {
    best_at(levels[i], waits);
    spent_ += one;
  }
}

}  // namespace offcut::study
