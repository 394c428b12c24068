#pragma once

#include <string>
#include <variant>
#include <vector>

#include "partition/algorithm.h"

namespace offcut::partition {

/// The name of the way of requests that leave at no early exit.
inline constexpr const char* kLastWay = "end";

/// Returns the outputs of a network in the order in which a request passes them. The last one, the
/// first of several that depend on the most layers, is the end; the others are in the order of the
/// layers that they share with it, and then of all layers that they depend on.
std::vector<std::size_t> exits_in_order(const Problem& problem);

/// The layers that a request runs on its way, with costs of their own.
struct WayCosts {
  Problem problem;     // Skipped layers take no time, and only their way's output is one.
  Assignment tier_of;  // No skipped layer is beyond the farthest tier of the others.
};

/// Returns the costs of requests that skip these layers, which are on the farthest tier of the
/// others or beyond it. Earlier tiers do all of their work, since they can't know that the request
/// leaves later. `skipped` is ascending.
WayCosts costs_of_way(const Problem& problem, const Assignment& tier_of,
                      const std::vector<LayerId>& skipped);

/// Returns the deployment of an assignment whose requests leave at the exits of Extras::exits with
/// their probabilities, which any algorithm may have found. A tier runs, for each of its exits in
/// order, the layers that the exit depends on, and last its other layers. A request that leaves
/// does no further work and sends its answer from there; tiers before it have done all of their
/// work. Any graph, number of tiers and codecs. Declined if a probability is unknown, if a network
/// has one output, if a layer of a tail is to run after the answer, or if an exit is on a later
/// tier than one that follows it.
/// REQUIRES: problem.check() holds; the assignment is monotone.
std::variant<Deployment, Declined> leaving_at_exits(const Problem& problem,
                                                    const Assignment& tier_of);

/// Returns the plan with that deployment, judged by its mean latency. A plan whose requests already
/// leave at exits stays as it is; Declined if they differ in another way.
Outcome with_exits(const Problem& problem, Plan plan);

}  // namespace offcut::partition
