#pragma once

#include <boost/graph/adjacency_list.hpp>
#include <cstdint>
#include <vector>

namespace offcut::partition {

/// Boost.Graph's algorithms for the maximum flow: Boykov and Kolmogorov, IEEE TPAMI 26(9), 2004;
/// Goldberg and Tarjan, JACM 35(4), 1988 (push and relabel); Edmonds and Karp, JACM 19(2), 1972.
enum class FlowSolver { boykov_kolmogorov, push_relabel, edmonds_karp };

/// A flow network and its minimum cut. Costs are real numbers, but capacities are whole ones,
/// because the solvers compare residual capacities with 0: costs are counted in units of `enough` /
/// 2^50 (2^44 for push_relabel, whose excess adds up). A cost above `enough` counts as infinite, so
/// the minimum cut must be known to cost no more.
class FlowNetwork {
  using Capacity = std::int64_t;
  using Traits = boost::adjacency_list_traits<boost::vecS, boost::vecS, boost::directedS>;
  struct Vertex {
    boost::default_color_type color{};
    Capacity distance = 0;
    Traits::edge_descriptor predecessor;
  };
  struct Arc {
    Capacity capacity = 0;
    Capacity residual = 0;
    Traits::edge_descriptor reverse;
  };
  using FlowGraph = boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS, Vertex, Arc>;

 public:
  using Node = std::size_t;

  /// Makes a network of `nodes` nodes beside source and sink. REQUIRES: enough > 0.
  FlowNetwork(std::size_t nodes, double enough, FlowSolver solver);

  static constexpr Node kSource = 0;
  static constexpr Node kSink = 1;
  static constexpr Node kFirst = 2;  // The first of the other nodes.
  Node add_node() { return boost::add_vertex(graph_); }

  /// Adds a cost that is paid if `from` is on the source's side and `to` on the sink's.
  void add_arc(Node from, Node to, double cost);

  /// Requires `to` to be on the source's side if `from` is.
  void tie(Node from, Node to);

  /// Returns the source's side of a minimum cut: of several such cuts, the largest side.
  std::vector<bool> source_side();

 private:
  void add(Node from, Node to, Capacity capacity);
  void find_flow();

  double units_;  // Per unit of cost.
  double enough_;
  Capacity infinite_;
  FlowSolver solver_;
  FlowGraph graph_;
};

}  // namespace offcut::partition
