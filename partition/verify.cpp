#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "partition/algorithm.h"

namespace offcut {
namespace {

[[noreturn]] void fail(const Plan& plan, const std::string& why) {
  throw std::logic_error(fmt::format("plan of '{}': {}", plan.algorithm, why));
}

void check_assignment(const Problem& problem, const Plan& plan) {
  if (plan.tier_of.size() != problem.layer_count()) {
    fail(plan, fmt::format("{} layers assigned of {}", plan.tier_of.size(), problem.layer_count()));
  }
  for (const std::size_t tier : plan.tier_of) {
    if (tier >= problem.tier_count()) {
      fail(plan, fmt::format("tier {} of {}", tier, problem.tier_count()));
    }
  }
  for (const CrossingTensor& tensor : problem.tensors) {
    for (const LayerId reader : tensor.consumers) {
      if (tensor.producer && plan.tier_of[reader] < plan.tier_of[*tensor.producer]) {
        fail(plan, fmt::format("tensor '{}' would bounce back from '{}' to '{}'", tensor.name,
                               problem.tiers[plan.tier_of[*tensor.producer]],
                               problem.tiers[plan.tier_of[reader]]));
      }
    }
  }
}

/// Seconds that one hop takes, up and down: what stands on the near side and is needed on the far
/// side goes up; outputs made on the far side come down.
double hop_seconds(const Problem& problem, const Assignment& tier_of, std::size_t index) {
  const auto is_far = [&](LayerId layer) { return tier_of[layer] > index; };
  double up = 0;
  double down = 0;
  bool answers = false;
  for (const CrossingTensor& tensor : problem.tensors) {
    const bool made_far = tensor.producer && is_far(*tensor.producer);
    if (!made_far && std::any_of(tensor.consumers.begin(), tensor.consumers.end(), is_far)) {
      up += tensor.bytes.si();
    }
    if (made_far && tensor.is_output) {
      down += tensor.bytes.si();
      answers = true;
    }
  }
  const bool used =
      std::any_of(tier_of.begin(), tier_of.end(), [&](std::size_t t) { return t > index; });
  const Hop& hop = problem.hops[index];
  return (used ? hop.latency.si() + up / hop.up.si() : 0) +
         (answers ? hop.latency.si() + down / hop.down.si() : 0);
}

}  // namespace

void verify(const Problem& problem, const Plan& plan) {
  check_assignment(problem, plan);
  double seconds = 0;
  for (LayerId layer = 0; layer < problem.layer_count(); ++layer) {
    seconds += problem.seconds[plan.tier_of[layer]][layer].si();
  }
  for (std::size_t hop = 0; hop < problem.hops.size(); ++hop) {
    seconds += hop_seconds(problem, plan.tier_of, hop);
  }
  const double stated = plan.cost.latency().si();
  if (!(std::abs(stated - seconds) <= 1e-9 * std::max(1e-300, seconds))) {
    fail(plan, fmt::format("states a latency of {} s, recomputed {} s", stated, seconds));
  }
}

}  // namespace offcut
