// Computes minimum cuts with Boost.Graph's maximum flows, on whole capacities, and finds the nodes
// that can still reach the sink by a search back from it over residual arcs.

#include "partition/solvers/flow_network.h"

#include <boost/graph/boykov_kolmogorov_max_flow.hpp>
#include <boost/graph/edmonds_karp_max_flow.hpp>
#include <boost/graph/push_relabel_max_flow.hpp>
#include <cmath>

namespace offcut::partition {

FlowNetwork::FlowNetwork(std::size_t nodes, double enough, FlowSolver solver)
    : enough_(enough), solver_(solver), graph_(nodes + kFirst) {
  const double most = solver == FlowSolver::push_relabel ? 0x1p44 : 0x1p50;
  units_ = most / enough;
  infinite_ = 4 * static_cast<Capacity>(most);  // More than any minimum cut.
}

void FlowNetwork::add_arc(Node from, Node to, double cost) {
  if (cost > 0) {
    add(from, to, cost > enough_ ? infinite_ : static_cast<Capacity>(std::llround(cost * units_)));
  }
}

void FlowNetwork::tie(Node from, Node to) {
  if (from != kSink && to != kSource) {  // Otherwise, it holds already.
    add(from, to, infinite_);
  }
}

void FlowNetwork::add(Node from, Node to, Capacity capacity) {
  if (from == to) {
    return;
  }
  const auto there = boost::add_edge(from, to, graph_).first;
  const auto back = boost::add_edge(to, from, graph_).first;
  graph_[there].capacity = capacity;
  graph_[there].reverse = back;
  graph_[back].reverse = there;
}

void FlowNetwork::find_flow() {
  const auto capacity = boost::get(&Arc::capacity, graph_);
  const auto residual = boost::get(&Arc::residual, graph_);
  const auto reverse = boost::get(&Arc::reverse, graph_);
  const auto color = boost::get(&Vertex::color, graph_);
  const auto predecessor = boost::get(&Vertex::predecessor, graph_);
  const auto index = boost::get(boost::vertex_index, graph_);
  switch (solver_) {
    case FlowSolver::boykov_kolmogorov:
      boost::boykov_kolmogorov_max_flow(graph_, capacity, residual, reverse, predecessor, color,
                                        boost::get(&Vertex::distance, graph_), index, kSource,
                                        kSink);
      break;
    case FlowSolver::push_relabel:
      boost::push_relabel_max_flow(graph_, kSource, kSink, capacity, residual, reverse, index);
      break;
    case FlowSolver::edmonds_karp:
      boost::edmonds_karp_max_flow(graph_, kSource, kSink, capacity, residual, reverse, color,
                                   predecessor);
      break;
  }
}

std::vector<bool> FlowNetwork::source_side() {
  find_flow();
  std::vector<bool> near(boost::num_vertices(graph_), true);
  std::vector<Node> next = {kSink};
  near[kSink] = false;
  while (!next.empty()) {
    const Node node = next.back();
    next.pop_back();
    for (auto [edge, end] = boost::out_edges(node, graph_); edge != end; ++edge) {
      const Node before = boost::target(*edge, graph_);
      if (near[before] && graph_[graph_[*edge].reverse].residual > 0) {
        near[before] = false;
        next.push_back(before);
      }
    }
  }
  return near;
}

}  // namespace offcut::partition
