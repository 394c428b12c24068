#pragma once

#include <span>

#include "partition/solvers/flow_network.h"
#include "partition/solvers/linear_costs.h"

namespace offcut::partition {

/// The costs of a problem's layers and tensors under a linear objective, on the tiers of `linear`.
struct CutCosts {
  CutCosts(const Problem& problem, LinearCosts linear);

  const Problem& problem;
  LinearCosts linear;
  std::vector<std::vector<double>> layer;     // [tier][layer], see layer_costs().
  std::vector<std::vector<double>> crossing;  // [hop][tensor]: on its way outward.

  std::size_t tier_count() const { return layer.size(); }
};

/// Returns whether the costs are those of a cut. On two tiers, they always are. On more, the time
/// of encoding and decoding depends on the tiers that make and read a tensor, which no cut can
/// express.
bool can_cut(const CostTable& table, std::size_t tiers);

/// The layers of a problem that are to be placed, first <= layer < end, each between two tiers; all
/// others have their place.
struct CutPart {
  LayerId first = 0;
  LayerId end = 0;
  std::span<const std::size_t> tensors;  // The tensors that these layers make or read.
  bool messages = false;  // Hop latencies count; only if the part is the whole problem.
};

/// Returns the cost of the part's layers, tensors and messages in that assignment.
double cost_of(const CutCosts& costs, const CutPart& part, const Assignment& tier_of);

/// Places the part's layers at the least cost, as one minimum cut, and among equals nearest to the
/// device. Returns that cost.
///
/// Layer i has a node x(i, h) for each hop h, on the sink's side if the layer runs beyond that hop.
/// A chain of these nodes carries the layer's costs as capacities (Ishikawa, "Exact optimization
/// for Markov random fields with convex priors", IEEE TPAMI 25(10), 2003, section 4). A tensor
/// costs its bytes on a hop once, however many layers read it: an arc leads from its producer's
/// node to a node of its own, and from there arcs of infinite capacity lead to its readers' nodes
/// (Hu et al., "Dynamic adaptive DNN surgery", INFOCOM 2019, section IV). Other arcs of infinite
/// capacity forbid going back. A hop's latency is an arc from the source to a node that every last
/// layer beyond the hop pulls to its side, so it is paid once, and only if a layer runs there. The
/// latency of the answer is modelled in the same way.
///
/// The result is the optimum with a relative error of at most 1e-13. O(flow) on
/// tiers * (layers + tensors) nodes.
/// REQUIRES: can_cut(); nearest <= farthest, and each by itself is a monotone assignment.
double place(const CutCosts& costs, const CutPart& part, const Assignment& nearest,
             const Assignment& farthest, FlowSolver solver, Assignment& tier_of);

/// Returns the cheapest assignment of the whole problem to the tiers of `costs`, as one cut.
Assignment plain_minimum_cut(const CutCosts& costs, FlowSolver solver);

}  // namespace offcut::partition
