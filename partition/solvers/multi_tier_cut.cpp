// Finds the blocks between cut vertices, and solves a problem on them: shortest paths over
// (cut vertex, tier) use lower bounds for the blocks, and a minimum cut replaces the bound of each
// block on the path, until a shortest path has none.

#include "partition/solvers/multi_tier_cut.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace offcut::partition {

MultiTierCut::MultiTierCut(const Problem& problem)
    : tiers_(problem.tier_count()),
      follows_(problem.layer_count(), false),
      leads_(problem.layer_count(), false),
      is_output_(problem.layer_count(), false),
      is_pinned_(problem.layer_count(), false) {
  for (const CrossingTensor& tensor : problem.tensors) {
    if (tensor.is_output && tensor.producer) {
      is_output_[*tensor.producer] = true;
    }
  }
  for (const LayerId layer : problem.goal.limits.pinned) {
    is_pinned_[layer] = true;
  }
  find_blocks(problem);
  find_ties(problem);
  find_least_bytes(problem);
}

std::size_t MultiTierCut::largest_block() const {
  std::size_t most = 0;
  for (const Block& block : blocks_) {
    most = std::max(most, block.end - block.first);
  }
  return most;
}

void MultiTierCut::find_blocks(const Problem& problem) {
  const std::size_t layers = problem.layer_count();
  std::vector<std::vector<std::size_t>> made_by(layers + 1);  // The last one: inputs.
  for (std::size_t i = 0; i < problem.tensors.size(); ++i) {
    made_by[problem.tensors[i].producer.value_or(layers)].push_back(i);
  }
  LayerId reach = 0;  // The last reader of the tensors made so far.
  Block block;
  const auto add_tensors_of = [&](LayerId maker) {
    for (const std::size_t i : made_by[maker]) {
      const auto& readers = problem.tensors[i].consumers;
      reach = readers.empty() ? reach : std::max(reach, readers.back());
      block.tensors.push_back(i);
    }
  };
  add_tensors_of(layers);
  for (LayerId layer = 0; layer < layers; ++layer) {
    if (reach <= layer) {
      block.end = layer;
      blocks_.push_back(std::move(block));
      block = {.first = layer + 1};
    }
    add_tensors_of(layer);
  }
}

void MultiTierCut::find_ties(const Problem& problem) {
  for (Block& block : blocks_) {
    const LayerId vertex = block.end;
    for (const std::size_t i : block.tensors) {
      const CrossingTensor& tensor = problem.tensors[i];
      if (!tensor.producer || *tensor.producer < block.first || follows_[*tensor.producer]) {
        for (const LayerId reader : tensor.consumers) {
          follows_[reader] = true;
        }
      }
    }
    for (auto i = block.tensors.rbegin(); i != block.tensors.rend(); ++i) {
      const CrossingTensor& tensor = problem.tensors[*i];
      for (const LayerId reader : tensor.consumers) {
        if (tensor.producer && *tensor.producer >= block.first &&
            (reader == vertex || leads_[reader])) {
          leads_[*tensor.producer] = true;
        }
      }
    }
    block.is_linked = follows_[vertex];
    for (LayerId layer = block.first; layer < block.end; ++layer) {
      block.is_closed = block.is_closed && leads_[layer] && !is_output_[layer];
    }
  }
}

void MultiTierCut::find_least_bytes(const Problem& problem) {
  if (tiers_ < 2) {
    return;
  }
  const CutCosts bytes(problem, {{0, 1}, {0, 0}, {1}, {0}, {0}});
  const Assignment nearest(problem.layer_count(), 0);
  Assignment farthest(problem.layer_count(), 1);
  for (const LayerId layer : problem.goal.limits.pinned) {
    farthest[layer] = 0;
  }
  Assignment tier_of = nearest;
  for (Block& block : blocks_) {
    if (block.is_linked && block.end > block.first) {
      tier_of[block.end] = 1;
      block.least_bytes = place(bytes, {block.first, block.end, block.tensors}, nearest, farthest,
                                FlowSolver::boykov_kolmogorov, tier_of);
      tier_of[block.end] = 0;
    }
  }
}

/// The search for one solution: bounds of blocks are replaced by exact costs as paths need them.
class MultiTierCut::Search {
 public:
  Search(const MultiTierCut& cut, const CutCosts& costs, const Ranges* ranges)
      : cut_(cut),
        costs_(costs),
        ranges_(ranges),
        tiers_(cut.tiers_),
        nearest_(costs.problem.layer_count(), 0),
        farthest_(costs.problem.layer_count(), 0),
        tier_of_(costs.problem.layer_count(), 0),
        entries_(cut.blocks_.size() * tiers_ * tiers_),
        value_(cut.blocks_.size() * tiers_),
        before_(cut.blocks_.size() * tiers_) {}

