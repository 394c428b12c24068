// `chain-dp` finds the optimum of a chain on any number of tiers with limited memory, by dynamic
// programming over the number of layers placed and the tier of the last one, as in PipeEdge (Hu et
// al., "PipeEdge: Pipeline parallelism for large-scale model inference on heterogeneous edge
// devices", DSD 2022, section IV: h(i, S, u)) and EdgeShard (Zhang et al., arXiv 2405.14371):
//
//     best(i, t) = min over j < i, s < t of best(j, s) + send(j, s, t) + run(t, j, i)
//
// for layers j..i-1 on tier t, if they fit its memory. If the objective is the longest stage, the
// largest term replaces the sum. Deviations: tiers are ordered and may stay empty, and the answer's
// way back counts. O(tiers^2 * n^2).

#include <algorithm>
#include <cmath>

#include "partition/algorithm.h"
#include "partition/solvers/chain.h"
#include "partition/solvers/linear_costs.h"
#include "partition/stops.h"

namespace offcut::partition {
namespace {

class ChainSearch {
 public:
  ChainSearch(const Problem& problem, const Chain& chain)
      : problem_(problem),
        chain_(chain),
        costs_(problem.goal.objective.is_linear() ? linear_costs(problem, problem.goal.objective)
                                                  : longest_stage(problem)),
        is_sum_(problem.goal.objective.is_linear()),
        tiers_(problem.tier_count()),
        count_(chain.layers.size()),
        boundaries_(boundaries_of(problem, chain)),
        pinned_(chain.layers.size(), false) {
    for (std::size_t i = 0; i < count_; ++i) {
      pinned_[i] = std::binary_search(problem.goal.limits.pinned.begin(),
                                      problem.goal.limits.pinned.end(), chain.layers[i]);
    }
    beside_ = problem.per_request_on(0).si();
    for (const LayerId layer : chain.beside) {
      beside_ += problem.seconds[0][layer].si();
    }
  }

  Answer run() {
    best_.assign(count_ + 1, std::vector<Step>(tiers_));
    best_[0][0].cost = fits(0, 0, 0) ? 0 : INFINITY;  // The input is on the device.
    for (std::size_t begin = 0; begin <= count_; ++begin) {
      for (std::size_t tier = 0; tier < tiers_; ++tier) {
        extend(begin, tier);
      }
    }
    Step last;
    std::size_t tier = 0;
    for (std::size_t t = 0; t < tiers_; ++t) {
      if (best_[count_][t].cost < last.cost) {
        last = best_[count_][t];
        tier = t;
      }
    }
    if (last.cost == INFINITY) {
      return Declined{kNoPlan};
    }
    return trace(tier);
  }

 private:
  /// The cheapest placement of the first layers with the last of them on one tier.
  struct Step {
    double cost = INFINITY;
    std::size_t begin = 0;   // The first layer on that tier.
    std::size_t before = 0;  // The previous tier.
  };

  static LinearCosts longest_stage(const Problem& problem) {
    LinearCosts costs = linear_costs(problem, {.latency = 1});
    std::fill(costs.message.begin(), costs.message.end(), 0);
    std::fill(costs.reach.begin(), costs.reach.end(), 0);
    costs.wake = 0;
    return costs;
  }

  double join(double a, double b) const { return is_sum_ ? a + b : std::max(a, b); }

  /// Extends a placement of `begin` layers up to `tier` by further layers on each later tier.
  void extend(std::size_t begin, std::size_t tier) {
    if (best_[begin][tier].cost == INFINITY) {
      return;
    }
    const std::size_t first = begin == 0 ? 0 : tier + 1;
    for (std::size_t to = first; to < tiers_; ++to) {
      if (!problem_.stops.allows(tier, to)) {
        continue;
      }
      // The device may have to run only the layers beside the chain and encode the input.
      const double start = begin == 0 && to > 0 ? device_alone() : 0;
      run_on(to, begin, tier, join(best_[begin][tier].cost, join(start, send(begin, tier, to))));
    }
  }

  double device_alone() const {
    return fits(0, 0, 0) ? (beside_ + boundaries_[0].encode[0].si()) * costs_.second[0] : INFINITY;
  }

  double send(std::size_t begin, std::size_t from, std::size_t to) const {
    const Chain::Boundary& boundary = boundaries_[begin];
    double cost = 0;
    for (std::size_t hop = from; hop < to; ++hop) {
      const double wake = hop == 0 ? costs_.wake : 0;
      cost = join(cost, boundary.up.si() * costs_.byte_up[hop] + costs_.message[hop] + wake +
                            stalls(hop, true, boundary.up));
      cost = join(
          cost,
          boundary.down.si() * costs_.byte_down[hop] +
              (boundary.answers ? costs_.message[hop] + stalls(hop, false, boundary.down) : 0));
      cost = join(cost, reach(hop, hop + 1 < to));
    }
    return cost;
  }

