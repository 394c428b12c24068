#pragma once

#include "partition/solvers/minimum_cut.h"

namespace offcut::partition {

/// The cheapest monotone assignment to all tiers of a linear objective, by minimum cuts of the
/// graph's blocks alone. Holds what does not change when bandwidths, times or prices do, so that a
/// plan is made anew in little time.
///
/// No tensor passes a cut vertex by. So the layers between two neighbouring ones, a block, cost
/// what they do for given tiers of these two, whatever the rest does (the idea of Zhang et al.,
/// "Towards real-time cooperative deep inference over the cloud and edge end devices", IMWUT 4(2),
/// 2020, who look for the one block that the cut goes through); a shortest path over
/// (cut vertex, tier) joins them. A block whose ends are on the same tier is all there. The others
/// are bounded from below, by each layer's least cost and the least bytes that cross, and only
/// those that the shortest path uses are solved, until it uses no bound any more.
///
/// Messages' latencies are paid once, wherever they are sent: each farthest tier that layers use,
/// and that outputs use, is tried as a limit, with the latencies up to there.
///
/// O(blocks * tiers^4) for the paths, and the flows of the blocks.
/// REQUIRES of problems: check(), can_cut(), a linear objective, no tail; those of solve() have the
/// layers, tensors, tiers and pins of the first.
class MultiTierCut {
 public:
  explicit MultiTierCut(const Problem& problem);

  Assignment solve(const Problem& problem) const;

  /// The layers of the largest block, and how many cut vertices there are.
  std::size_t largest_block() const;
  std::size_t cut_vertices() const { return blocks_.size(); }

 private:
  class Search;

  /// What lies before a cut vertex and after the one before it, or the inputs. The last layer is
  /// one always: nothing passes it by.
  struct Block {
    LayerId first = 0;
    LayerId end = 0;         // the cut vertex
    bool is_linked = true;   // what the vertex does depends on the one before
    bool is_closed = true;   // all of its layers lead to the vertex, and none makes an output
    double least_bytes = 0;  // that cross it
    std::vector<std::size_t> tensors;
  };

  void find_blocks(const Problem& problem);
  void find_ties(const Problem& problem);
  void find_least_bytes(const Problem& problem);

  std::size_t tiers_;
  std::vector<Block> blocks_;
  std::vector<bool> follows_;    // the layer depends on the vertex before its block
  std::vector<bool> leads_;      // the vertex after its block depends on the layer
  std::vector<bool> is_output_;  // it makes one
  std::vector<bool> is_pinned_;
};

}  // namespace offcut::partition
