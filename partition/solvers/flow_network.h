#pragma once

#include <boost/graph/adjacency_list.hpp>
#include <cstdint>
#include <vector>

namespace offcut::partition {

/// Which of Boost.Graph's maximum flows: Boykov and Kolmogorov, IEEE TPAMI 26(9), 2004; Goldberg
/// and Tarjan, JACM 35(4), 1988 (push and relabel); Edmonds and Karp, JACM 19(2), 1972.
enum class FlowSolver { boykov_kolmogorov, push_relabel, edmonds_karp };

/// A network whose minimum cut is wanted. Costs are real numbers, capacities whole ones, since the
/// solvers compare residual capacities with 0: costs are counted in units of `enough` / 2^50
/// (2^44 for push_relabel, whose excess adds up). What costs more than `enough` counts as endless,
/// so the minimum cut must be known to cost no more.
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

  /// `nodes` of them beside source and sink. REQUIRES: enough > 0.
  FlowNetwork(std::size_t nodes, double enough, FlowSolver solver);

  static constexpr Node kSource = 0;
  static constexpr Node kSink = 1;
  static constexpr Node kFirst = 2;  // of the others
  Node add_node() { return boost::add_vertex(graph_); }

  /// Costs `cost` where `from` is on the source's side and `to` on the sink's.
  void add_arc(Node from, Node to, double cost);

  /// Where `from` is on the source's side, so is `to`.
  void tie(Node from, Node to);

  /// The largest source's side of all minimum cuts.
  std::vector<bool> source_side();

 private:
  void add(Node from, Node to, Capacity capacity);
  void find_flow();

  double units_;  // per cost
  double enough_;
  Capacity endless_;
  FlowSolver solver_;
  FlowGraph graph_;
};

}  // namespace offcut::partition
