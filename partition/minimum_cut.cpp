#include "partition/minimum_cut.h"

#include <algorithm>
#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/boykov_kolmogorov_max_flow.hpp>
#include <cmath>
#include <cstdint>
#include <queue>

namespace offcut {
namespace {

using Capacity = std::int64_t;
constexpr double kUnits = 0x1p50;                 // of the cost that is known to be enough
constexpr Capacity kEndless = Capacity{1} << 52;  // more than any cut that could be the least

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
using Node = Traits::vertex_descriptor;

class FlowNetwork {
 public:
  /// Capacities are counted in units of `enough` / 2^50; larger ones have no end.
  explicit FlowNetwork(Seconds enough) : enough_(enough.si()) {}

  Node source() const { return source_; }
  Node sink() const { return sink_; }
  Node add_node() { return boost::add_vertex(graph_); }

  /// Costs `seconds` where `from` is on the source's side and `to` on the sink's.
  void add_arc(Node from, Node to, Seconds seconds) {
    if (seconds.si() > 0) {
      add(from, to,
          seconds.si() > enough_
              ? kEndless
              : static_cast<Capacity>(std::llround(seconds.si() / enough_ * kUnits)));
    }
  }

  /// Where `from` is on the source's side, so is `to`.
  void tie(Node from, Node to) { add(from, to, kEndless); }

  /// The largest source's side of all minimum cuts.
  std::vector<bool> source_side() {
    boost::boykov_kolmogorov_max_flow(
        graph_, boost::get(&Arc::capacity, graph_), boost::get(&Arc::residual, graph_),
        boost::get(&Arc::reverse, graph_), boost::get(&Vertex::predecessor, graph_),
        boost::get(&Vertex::color, graph_), boost::get(&Vertex::distance, graph_),
        boost::get(boost::vertex_index, graph_), source_, sink_);
    std::vector<bool> reaches_sink(boost::num_vertices(graph_), false);
    std::queue<Node> next({sink_});
    reaches_sink[sink_] = true;
    while (!next.empty()) {
      const Node at = next.front();
      next.pop();
      for (auto [edge, end] = boost::out_edges(at, graph_); edge != end; ++edge) {
        const Node before = boost::target(*edge, graph_);
        if (!reaches_sink[before] && graph_[graph_[*edge].reverse].residual > 0) {
          reaches_sink[before] = true;
          next.push(before);
        }
      }
    }
    reaches_sink.flip();
    return reaches_sink;
  }

 private:
  void add(Node from, Node to, Capacity capacity) {
    const auto there = boost::add_edge(from, to, graph_).first;
    const auto back = boost::add_edge(to, from, graph_).first;
    graph_[there].capacity = capacity;
    graph_[there].reverse = back;
    graph_[back].reverse = there;
  }

  double enough_;
  FlowGraph graph_{2};
  Node source_ = 0;
  Node sink_ = 1;
};

/// The network of a problem; see the header.
class Network {
 public:
  Network(const Problem& problem, Seconds enough)
      : problem_(problem),
        hops_(problem.hops.size()),
        flow_(enough),
        is_read_(problem.layer_count()) {
    for (std::size_t i = 0; i < problem.layer_count() * hops_; ++i) {
      flow_.add_node();
    }
    for (LayerId layer = 0; layer < problem.layer_count(); ++layer) {
      add_times(layer);
    }
    for (const CrossingTensor& tensor : problem.tensors) {
      add_tensor(tensor);
    }
    for (std::size_t hop = 0; hop < hops_; ++hop) {
      add_latencies(hop);
    }
  }

  Assignment solve() {
    const std::vector<bool> near = flow_.source_side();
    Assignment tier_of(problem_.layer_count(), 0);
    for (LayerId layer = 0; layer < problem_.layer_count(); ++layer) {
      while (tier_of[layer] < hops_ && !near[node(layer, tier_of[layer])]) {
        ++tier_of[layer];
      }
    }
    return tier_of;
  }