  Assignment run() {
    const auto& message = costs_.linear.message;
    bool are_free = true;
    for (std::size_t hop = 0; hop < message.size(); ++hop) {
      are_free = are_free && costs_.linear.message_up(hop) == 0;
    }
    double used = 0;
    for (limit_ = are_free ? tiers_ - 1 : 0; limit_ < tiers_; ++limit_) {
      double back = 0;
      for (output_limit_ = are_free ? limit_ : 0; output_limit_ <= limit_; ++output_limit_) {
        try_limits(used + back);
        back += output_limit_ < message.size() ? message[output_limit_] : 0;
      }
      used += limit_ < message.size() ? costs_.linear.message_up(limit_) : 0;
    }
    return std::move(best_);
  }

 private:
  /// The cost of a block for given tiers of its ends, or a lower bound.
  struct Entry {
    double cost = -1;  // Negative: unknown so far.
    bool is_exact = false;
  };

  std::size_t index(std::size_t block, std::size_t from, std::size_t to) const {
    return (block * tiers_ + from) * tiers_ + to;
  }
  Entry& entry(std::size_t block, std::size_t from, std::size_t to) {
    return entries_[index(block, from, to)];
  }

  /// Returns the farthest tier that the limits allow for a layer.
  std::size_t most(LayerId layer) const {
    const std::size_t most = cut_.is_pinned_[layer]   ? 0
                             : cut_.is_output_[layer] ? output_limit_
                                                      : limit_;
    return ranges_ == nullptr ? most : std::min(most, ranges_->farthest[layer]);
  }
  std::size_t least(LayerId layer) const {
    return ranges_ == nullptr ? 0 : ranges_->nearest[layer];
  }

  /// Searches for a plan that is cheaper than the best so far, if its messages cost `messages`.
  void try_limits(double messages) {
    for (std::size_t block = 0; block < cut_.blocks_.size(); ++block) {
      if (!cut_.blocks_[block].is_closed) {  // The limits affect its layers.
        std::fill_n(entries_.begin() + static_cast<std::ptrdiff_t>(block * tiers_ * tiers_),
                    tiers_ * tiers_, Entry());
      }
    }
    while (messages + shortest_path() < least_) {
      if (!solve_bounded()) {
        least_ = messages + path_cost_;
        best_ = fill();
      }
    }
  }

  double shortest_path() {
    for (std::size_t block = 0; block < cut_.blocks_.size(); ++block) {
      const LayerId vertex = cut_.blocks_[block].end;
      for (std::size_t to = 0; to < tiers_; ++to) {
        value_[block * tiers_ + to] = INFINITY;
        for (std::size_t from = 0; to <= most(vertex) && from < (block > 0 ? tiers_ : 1); ++from) {
          const double so_far = block > 0 ? value_[(block - 1) * tiers_ + from] : 0;
          if (so_far == INFINITY || to < least(vertex) ||
              (cut_.blocks_[block].is_linked && to < from)) {
            continue;
          }
          const double value = so_far + at_least(block, from, to) + costs_.layer[to][vertex];
          if (value < value_[block * tiers_ + to]) {
            value_[block * tiers_ + to] = value;
            before_[block * tiers_ + to] = from;
          }
        }
      }
    }
    trace();
    return path_cost_;
  }

  void trace() {
    const auto last = value_.end() - static_cast<std::ptrdiff_t>(tiers_);
    const auto end = std::min_element(last, value_.end());
    path_cost_ = *end;
    path_.assign(cut_.blocks_.size(), 0);
    auto tier = static_cast<std::size_t>(end - last);
    for (std::size_t block = path_.size(); block-- > 0 && path_cost_ < INFINITY;) {
      path_[block] = tier;
      tier = before_[block * tiers_ + tier];
    }
  }

  /// Solves the blocks of the path that have only a bound. Returns whether there was one.
  bool solve_bounded() {
    bool any = false;
    for (std::size_t block = 0; block < path_.size(); ++block) {
      Entry& known = entry(block, start_of(path_, block), path_[block]);
      if (!known.is_exact) {
        set_ends(block, start_of(path_, block), path_[block]);
        set_ranges(block, start_of(path_, block), path_[block]);
        known = {place(costs_, part(block), nearest_, farthest_, FlowSolver::boykov_kolmogorov,
                       tier_of_),
                 true};
        solved_[index(block, start_of(path_, block), path_[block])] = inside(block, tier_of_);
        any = true;
      }
    }
    return any;
  }

  static std::size_t start_of(const Assignment& path, std::size_t block) {
    return block > 0 ? path[block - 1] : 0;
  }

  CutPart part(std::size_t index) const {
    const Block& block = cut_.blocks_[index];
    return {block.first, block.end, block.tensors};
  }

  /// Returns the part of an assignment inside a block.
  Assignment inside(std::size_t index, const Assignment& tier_of) const {
    const Block& block = cut_.blocks_[index];
    return {tier_of.begin() + static_cast<std::ptrdiff_t>(block.first),
            tier_of.begin() + static_cast<std::ptrdiff_t>(block.end)};
  }

