// Enumerates monotone assignments by depth-first search over the layers in their order: each layer
// may run on any tier from the farthest of its producers' on.

#include "partition/solvers/enumeration.h"

#include <algorithm>

#include "partition/dependence.h"

namespace offcut::partition {
namespace {

class Enumeration {
 public:
  explicit Enumeration(const Problem& problem)
      : tiers_(problem.tier_count()),
        reads_(makers_of(problem)),
        stays_(problem.layer_count(), false),
        tier_of_(problem.layer_count(), 0) {
    for (const LayerId layer : problem.goal.limits.pinned) {
      stays_[layer] = true;
    }
    for (const LayerId layer : problem.tail) {  // On the device, wherever its inputs are made.
      stays_[layer] = true;
      reads_[layer].clear();
    }
  }

  bool each(const std::function<bool(const Assignment&)>& visit, LayerId layer = 0) {
    if (layer == tier_of_.size()) {
      return visit(tier_of_);
    }
    std::size_t nearest = 0;
    for (const LayerId before : reads_[layer]) {
      nearest = std::max(nearest, tier_of_[before]);
    }
    for (std::size_t tier = nearest; tier < (stays_[layer] ? 1 : tiers_); ++tier) {
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
  std::vector<bool> stays_;
  Assignment tier_of_;
};

}  // namespace

bool each_assignment(const Problem& problem, const std::function<bool(const Assignment&)>& visit) {
  return Enumeration(problem).each(visit);
}

double least_assignments(std::size_t layers, std::size_t tiers) {
  double count = 1;
  for (std::size_t hop = 1; hop < tiers; ++hop) {
    count *= static_cast<double>(layers + hop) / static_cast<double>(hop);
  }
  return count;
}

bool are_at_most(const Problem& problem, double most) {
  const bool all_may_move = problem.goal.limits.pinned.empty() && problem.tail.empty();
  // Rounding may add a little to a count at the limit, which is then counted below.
  if (all_may_move &&
      least_assignments(problem.layer_count(), problem.tier_count()) > 1.001 * most) {
    return false;
  }
  double count = 0;
  return each_assignment(problem, [&](const Assignment&) { return ++count <= most; });
}

}  // namespace offcut::partition