  /// Returns the cost of opening a connection over the hop, and of handing the request over to the
  /// next tier if that is only a relay: run_on() counts it for the others.
  double reach(std::size_t hop, bool is_relay) const {
    const double opening = is_sum_ ? price_of_waiting(problem_, problem_.goal.objective) *
                                         problem_.hops[hop].opening(true).si()
                                   : 0;
    return opening +
           (is_relay ? problem_.per_request_on(hop + 1).si() * costs_.second[hop + 1] : 0);
  }

  /// Stalls, openings and the radio's promotion make no stage longer, see Cost::bottleneck.
  double stalls(std::size_t hop, bool upwards, Bytes bytes) const {
    return is_sum_ ? stall_cost(problem_, problem_.goal.objective, hop, upwards, bytes) : 0;
  }

  void run_on(std::size_t tier, std::size_t begin, std::size_t before, double so_far) {
    double seconds = tier > 0
                         ? boundaries_[begin].decode[tier].si() + problem_.per_request_on(tier).si()
                         : beside_;
    load_ = Load();
    for (std::size_t end = begin + 1; end <= count_; ++end) {
      const LayerId layer = chain_.layers[end - 1];
      seconds += problem_.seconds[tier][layer].si();
      add_load(layer);
      if (!fits(tier, load_.parameters, load_.working) || (tier > 0 && pinned_[end - 1])) {
        return;  // More layers would not fit either.
      }
      const double coding = end < count_ ? boundaries_[end].encode[tier].si() : 0;
      const double cost = join(so_far, (seconds + coding) * costs_.second[tier]);
      if (cost < best_[end][tier].cost) {
        best_[end][tier] = {cost, begin, before};
      }
    }
  }

  struct Load {
    double parameters = 0;
    double working = 0;
  };

  void add_load(LayerId layer) {
    if (!problem_.memory.empty()) {
      load_.parameters += problem_.memory[layer].parameters.si();
      load_.working = std::max(load_.working, problem_.memory[layer].working.si());
    }
  }

  bool fits(std::size_t tier, double parameters, double working) const {
    const std::optional<Bytes> limit = problem_.memory_limit(tier);
    if (!limit) {
      return true;
    }
    for (const LayerId layer : chain_.beside) {
      if (tier == 0) {
        parameters += problem_.memory[layer].parameters.si();
        working = std::max(working, problem_.memory[layer].working.si());
      }
    }
    return parameters + working <= limit->si() * (1 + kRounding);
  }

  Assignment trace(std::size_t tier) const {
    Assignment tier_of(problem_.layer_count(), 0);
    for (std::size_t end = count_; end > 0;) {
      const Step& step = best_[end][tier];
      for (std::size_t i = step.begin; i < end; ++i) {
        tier_of[chain_.layers[i]] = tier;
      }
      end = step.begin;
      tier = step.before;
    }
    return tier_of;
  }

  const Problem& problem_;
  const Chain& chain_;
  LinearCosts costs_;
  bool is_sum_;
  std::size_t tiers_;
  std::size_t count_;
  std::vector<Chain::Boundary> boundaries_;
  std::vector<bool> pinned_;
  double beside_ = 0;  // Seconds of the layers beside the chain.
  Load load_;
  std::vector<std::vector<Step>> best_;  // [layers placed][tier of the last].
};

Answer solve_chain_dp(const Problem& problem, const Parameters&) {
  const Objective& objective = problem.goal.objective;
  if (!objective.is_linear() &&
      (objective.latency > 0 || objective.energy > 0 || objective.money > 0)) {
    return Declined{"it minimises a sum or the longest stage, but not both"};
  }
  const auto chain = chain_of(problem);
  if (!chain) {
    return Declined{"it needs a chain, in which each layer reads the output of the previous one"};
  }
  return ChainSearch(problem, *chain).run();
}

/// See Growth::seconds.
double seconds_of_chain_dp(const Problem& problem, const Parameters&) {
  return 0.9e-9 * double(problem.tier_count() * problem.tier_count()) *
         double(problem.layer_count()) * double(problem.layer_count());
}

}  // namespace

void register_chain_dp(Registry<Algorithm>& registry) {
  registry.add({.name = "chain-dp",
                .doc = "the optimum of a chain on any number of tiers, within their memory",
                .citation = "Hu et al., PipeEdge, DSD 2022, section IV, on ordered tiers",
                .proof = Proof::optimum_of_chain,
                .growth = {"tiers^2 layers^2", seconds_of_chain_dp},
                .within = {.pins = true, .memory = true},
                .solve = solve_chain_dp,
                .by_stops = true,
                .branches = Branches::bounded});
}

}  // namespace offcut::partition