  void set_ends(std::size_t block, std::size_t from, std::size_t to) {
    if (block > 0) {
      tier_of_[cut_.blocks_[block - 1].end] = from;
    }
    tier_of_[cut_.blocks_[block].end] = to;
  }

  /// Sets the tiers that the block's layers may run on. Returns whether each layer has one.
  bool set_ranges(std::size_t index, std::size_t from, std::size_t to) {
    const Block& block = cut_.blocks_[index];
    for (LayerId layer = block.first; layer < block.end; ++layer) {
      nearest_[layer] = std::max(cut_.follows_[layer] ? from : 0, least(layer));
      farthest_[layer] = cut_.leads_[layer] ? std::min(to, most(layer)) : most(layer);
    }
    for (auto i = block.tensors.rbegin(); i != block.tensors.rend(); ++i) {
      const CrossingTensor& tensor = costs_.problem.tensors[*i];
      for (const LayerId reader : tensor.consumers) {
        if (tensor.producer && *tensor.producer >= block.first && reader < block.end) {
          farthest_[*tensor.producer] = std::min(farthest_[*tensor.producer], farthest_[reader]);
        }
      }
    }
    bool is_possible = true;
    for (LayerId layer = block.first; layer < block.end; ++layer) {
      is_possible = is_possible && nearest_[layer] <= farthest_[layer];
    }
    return is_possible;
  }

  double at_least(std::size_t block, std::size_t from, std::size_t to) {
    Entry& known = entry(block, from, to);
    if (known.cost < 0) {
      known = bound(block, from, to);
      solved_.erase(index(block, from, to));  // It was solved for other limits.
    }
    return known.cost;
  }

  Entry bound(std::size_t index, std::size_t from, std::size_t to) {
    const Block& block = cut_.blocks_[index];
    if (!set_ranges(index, from, to)) {
      return {INFINITY, true};
    }
    bool is_open = false;
    double cost = 0;
    for (LayerId layer = block.first; layer < block.end; ++layer) {
      double least = INFINITY;
      for (std::size_t tier = nearest_[layer]; tier <= farthest_[layer]; ++tier) {
        least = std::min(least, costs_.layer[tier][layer]);
      }
      is_open = is_open || nearest_[layer] < farthest_[layer];
      cost += least;
    }
    if (!is_open) {
      set_ends(index, from, to);
      std::copy_n(nearest_.begin() + static_cast<std::ptrdiff_t>(block.first),
                  block.end - block.first,
                  tier_of_.begin() + static_cast<std::ptrdiff_t>(block.first));
      return {cost_of(costs_, part(index), tier_of_), true};
    }
    for (std::size_t hop = from; hop < to; ++hop) {
      cost += costs_.linear.byte_up[hop] * block.least_bytes;
    }
    return {cost * (1 - 1e-12), false};  // The sum may be rounded up.
  }

  /// Returns the assignment of a path whose blocks are all exact.
  Assignment fill() {
    for (std::size_t block = 0; block < path_.size(); ++block) {
      const std::size_t from = start_of(path_, block);
      set_ends(block, from, path_[block]);
      const auto solved = solved_.find(index(block, from, path_[block]));
      if (solved == solved_.end()) {
        set_ranges(block, from, path_[block]);  // Each layer has a single tier.
      }
      const Assignment layers = solved != solved_.end() ? solved->second : inside(block, nearest_);
      std::copy(layers.begin(), layers.end(),
                tier_of_.begin() + static_cast<std::ptrdiff_t>(cut_.blocks_[block].first));
    }
    return tier_of_;
  }

  const MultiTierCut& cut_;
  const CutCosts& costs_;
  const Ranges* ranges_;  // Null: all tiers.
  std::size_t tiers_;
  std::size_t limit_ = 0;         // The farthest tier that layers may use.
  std::size_t output_limit_ = 0;  // The farthest tier that outputs may come from.
  Assignment nearest_;            // The range of tiers of the current block's layers.
  Assignment farthest_;
  Assignment tier_of_;
  std::vector<Entry> entries_;                // [block][from][to].
  std::map<std::size_t, Assignment> solved_;  // By entry: the tiers inside the block.
  std::vector<double> value_;                 // [block][tier of its vertex].
  std::vector<std::size_t> before_;           // The previous tier on the shortest path there.
  Assignment path_;                           // The tier of each block's vertex.
  double path_cost_ = INFINITY;
  double least_ = INFINITY;
  Assignment best_;
};

Assignment MultiTierCut::solve(const Problem& problem) const {
  if (blocks_.empty()) {
    return {};
  }
  const CutCosts costs(problem, linear_costs(problem, problem.goal.objective));
  return Search(*this, costs, nullptr).run();
}

std::optional<Assignment> MultiTierCut::solve(const Problem& problem, const Ranges& ranges) const {
  if (blocks_.empty()) {
    return Assignment();
  }
  const CutCosts costs(problem, linear_costs(problem, problem.goal.objective));
  Assignment found = Search(*this, costs, &ranges).run();
  return found.empty() ? std::nullopt : std::optional(std::move(found));
}

}  // namespace offcut::partition
