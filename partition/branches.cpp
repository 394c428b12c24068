// Makes problems whose times add up of one with tiers that compute several layers at once, and
// joins their answers. Which layers depend on each other is computed once, as sets of bits; layers
// of the tail never run beside others.

#include "partition/branches.h"

#include <algorithm>
#include <boost/dynamic_bitset.hpp>
#include <cmath>

#include "partition/dependence.h"
#include "partition/list_schedule.h"

namespace offcut::partition {
namespace {

using Layers = boost::dynamic_bitset<>;

/// The layers that may run at the same time as others.
class Independence {
 public:
  explicit Independence(const Problem& problem)
      : in_tail_(problem.layer_count()), before_(problem.layer_count(), in_tail_) {
    for (const LayerId layer : problem.tail) {
      in_tail_.set(layer);
    }
    const std::vector<std::vector<LayerId>> makers = makers_of(problem);
    for (LayerId layer = 0; layer < before_.size(); ++layer) {
      for (const LayerId maker : makers[layer]) {
        if (in_tail_[maker] == in_tail_[layer]) {
          before_[layer] |= before_[maker];
          before_[layer].set(maker);
        }
      }
    }
    after_.assign(before_.size(), Layers(before_.size()));
    for (LayerId layer = 0; layer < before_.size(); ++layer) {
      for (auto maker = before_[layer].find_first(); maker != Layers::npos;
           maker = before_[layer].find_next(maker)) {
        after_[maker].set(layer);
      }
    }
  }

  /// Returns the number of layers that may run at the same time as the layer, itself included, or
  /// `most` if there are more.
  std::size_t at_once(LayerId layer, const std::vector<Seconds>& times, std::size_t most) const {
    Layers others = before_[layer] | after_[layer];
    others = in_tail_[layer] ? in_tail_ - others : ~(in_tail_ | others);
    others.reset(layer);
    std::vector<LayerId> ends;  // Of chains that have all of them so far.
    for (auto other = others.find_first(); other != Layers::npos && ends.size() + 1 < most;
         other = others.find_next(other)) {
      if (times[other] == Seconds(0)) {
        continue;  // It needs no engine.
      }
      const auto chain = std::find_if(ends.begin(), ends.end(),
                                      [&](LayerId end) { return before_[other].test(end); });
      if (chain == ends.end()) {
        ends.push_back(other);
      } else {
        *chain = other;
      }
    }
    return ends.size() + 1;
  }

  /// Returns the layers of a block, ascending, whose times add up to the most of all of which each
  /// depends on the one before.
  std::vector<LayerId> longest_path(const std::vector<LayerId>& block,
                                    const std::vector<Seconds>& times) const {
    std::vector<Seconds> length(block.size());  // Up to the layer, itself included.
    std::vector<std::size_t> previous(block.size());
    std::size_t last = 0;
    for (std::size_t i = 0; i < block.size(); ++i) {
      previous[i] = i;
      for (std::size_t j = 0; j < i; ++j) {
        if (before_[block[i]].test(block[j]) && length[j] > length[i]) {
          length[i] = length[j];
          previous[i] = j;
        }
      }
      length[i] += times[block[i]];
      last = length[i] > length[last] ? i : last;
    }
    std::vector<LayerId> path = {block[last]};
    for (; previous[last] != last; last = previous[last]) {
      path.push_back(block[previous[last]]);
    }
    return path;
  }

  /// Calls `visit` with the blocks of a tier: the layers, ascending, between two that run alone.
  template <class Visit>
  void each_block(const std::vector<Seconds>& times, const Visit& visit) const {
    for (const bool is_tail : {false, true}) {
      std::vector<LayerId> block;
      const auto end_block = [&] {
        if (!block.empty()) {
          visit(block);
          block.clear();
        }
      };
      for (LayerId layer = 0; layer < times.size(); ++layer) {
        if (in_tail_[layer] == is_tail && at_once(layer, times, 2) > 1) {
          block.push_back(layer);
        } else if (in_tail_[layer] == is_tail) {
          end_block();
        }
      }
      end_block();
    }
  }

