// `jointdnn` finds the cheapest assignment of a chain as a shortest path (Eshratifar, Abrishami,
// Pedram, "JointDNN: An efficient training and inference engine for intelligent mobile cloud
// computing services", IEEE TMC 20(2), 2021, section 3.1: a copy of each layer per place, and arcs
// with the cost of a layer and of the transmission between places).
//
// Deviations: there is any number of ordered tiers, and no way back before the answer, while the
// paper's path may change between mobile and cloud any number of times. A message's latency and
// stalls and the answer's way back are on the arcs, because a chain's path crosses each hop once.
// The limits that make the paper's problem NP-hard (battery, deadline) are not considered.
// O(tiers^2 * n).

#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/dag_shortest_paths.hpp>

#include "partition/algorithm.h"
#include "partition/solvers/chain.h"
#include "partition/solvers/linear_costs.h"

namespace offcut::partition {
namespace {

using Weight = boost::property<boost::edge_weight_t, double>;
using PathGraph =
    boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS, boost::no_property, Weight>;

/// Returns the cost of going from one tier to another before a layer.
double crossing_cost(const Problem& problem, const LinearCosts& costs,
                     const Chain::Boundary& boundary, std::size_t from, std::size_t to) {
  const Objective& objective = problem.goal.objective;
  double cost = 0;
  for (std::size_t hop = from; hop < to; ++hop) {
    cost += boundary.up.si() * costs.byte_up[hop] + boundary.down.si() * costs.byte_down[hop] +
            costs.message_up(hop) + (boundary.answers ? costs.message[hop] : 0) +
            stall_cost(problem, objective, hop, true, boundary.up) +
            stall_cost(problem, objective, hop, false, boundary.down);
  }
  if (to > from) {
    cost += boundary.encode[from].si() * costs.second[from] +
            boundary.decode[to].si() * costs.second[to];
  }
  return cost;
}

Answer solve_jointdnn(const Problem& problem, const Parameters&) {
  const auto chain = chain_of(problem);
  if (!chain) {
    return Declined{"it needs a chain, in which each layer reads the output of the previous one"};
  }
  const LinearCosts costs = linear_costs(problem, problem.goal.objective);
  const std::vector<Chain::Boundary> boundaries = boundaries_of(problem, *chain);
  const auto& pinned = problem.goal.limits.pinned;
  const std::size_t tiers = problem.tier_count();
  const std::size_t layers = chain->layers.size();
  // At vertex 0, the input is on the device; at 1 + i * tiers + t, layer i is done on tier t; the
  // last vertex follows all vertices of the last layer.
  PathGraph graph(2 + layers * tiers);
  for (std::size_t i = 0; i < layers; ++i) {
    const LayerId layer = chain->layers[i];
    const bool stays = std::binary_search(pinned.begin(), pinned.end(), layer);
    for (std::size_t to = 0; to < (stays ? 1 : tiers); ++to) {
      for (std::size_t from = 0; from <= (i == 0 ? 0 : to); ++from) {
        if (!problem.stops.allows(from, to)) {
          continue;
        }
        const double cost = problem.seconds[to][layer].si() * costs.second[to];
        boost::add_edge(i == 0 ? 0 : 1 + (i - 1) * tiers + from, 1 + i * tiers + to,
                        cost + crossing_cost(problem, costs, boundaries[i], from, to), graph);
      }
    }
  }
  const std::size_t end = 1 + layers * tiers;
  for (std::size_t tier = 0; tier < tiers && layers > 0; ++tier) {
    boost::add_edge(1 + (layers - 1) * tiers + tier, end, 0, graph);
  }
  std::vector<std::size_t> before(boost::num_vertices(graph));
  boost::dag_shortest_paths(graph, 0, boost::predecessor_map(before.data()));
  Assignment tier_of(problem.layer_count(), 0);
  std::size_t vertex = end;
  for (std::size_t i = layers; i-- > 0;) {
    vertex = before[vertex];
    tier_of[chain->layers[i]] = (vertex - 1) % tiers;
  }
  return tier_of;
}

}  // namespace

void register_jointdnn(Registry<Algorithm>& registry) {
  registry.add({.name = "jointdnn",
                .doc = "the optimum of a chain, as a shortest path",
                .citation = "Eshratifar et al., JointDNN, IEEE TMC 20(2), 2021, section 3.1",
                .proof = Proof::optimum_of_chain,
                .growth = {"tiers^2 layers"},
                .objectives = Objectives::linear,
                .within = {.pins = true},
                .solve = solve_jointdnn,
                .by_stops = true,
                .branches = Branches::bounded});
}

}  // namespace offcut::partition
