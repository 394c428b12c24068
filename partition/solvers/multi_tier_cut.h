#pragma once

#include <optional>

#include "partition/solvers/minimum_cut.h"

namespace offcut::partition {

/// Finds the cheapest monotone assignment to all tiers for a linear objective, by minimum cuts of
/// only the graph's blocks. It keeps what does not depend on bandwidths, times or prices, so that a
/// plan for other values takes little time.
///
/// No tensor bypasses a cut vertex. So the cost of a block, which is the layers between two
/// neighbouring cut vertices, depends only on the tiers of these two (the idea of Zhang et al.,
/// "Towards real-time cooperative deep inference over the cloud and edge end devices", IMWUT 4(2),
/// 2020, who search for the one block that contains the cut). A shortest path over
/// (cut vertex, tier) joins the blocks. A block whose ends are on the same tier is on that tier.
/// The cost of any other block has a lower bound, from each layer's least cost and the least bytes
/// that cross; only blocks that the shortest path uses are solved, until it no longer uses a bound.
///
/// The latency of a message is paid once, on every hop where one is sent: the search tries each
/// farthest tier of layers, and each farthest tier of outputs, as a limit, with the latencies up to
/// there.
///
/// O(blocks * tiers^4) for the paths, plus the flows of the blocks.
/// REQUIRES of problems: check(), can_cut(), a linear objective, no tail; those of solve() have the
/// layers, tensors, tiers and pins of the constructor's.
class MultiTierCut {
 public:
  explicit MultiTierCut(const Problem& problem);

  Assignment solve(const Problem& problem) const;

  /// The nearest and the farthest tier of each layer. REQUIRES: each is a monotone assignment.
  struct Ranges {
    Assignment nearest;
    Assignment farthest;
  };
  /// Returns the cheapest assignment within the ranges, and none if there is none.
  std::optional<Assignment> solve(const Problem& problem, const Ranges& ranges) const;

  /// The number of layers in the largest block.
  std::size_t largest_block() const;
  std::size_t cut_vertices() const { return blocks_.size(); }

 private:
  class Search;

  /// The layers before a cut vertex and after the previous one, or after the inputs. The last layer
  /// always counts as a cut vertex, because no tensor bypasses it.
  struct Block {
    LayerId first = 0;
    LayerId end = 0;         // The cut vertex.
    bool is_linked = true;   // The vertex depends on the previous one.
    bool is_closed = true;   // All its layers lead to the vertex, and none makes an output.
    double least_bytes = 0;  // The least bytes that cross it.
    std::vector<std::size_t> tensors;
  };

  void find_blocks(const Problem& problem);
  void find_ties(const Problem& problem);
  void find_least_bytes(const Problem& problem);

  std::size_t tiers_;
  std::vector<Block> blocks_;
  std::vector<bool> follows_;    // The layer depends on the vertex before its block.
  std::vector<bool> leads_;      // The vertex after its block depends on the layer.
  std::vector<bool> is_output_;  // The layer makes an output.
  std::vector<bool> is_pinned_;
};

}  // namespace offcut::partition