 private:
  Layers in_tail_;
  std::vector<Layers> before_;  // Of each layer, the layers of its stages that it depends on.
  std::vector<Layers> after_;
};

/// Calls `change` with each block of each tier that has engines, and with the times to change.
template <class Change>
Problem with_changed_blocks(Problem problem, const Change& change) {
  const Independence independence(problem);
  for (std::size_t tier = 0; tier < problem.tier_count(); ++tier) {
    if (problem.engines_on(tier) > 1) {
      std::vector<Seconds> times = problem.seconds[tier];
      independence.each_block(problem.seconds[tier], [&](const std::vector<LayerId>& block) {
        change(independence, tier, block, times);
      });
      problem.seconds[tier] = std::move(times);
    }
  }
  problem.parallel.clear();
  return problem;
}

Seconds sum_of(const std::vector<LayerId>& layers, const std::vector<Seconds>& times) {
  Seconds sum;
  for (const LayerId layer : layers) {
    sum += times[layer];
  }
  return sum;
}

/// Returns the bound that comes with an algorithm's answer; none if it proves none.
std::optional<double> bound_of(const Algorithm& algorithm, const Problem& problem,
                               const Answer& answer) {
  if (answer.bound || !proves_optimum(algorithm)) {
    return answer.bound;
  }
  return weigh(problem.goal.objective, evaluate(problem, std::get<Assignment>(answer.found)));
}

/// Returns the figure by which answers are compared: infinite if there is no plan, or if it misses
/// a deadline that the algorithm keeps.
double rank_of(const Algorithm& algorithm, const Problem& problem, const Answer& answer) {
  const auto* tier_of = std::get_if<Assignment>(&answer.found);
  if (tier_of == nullptr) {
    return INFINITY;
  }
  const Cost cost = evaluate(problem, *tier_of);
  const auto& deadline = problem.goal.limits.deadline;
  if (algorithm.within.deadline && deadline && cost.latency() > *deadline * (1 + kRounding)) {
    return INFINITY;
  }
  return answer.measure == Measure::period ? cost.bottleneck.si()
                                           : weigh(problem.goal.objective, cost);
}

}  // namespace

Problem with_least_times(Problem problem) {
  return with_changed_blocks(
      problem, [&](const Independence& independence, std::size_t tier,
                   const std::vector<LayerId>& block, std::vector<Seconds>& times) {
        const std::vector<Seconds>& seconds = problem.seconds[tier];
        for (const LayerId layer : block) {
          times[layer] = seconds[layer] / static_cast<double>(independence.at_once(
                                              layer, seconds, problem.engines_on(tier)));
        }
        const std::vector<LayerId> path = independence.longest_path(block, seconds);
        if (sum_of(path, seconds) > sum_of(block, times)) {
          for (const LayerId layer : block) {
            times[layer] = Seconds(0);
          }
          for (const LayerId layer : path) {
            times[layer] = seconds[layer];
          }
        }
      });
}

Problem with_times_of_blocks(Problem problem) {
  return with_changed_blocks(
      problem, [&](const Independence&, std::size_t tier, const std::vector<LayerId>& block,
                   std::vector<Seconds>& times) {
        std::vector<bool> is_here(problem.layer_count(), false);
        for (const LayerId layer : block) {
          is_here[layer] = true;
        }
        const Seconds together =
            schedule_end(problem, problem.seconds[tier], is_here, problem.engines_on(tier));
        const Seconds sum = sum_of(block, problem.seconds[tier]);
        for (const LayerId layer : block) {
          times[layer] = sum > Seconds(0) ? times[layer] * (together / sum) : Seconds(0);
        }
      });
}

Answer solve_branches(const Algorithm& algorithm, const Problem& problem,
                      const std::function<Answer(const Problem&)>& solve_sums) {
  const Problem least = with_least_times(problem);
  Answer best = solve_sums(least);
  if (std::holds_alternative<Declined>(best.found)) {
    return best;
  }
  const std::optional<double> bound = bound_of(algorithm, least, best);
  double rank = rank_of(algorithm, problem, best);
  const auto in_turn = [](Problem one_by_one) {
    one_by_one.parallel.clear();
    return one_by_one;
  };
  for (const auto& changed : {std::function(with_times_of_blocks), std::function(in_turn)}) {
    if (bound && rank <= *bound * (1 + kRounding)) {
      break;
    }
    Answer answer = solve_sums(changed(problem));
    if (const double other = rank_of(algorithm, problem, answer); other < rank) {
      rank = other;
      best = std::move(answer);
    }
  }
  if (rank == INFINITY) {
    return Declined{"it found no plan within the deadline, and can't tell whether there is one"};
  }
  best.bound = bound ? std::optional(std::min(*bound, rank)) : std::nullopt;
  return best;
}

}  // namespace offcut::partition
