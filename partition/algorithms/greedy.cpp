// `greedy` places layer by layer, each on the tier where it costs least at that point: its own
// time, and the transmission of its inputs from the tiers where they are. This is list scheduling
// (Topcuoglu, Hariri, Wu, "HEFT", IEEE TPDS 13(3), 2002, section 4) on ordered tiers, where a layer
// can't be before one that it depends on. Later layers and the answer's way back are not
// considered, so a plan may be far from the optimum. Tiers without free memory are skipped.
// O(tiers * tensors).

#include <algorithm>
#include <cmath>

#include "partition/algorithm.h"
#include "partition/solvers/linear_costs.h"

namespace offcut::partition {
namespace {

class GreedySearch {
 public:
  explicit GreedySearch(const Problem& problem)
      : problem_(problem),
        costs_(linear_costs(problem, problem.goal.objective)),
        reads_(problem.layer_count()),
        reached_(problem.tensors.size(), 0),
        load_(problem.tier_count()),
        tier_of_(problem.layer_count(), 0) {
    for (std::size_t i = 0; i < problem.tensors.size(); ++i) {
      for (const LayerId reader : problem.tensors[i].consumers) {
        reads_[reader].push_back(i);
      }
    }
  }

  Answer run() {
    for (LayerId layer = 0; layer < problem_.layer_count(); ++layer) {
      double least = INFINITY;
      for (std::size_t tier = nearest(layer); tier <= farthest(layer); ++tier) {
        const double cost = cost_on(tier, layer);
        if (cost < least && fits(tier, layer)) {
          least = cost;
          tier_of_[layer] = tier;
        }
      }
      if (least == INFINITY) {
        return Declined{"layer '" + problem_.layers[layer] +
                        "' fits on none of its possible tiers"};
      }
      settle(layer);
    }
    return tier_of_;
  }

 private:
  std::size_t home_of(std::size_t tensor) const {
    const auto& producer = problem_.tensors[tensor].producer;
    return producer ? tier_of_[*producer] : 0;
  }

  std::size_t nearest(LayerId layer) const {
    std::size_t tier = 0;
    for (const std::size_t tensor : reads_[layer]) {
      tier = std::max(tier, home_of(tensor));
    }
    return tier;
  }

  std::size_t farthest(LayerId layer) const {
    const auto& pinned = problem_.goal.limits.pinned;
    return std::binary_search(pinned.begin(), pinned.end(), layer) ? 0 : problem_.tier_count() - 1;
  }

  /// Returns the cost of its time, of the bytes that must be sent there, and of hops not used so
  /// far.
  double cost_on(std::size_t tier, LayerId layer) const {
    double cost = problem_.seconds[tier][layer].si() * costs_.second[tier];
    for (const std::size_t tensor : reads_[layer]) {
      const std::size_t from = std::max(reached_[tensor], home_of(tensor));
      for (std::size_t hop = from; hop < tier; ++hop) {
        cost += problem_.tensors[tensor].outward_bytes().si() * costs_.byte_up[hop];
      }
    }
    for (std::size_t hop = used_; hop < tier; ++hop) {
      cost += costs_.message_up(hop);
    }
    return cost;
  }

  LayerMemory load_with(std::size_t tier, LayerId layer) const {
    LayerMemory load = load_[tier];
    load.parameters += problem_.memory[layer].parameters;
    load.working = std::max(load.working, problem_.memory[layer].working);
    return load;
  }

  bool fits(std::size_t tier, LayerId layer) const {
    const std::optional<Bytes> limit = problem_.memory_limit(tier);
    if (!limit) {
      return true;
    }
    const LayerMemory load = load_with(tier, layer);
    return load.parameters + load.working <= *limit;
  }

  void settle(LayerId layer) {
    const std::size_t tier = tier_of_[layer];
    used_ = std::max(used_, tier);
    for (const std::size_t tensor : reads_[layer]) {
      reached_[tensor] = std::max(reached_[tensor], tier);
    }
    if (!problem_.memory.empty()) {
      load_[tier] = load_with(tier, layer);
    }
  }

  const Problem& problem_;
  LinearCosts costs_;
  std::vector<std::vector<std::size_t>> reads_;  // The tensors that each layer reads.
  std::vector<std::size_t> reached_;             // The farthest tier that has each tensor.
  std::vector<LayerMemory> load_;                // Per tier.
  std::size_t used_ = 0;                         // The farthest tier so far.
  Assignment tier_of_;
};

Answer solve_greedy(const Problem& problem, const Parameters&) {
  return GreedySearch(problem).run();
}

}  // namespace

void register_greedy(Registry<Algorithm>& registry) {
  registry.add({.name = "greedy",
                .doc = "layer by layer, each on the tier where it costs least at that point",
                .citation = "baseline; list scheduling as in Topcuoglu et al., HEFT, IEEE TPDS "
                            "13(3), 2002, section 4",
                .growth = {"tiers tensors"},
                .objectives = Objectives::linear,
                .within = {.pins = true, .memory = true},
                .solve = solve_greedy,
                .by_stops = true,
                .branches = Branches::bounded});
}

}  // namespace offcut::partition
