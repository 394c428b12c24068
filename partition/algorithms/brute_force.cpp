// brute-force: every monotone assignment, the cheapest within the limits kept: the oracle for all
// other algorithms, with any objective.
// Among equals the one that keeps layers nearest to the device, in the order of the layers.
// O(tensors) per assignment; their number is (n+1)(n+2)/2 for a chain of n layers on three tiers,
// exponential in the parallel branches of a DAG, and bounded by the parameter `most`.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "partition/algorithm.h"

namespace offcut {
namespace {

/// Visits all monotone assignments, in the order of the layers, nearest tiers first.
class Enumeration {
 public:
  explicit Enumeration(const Problem& problem)
      : tiers_(problem.tier_count()),
        reads_(problem.layer_count()),
        is_pinned_(problem.layer_count(), false),
        tier_of_(problem.layer_count(), 0) {
    for (const LayerId layer : problem.limits.pinned) {
      is_pinned_[layer] = true;
    }
    for (const CrossingTensor& tensor : problem.tensors) {
      for (const LayerId reader : tensor.consumers) {
        if (tensor.producer) {
          reads_[reader].push_back(*tensor.producer);
        }
      }
    }
  }

  /// Calls `visit` until it returns false; returns false then.
  bool each(const std::function<bool(const Assignment&)>& visit, LayerId layer = 0) {
    if (layer == tier_of_.size()) {
      return visit(tier_of_);
    }
    std::size_t nearest = 0;
    for (const LayerId before : reads_[layer]) {
      nearest = std::max(nearest, tier_of_[before]);
    }
    for (std::size_t tier = nearest; tier < (is_pinned_[layer] ? 1 : tiers_); ++tier) {
      tier_of_[layer] = tier;
      if (!each(visit, layer + 1)) {
        return false;
      }
    }
    return true;
  }

 private:
  std::size_t tiers_;
  std::vector<std::vector<LayerId>> reads_;
  std::vector<bool> is_pinned_;
  Assignment tier_of_;
};

Answer solve_it(const Problem& problem, const Parameters& parameters) {
  const double most = parameters.at("most");
  Enumeration all(problem);
  double count = 0;  // counting is far cheaper than costing, so that a refusal comes at once
  if (!all.each([&](const Assignment&) { return ++count <= most; })) {
    return Declined{
        fmt::format("there are more than {:.0f} monotone assignments of {} layers to {} tiers "
                    "(the parameter 'most' sets the limit)",
                    most, problem.layer_count(), problem.tier_count())};
  }
  Assignment best;
  double least = INFINITY;
  bool none = true;
  all.each([&](const Assignment& tier_of) {
    const auto value = value_within_limits(problem, tier_of);
    if (value && *value < least) {
      least = *value;
      best = tier_of;
      none = false;
    }
    return true;
  });
  if (none) {
    return Declined{"no plan keeps the limits"};
  }
  return best;
}

}  // namespace

void register_brute_force(Registry<Algorithm>& registry) {
  registry.add({.name = "brute-force",
                .doc = "every monotone assignment tried: the optimum, for small graphs",
                .citation = "exhaustive search",
                .exact = true,
                .within = {.pins = true, .memory = true, .deadline = true},
                .parameters = {{.name = "most",
                                .fallback = 2e6,
                                .least = 1,
                                .doc = "how many assignments it may try before it declines"}},
                .solve = solve_it});
}

}  // namespace offcut
