// Branches over the layers that may fill a gap between two stops. A branch narrows the tiers of a
// layer and of all that depend on it or that it depends on, so that its cut is a bound for it.

#include "partition/solvers/stop_search.h"

#include <algorithm>
#include <cmath>
#include <queue>

#include "partition/solvers/multi_tier_cut.h"
#include "partition/stops.h"

namespace offcut::partition {
namespace {

/// Minimum cuts that a search may take: about as long as a plan from zero of the largest networks.
constexpr std::size_t kMostCuts = 4000;

class StopSearch {
 public:
  explicit StopSearch(const Problem& problem) : problem_(problem), cut_(problem) {}

  Answer run() {
    const std::size_t layers = problem_.layer_count();
    MultiTierCut::Ranges all{Assignment(layers, 0), Assignment(layers, problem_.tier_count() - 1)};
    for (const LayerId pinned : problem_.goal.limits.pinned) {
      all.farthest[pinned] = 0;
    }
    add(std::move(all));
    double left = INFINITY;  // The least bound of what the search leaves.
    while (!open_.empty() && open_.top().value < cutoff()) {
      const Branch branch = open_.top();
      open_.pop();
      const std::optional<Gap> gap = gap_of(problem_, branch.found);
      if (!gap) {
        least_ = branch.value;
        best_ = branch.found;
      } else if (cuts_ >= kMostCuts || !divide(branch, *gap)) {
        left = std::min(left, branch.value);
      }
    }
    left = open_.empty() ? left : std::min(left, open_.top().value);
    if (best_.empty()) {
      best_.assign(layers, 0);  // Has no gap, and belongs to all sets of stops.
      least_ = value_of(best_);
    }
    return {std::move(best_), std::min(left, least_)};
  }

 private:
  struct Branch {
    MultiTierCut::Ranges ranges;
    Assignment found;
    double value;

    bool operator<(const Branch& other) const { return value > other.value; }
  };

  double value_of(const Assignment& tier_of) const {
    return weigh(problem_.goal.objective, evaluate(problem_, tier_of));
  }
  double cutoff() const { return std::min(least_, problem_.stops.enough * (1 - kRounding)); }

  /// Solves a branch, unless no assignment is within its ranges.
  void add(MultiTierCut::Ranges ranges) {
    ++cuts_;
    if (auto found = cut_.solve(problem_, ranges)) {
      const double value = value_of(*found);
      open_.push({std::move(ranges), std::move(*found), value});
    }
  }

  /// Adds the branches of assignments without the gap. Returns false if it can't name them all.
  bool divide(const Branch& branch, Gap gap) {
    std::size_t first = gap.tier + 1;
    std::size_t last = gap.next - 1;
    std::size_t nearer = last;  // The farthest tier of assignments that leave the gap's tiers out.
    const auto& required = problem_.stops.is_required;
    const auto begin = required.begin() + static_cast<std::ptrdiff_t>(first);
    const auto end = required.begin() + static_cast<std::ptrdiff_t>(last) + 1;
    if (const auto tier = std::find(begin, end, true); tier != end) {
      first = last = static_cast<std::size_t>(tier - required.begin());
      nearer = first - 1;
    } else if (gap.tier > 0 || gap.next + 1 < problem_.tier_count()) {
      return false;
    }
    MultiTierCut::Ranges without = branch.ranges;
    for (std::size_t& tier : without.farthest) {
      tier = std::min(tier, nearer);
    }
    add_if_possible(std::move(without));
    for (LayerId layer = 0; layer < problem_.layer_count(); ++layer) {
      for (std::size_t tier = first; tier <= last; ++tier) {
        add_if_possible(with_layer_on(branch.ranges, layer, tier));
      }
    }
    return true;
  }

  void add_if_possible(MultiTierCut::Ranges ranges) {
    for (LayerId layer = 0; layer < problem_.layer_count(); ++layer) {
      if (ranges.nearest[layer] > ranges.farthest[layer]) {
        return;
      }
    }
    add(std::move(ranges));
  }

  /// Narrows the ranges to assignments with the layer on the tier.
  MultiTierCut::Ranges with_layer_on(MultiTierCut::Ranges ranges, LayerId layer,
                                     std::size_t tier) const {
    ranges.nearest[layer] = std::max(ranges.nearest[layer], tier);
    ranges.farthest[layer] = std::min(ranges.farthest[layer], tier);
    for (const CrossingTensor& tensor : by_producer_) {
      for (const LayerId reader : tensor.consumers) {
        ranges.nearest[reader] = std::max(ranges.nearest[reader], ranges.nearest[*tensor.producer]);
      }
    }
    for (auto tensor = by_producer_.rbegin(); tensor != by_producer_.rend(); ++tensor) {
      for (const LayerId reader : tensor->consumers) {
        std::size_t& farthest = ranges.farthest[*tensor->producer];
        farthest = std::min(farthest, ranges.farthest[reader]);
      }
    }
    return ranges;
  }

  static std::vector<CrossingTensor> in_order(const Problem& problem) {
    std::vector<CrossingTensor> tensors;
    for (const CrossingTensor& tensor : problem.tensors) {
      if (tensor.producer) {
        tensors.push_back(tensor);
      }
    }
    std::stable_sort(
        tensors.begin(), tensors.end(),
        [](const CrossingTensor& a, const CrossingTensor& b) { return *a.producer < *b.producer; });
    return tensors;
  }

  const Problem& problem_;
  MultiTierCut cut_;
  std::vector<CrossingTensor> by_producer_ = in_order(problem_);
  std::priority_queue<Branch> open_;
  std::size_t cuts_ = 0;
  Assignment best_;
  double least_ = INFINITY;
};

}  // namespace

Answer solve_cuts(const Problem& problem) {
  if (problem.stops.is_kept) {
    return StopSearch(problem).run();
  }
  return MultiTierCut(problem).solve(problem);
}

Assignment cheapest_assignment(const Problem& problem) {
  if (!problem.has_routes()) {
    return MultiTierCut(problem).solve(problem);
  }
  const Algorithm cuts{.name = "multi-tier",
                       .proof = Proof::optimum,
                       .solve = [](const Problem& set, const auto&) { return solve_cuts(set); }};
  return std::get<Assignment>(solve_by_stops(cuts, problem, {}).found);
}

}  // namespace offcut::partition