 private:
  Node node(LayerId layer, std::size_t hop) const { return 2 + layer * hops_ + hop; }

  void add_times(LayerId layer) {
    Node farther = flow_.source();
    for (std::size_t tier = hops_ + 1; tier-- > 0;) {
      const Node nearer = tier > 0 ? node(layer, tier - 1) : flow_.sink();
      flow_.add_arc(farther, nearer, problem_.seconds[tier][layer]);
      if (tier > 0 && tier < hops_) {
        flow_.tie(nearer, farther);  // not behind the nearer hop: not behind the farther one
      }
      farther = nearer;
    }
  }

  void add_tensor(const CrossingTensor& tensor) {
    for (std::size_t hop = 0; hop < hops_; ++hop) {
      const Node maker = tensor.producer ? node(*tensor.producer, hop) : flow_.source();
      const Node copy = flow_.add_node();
      flow_.add_arc(maker, copy,
                    tensor.outward_bytes() / problem_.hops[hop].up + seconds_of_coding(tensor));
      for (const LayerId reader : tensor.consumers) {
        flow_.tie(copy, node(reader, hop));
        if (tensor.producer) {
          flow_.tie(node(reader, hop), maker);
        }
      }
      if (tensor.is_output && tensor.producer) {
        flow_.add_arc(flow_.source(), maker, tensor.bytes / problem_.hops[hop].down);
      }
    }
    if (tensor.producer && !tensor.consumers.empty()) {
      is_read_[*tensor.producer] = true;
    }
  }

  static Seconds seconds_of_coding(const CrossingTensor& tensor) {
    // On two tiers a tensor crosses from the first to the second, or not at all.
    return tensor.coding && tensor.coding->encode.size() == 2
               ? tensor.coding->encode[0] + tensor.coding->decode[1]
               : Seconds(0);
  }

  void add_latencies(std::size_t hop) {
    const Node up = flow_.add_node();
    const Node down = flow_.add_node();
    flow_.add_arc(flow_.source(), up, problem_.hops[hop].latency);
    flow_.add_arc(flow_.source(), down, problem_.hops[hop].latency);
    for (LayerId layer = 0; layer < problem_.layer_count(); ++layer) {
      if (!is_read_[layer]) {  // what is behind the hop has a last layer there too
        flow_.tie(up, node(layer, hop));
      }
    }
    for (const CrossingTensor& tensor : problem_.tensors) {
      if (tensor.is_output && tensor.producer) {
        flow_.tie(down, node(*tensor.producer, hop));
      }
    }
  }

  const Problem& problem_;
  std::size_t hops_;
  FlowNetwork flow_;
  std::vector<bool> is_read_;
};

}  // namespace

bool can_cut(const Problem& problem) {
  const auto takes_time = [](const std::vector<Seconds>& times) {
    return std::any_of(times.begin(), times.end(), [](Seconds time) { return time > Seconds(0); });
  };
  return problem.tier_count() <= 2 ||
         std::none_of(
             problem.tensors.begin(), problem.tensors.end(), [&](const CrossingTensor& tensor) {
               return tensor.coding &&
                      (takes_time(tensor.coding->encode) || takes_time(tensor.coding->decode));
             });
}

Assignment cheapest_assignment(const Problem& problem) {
  Assignment best(problem.layer_count(), 0);
  Seconds least = evaluate(problem, best).latency();
  // A far cheaper assignment than the one known so far is looked for again, in finer units.
  constexpr double kFar = 16;
  bool is_far = problem.tier_count() > 1 && least > Seconds(0);
  while (is_far) {
    const Assignment found = Network(problem, least).solve();
    const Seconds seconds = evaluate(problem, found).latency();
    is_far = seconds > Seconds(0) && kFar * seconds < least;
    if (seconds < least) {
      best = found;
      least = seconds;
    }
  }
  return best;
}

}  // namespace offcut
