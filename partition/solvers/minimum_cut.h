#pragma once

#include <span>

#include "partition/solvers/flow_network.h"
#include "partition/solvers/linear_costs.h"

namespace offcut::partition {

/// What a linear objective makes of a problem's layers and tensors. Tiers are those of `costs`.
struct CutCosts {
  CutCosts(const Problem& problem, LinearCosts linear);

  const Problem& problem;
  LinearCosts linear;
  std::vector<std::vector<double>> layer;     // [tier][layer], see layer_costs()
  std::vector<std::vector<double>> crossing;  // [hop][tensor]: on its way outward

  std::size_t tier_count() const { return layer.size(); }
};

/// Whether the costs are those of a cut. The time of encoding and decoding is, on two tiers; on
/// more, it depends on where exactly a tensor is made and read, which no cut can say.
bool can_cut(const CostTable& table, std::size_t tiers);

/// The layers of a problem that are to be placed, first <= layer < end, each between two tiers; the
/// others are where they are.
struct CutPart {
  LayerId first = 0;
  LayerId end = 0;
  std::span<const std::size_t> tensors;  // that they make or read
  bool messages = false;  // whether latencies of hops count: only where the part is the whole
};

/// What the part's layers, tensors and messages cost in that assignment.
double cost_of(const CutCosts& costs, const CutPart& part, const Assignment& tier_of);

/// Places the part's layers at the least cost, as one minimum cut; among equals, nearest to the
/// device. Returns that cost.
///
/// Layer i has a node x(i, h) for each hop h, on the sink's side if the layer runs beyond that hop:
/// a chain of them carries the layer's costs as capacities (Ishikawa, "Exact optimization for
/// Markov random fields with convex priors", IEEE TPAMI 25(10), 2003, section 4). A tensor costs
/// its bytes on a hop once, however many layers read it: its maker's node leads to one of its own,
/// and from there without end to its readers' (Hu et al., "Dynamic adaptive DNN surgery", INFOCOM
/// 2019, section IV). Arcs without end forbid going back. A hop's latency is an arc from the source
/// to a node that every last layer beyond the hop drags along, so it is paid once, and only where
/// something runs there; the same for the way of the answer.
///
/// The result is the optimum to 1e-13 of it or better. O(flow) on tiers * (layers + tensors) nodes.
/// REQUIRES: can_cut(); nearest <= farthest, and each by itself is a monotone assignment.
double place(const CutCosts& costs, const CutPart& part, const Assignment& nearest,
             const Assignment& farthest, FlowSolver solver, Assignment& tier_of);

/// The cheapest assignment of the whole problem to the tiers of `costs`, as one cut.
Assignment plain_minimum_cut(const CutCosts& costs, FlowSolver solver);

}  // namespace offcut::partition
