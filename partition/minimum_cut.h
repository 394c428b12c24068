#pragma once

#include "partition/problem.h"

namespace offcut {

/// The cheapest monotone assignment, as one minimum cut; among equals, layers stay nearest to the
/// device.
///
/// Layer i has a node x(i, h) for each hop h, on the sink's side if the layer runs behind that hop:
/// a chain of them carries the layer's times as capacities (Ishikawa, "Exact optimization for
/// Markov random fields with convex priors", IEEE TPAMI 25(10), 2003, section 4). A tensor costs
/// its bytes on a hop once, however many layers read it: its maker's node leads to one of its own,
/// and from there without end to its readers' (Hu et al., "Dynamic adaptive DNN surgery", INFOCOM
/// 2019, section IV). Arcs without end forbid going back. A hop's latency is an arc from the source
/// to a node that every last layer behind the hop drags along, so it is paid once, and only where
/// something runs there; the same for the way of the answer.
///
/// The flow is in whole numbers, 2^50 for a cost that is known to be enough, so that the result is
/// the optimum to 1e-13 of it or better. O(flow) on tiers * (layers + tensors) nodes.
/// REQUIRES: problem.check() holds, and can_cut().
Assignment cheapest_assignment(const Problem& problem);

/// Whether the problem's costs are those of a cut. The time of encoding and decoding is, on two
/// tiers; on more, it depends on where exactly a tensor is made and read, which no cut can say.
bool can_cut(const Problem& problem);

}  // namespace offcut
