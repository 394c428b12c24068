// Splits a plan's objective into its terms: computing per tier, messages per hop and direction, the
// device's energy by state, money by owner, and the longest stage.

#include "partition/cost_terms.h"

#include <fmt/format.h>

namespace offcut::partition {
namespace {

void add_latency(const Problem& problem, const Cost& cost, std::vector<CostTerm>& terms) {
  const double weight = problem.goal.objective.latency;
  for (std::size_t tier = 0; tier < problem.tier_count(); ++tier) {
    terms.push_back({"compute " + problem.tiers[tier], weight * cost.compute[tier].si()});
  }
  for (std::size_t hop = 0; hop < problem.hop_count(); ++hop) {
    terms.push_back({"send " + problem.hop_name(hop), weight * cost.up_time[hop].si()});
    terms.push_back({"answer " + problem.hop_name(hop), weight * cost.down_time[hop].si()});
  }
}

void add_energy(const Problem& problem, const Cost& cost, std::vector<CostTerm>& terms) {
  const double weight = problem.goal.objective.energy;
  const double computing = (problem.power.busy * cost.compute[0]).si();
  const double radio = cost.radio.si();
  terms.push_back({"energy: computing", weight * computing});
  terms.push_back({"energy: radio", weight * radio});
  terms.push_back({"energy: idle", weight * (cost.energy.si() - computing - radio)});
}

void add_money(const Problem& problem, const Cost& cost, std::vector<CostTerm>& terms) {
  const double weight = problem.goal.objective.money;
  for (std::size_t tier = 0; tier < problem.price.size(); ++tier) {
    terms.push_back(
        {"money: " + problem.tiers[tier], weight * problem.price[tier] * cost.compute[tier].si()});
  }
  for (std::size_t hop = 0; hop < problem.hop_count(); ++hop) {
    const Bytes bytes = cost.up_bytes[hop] + cost.down_bytes[hop];
    terms.push_back(
        {"money: " + problem.hop_name(hop), weight * problem.hop(hop).price * bytes.si()});
  }
}

}  // namespace

std::vector<CostTerm> cost_terms(const Problem& problem, const Cost& cost) {
  std::vector<CostTerm> terms;
  const Objective& objective = problem.goal.objective;
  if (objective.latency > 0) {
    add_latency(problem, cost, terms);
  }
  if (objective.energy > 0) {
    add_energy(problem, cost, terms);
  }
  if (objective.money > 0) {
    add_money(problem, cost, terms);
  }
  if (objective.bottleneck > 0) {
    terms.push_back({"longest stage", objective.bottleneck * cost.bottleneck.si()});
  }
  return terms;
}

}  // namespace offcut::partition
