// Looks up best plans. Each decade of a quantity has its own lower envelope, so that costs at its
// two ends differ by a factor of ten at most and the envelope is exact to rounding. Conditions that
// an envelope does not cover are solved one by one, and some thousands of answers are kept.

#include "sim/experiment/best_plans.h"

#include <algorithm>
#include <cmath>

namespace offcut::experiment {
namespace {

constexpr double kLeastRate = 1;
constexpr double kSame = 1e-12;  // The relative difference of equal values.
constexpr std::size_t kMostSolved = 4096;

bool are_same(double a, double b) { return std::abs(a - b) <= kSame * std::abs(b); }

const Registry<partition::Algorithm>& algorithms() {
  static const Registry<partition::Algorithm> all = [] {
    Registry<partition::Algorithm> registry;
    partition::register_algorithms(registry);
    return registry;
  }();
  return all;
}

BytesPerSecond at_least(BytesPerSecond rate) {
  return BytesPerSecond(std::max(rate.si(), kLeastRate));
}

void set_rates(const Conditions& conditions, partition::Problem& problem) {
  for (std::size_t hop = 0; hop < conditions.hops.size(); ++hop) {
    problem.hop(hop).up = at_least(conditions.hops[hop].up);
    problem.hop(hop).down = at_least(conditions.hops[hop].down);
    problem.hop(hop).latency = conditions.hops[hop].latency;
  }
}

}  // namespace

BestPlans::BestPlans(partition::Problem problem, AssignmentPool& pool)
    : problem_(std::move(problem)), pool_(pool), scratch_(problem_) {
  for (std::size_t hop = 0; hop < problem_.hop_count(); ++hop) {
    const partition::Hop& own = problem_.hop(hop);
    nominal_.hops.push_back({own.up, own.down, own.latency});
  }
}

std::optional<std::pair<BestPlans::What, double>> BestPlans::moved(
    const Conditions& conditions) const {
  if (conditions.hops.empty()) {
    return std::nullopt;
  }
  for (std::size_t hop = 1; hop < conditions.hops.size(); ++hop) {
    if (!(conditions.hops[hop] == nominal_.hops[hop])) {
      return std::nullopt;
    }
  }
  const double up = std::max(conditions.hops[0].up.si(), kLeastRate);
  const double down = std::max(conditions.hops[0].down.si(), kLeastRate);
  const double own_up = nominal_.hops[0].up.si(), own_down = nominal_.hops[0].down.si();
  const bool up_moved = !are_same(up, own_up), down_moved = !are_same(down, own_down);
  if (conditions.load.wait > Seconds(0) || conditions.hops[0].latency != nominal_.hops[0].latency) {
    return std::nullopt;
  }
  if (conditions.load.factor != 1) {
    return up_moved || down_moved ? std::nullopt
                                  : std::optional(std::pair(What::load, conditions.load.factor));
  }
  if (!down_moved) {
    return std::pair(up_moved ? What::up : What::bandwidth, up);
  }
  if (!up_moved) {
    return std::pair(What::down, down);
  }
  return are_same(down / up, own_down / own_up) ? std::optional(std::pair(What::bandwidth, up))
                                                : std::nullopt;
}

const partition::Assignment* BestPlans::best(const Conditions& conditions) {
  if (const auto quantity = moved(conditions); quantity && quantity->second > 0) {
    const auto& [what, value] = *quantity;
    const int exponent = static_cast<int>(std::floor(std::log10(value)));
    const Decade& decade = decade_of(what, exponent);
    if (decade) {
      const auto found =
          std::lower_bound(decade->begin(), decade->end(), value,
                           [](const Stretch& stretch, double v) { return stretch.to < v; });
      return (found != decade->end() ? *found : decade->back()).tier_of;
    }
  }
  return solve(conditions);
}

const BestPlans::Decade& BestPlans::decade_of(What what, int exponent) {
  const std::pair key(what, exponent);
  if (last_ != nullptr && last_key_ == key) {
    return *last_;
  }
  const auto [found, is_new] = decades_.emplace(key, std::nullopt);
  if (is_new) {
    partition::Variation variation{.what = what,
                                   .where = {0},
                                   .from = std::pow(10, exponent),
                                   .to = std::pow(10, exponent + 1)};
    if (what == What::load) {
      variation.where.clear();
      for (std::size_t tier = 1; tier < problem_.tier_count(); ++tier) {
        variation.where.push_back(tier);
      }
    }
    auto outcome = partition::sensitivity(
        problem_, variation,
        [this](const partition::Problem& problem) { return optimum(problem); });
    if (auto* stretches = std::get_if<std::vector<partition::Stretch>>(&outcome)) {
      std::vector<Stretch>& decade = found->second.emplace();
      for (partition::Stretch& stretch : *stretches) {
        decade.push_back({stretch.to, pool_.address_of(std::move(stretch.tier_of))});
      }
    }
  }
  last_ = &found->second;
  last_key_ = key;
  return *last_;
}

partition::Problem BestPlans::under(const Conditions& conditions) const {
  partition::Problem problem = problem_;
  set_rates(conditions, problem);
  const adapt::Load& load = conditions.load;
  for (std::size_t tier = 1; tier < problem.tier_count(); ++tier) {
    if (load.factor != 1) {
      partition::slow_down(problem, tier, load.factor);
    }
    if (load.wait > Seconds(0)) {
      problem.per_request.resize(problem.tier_count());
      problem.per_request[tier] += load.wait;
    }
  }
  return problem;
}

const partition::Assignment* BestPlans::solve(const Conditions& conditions) {
  Key key = {conditions.load.factor, conditions.load.wait.si()};
  for (const Conditions::Rates& rates : conditions.hops) {
    key.insert(key.end(), {rates.up.si(), rates.down.si(), rates.latency.si()});
  }
  if (const auto known = solved_.find(key); known != solved_.end()) {
    return known->second;
  }
  partition::Optimum outcome = optimum(under(conditions));
  auto* plan = std::get_if<partition::Plan>(&outcome);
  const partition::Assignment* best =
      plan != nullptr ? pool_.address_of(std::move(plan->tier_of)) : nullptr;
  if (solved_.size() >= kMostSolved) {
    solved_.clear();
  }
  solved_.emplace(std::move(key), best);
  return best;
}

partition::Optimum BestPlans::optimum(const partition::Problem& problem) {
  ++solver_calls_;
  return partition::optimum(algorithms(), problem);
}

partition::Cost BestPlans::cost(const partition::Assignment& tier_of,
                                const Conditions& conditions) const {
  if (!(conditions.load == adapt::Load())) {
    return partition::evaluate(under(conditions), tier_of);
  }
  set_rates(conditions, scratch_);
  return partition::evaluate(scratch_, tier_of);
}

double BestPlans::value(const partition::Assignment& tier_of, const Conditions& conditions) const {
  return partition::weigh(problem_.goal.objective, cost(tier_of, conditions));
}

}  // namespace offcut::experiment
