#include "models/graph/subgraph.h"

#include <doctest/doctest.h>

#include <set>

#include "models/graph/cuts.h"
#include "models/graph/layer_dag.h"
#include "random_graph.h"

namespace offcut::subgraph_test {
namespace {

std::vector<std::string> names(const Graph& graph, const std::vector<TensorId>& tensors) {
  std::vector<std::string> all;
  for (const TensorId id : tensors) {
    all.push_back(graph.tensor(id).name);
  }
  return all;
}

using Names = std::vector<std::string>;

/// Returns in -> a -> (b, c), b -> d, c -> d. The network's outputs are d and a's second output.
Graph diamond() {
  Graph graph("diamond");
  const TensorId in = graph.add_input("in", {DataType::float32, {4}}, DataType::uint8);
  const TensorId weights = graph.add_parameter(
      "w", {DataType::float32, {4}}, std::make_shared<Parameter>([] { return Tensor(); }));
  const LayerId a = add_plain_layer(graph, "a", {in, weights}, 2);
  const TensorId x = graph.layer(a).outputs[0];
  const LayerId b = add_plain_layer(graph, "b", {x, weights});
  const LayerId c = add_plain_layer(graph, "c", {x, kAbsent, in});
  const LayerId d =
      add_plain_layer(graph, "d", {graph.layer(b).outputs[0], graph.layer(c).outputs[0]});
  graph.add_output(graph.layer(d).outputs[0]);
  graph.add_output(graph.layer(a).outputs[1]);
  return graph;
}

}  // namespace

TEST_CASE("subgraph: a crossing tensor is an output of the head and an input of the tail") {
  const Graph graph = diamond();
  const Graph head = subgraph(graph, {0, 1}, "head");
  CHECK(head.name() == "head");
  CHECK(names(head, head.inputs()) == Names{"in"});
  CHECK(head.wire_type(head.inputs()[0]) == DataType::uint8);
  CHECK(names(head, head.outputs()) == Names{"a:1", "a:0", "b:0"});
  CHECK(head.layer_count() == 2);
  CHECK(head.tensor(*head.find_tensor("w")).parameter ==
        graph.tensor(*graph.find_tensor("w")).parameter);

  const Graph tail = subgraph(graph, {3, 2}, "tail");
  CHECK(names(tail, tail.inputs()) == Names{"in", "a:0", "b:0"});
  CHECK(names(tail, tail.outputs()) == Names{"d:0"});
  CHECK(!tail.find_tensor("w"));
  CHECK(tail.layer(0).inputs[1] == kAbsent);
}

TEST_CASE("subgraph: all layers give the same graph, and no layers an empty one") {
  const Graph graph = diamond();
  const Graph all = subgraph(graph, {0, 1, 2, 3}, "all");
  CHECK(names(all, all.inputs()) == names(graph, graph.inputs()));
  CHECK(names(all, all.outputs()) == names(graph, graph.outputs()));
  CHECK(all.dag().m_edges.size() == graph.dag().m_edges.size());
  const Graph none = subgraph(graph, {}, "none");
  CHECK(none.tensor_count() == 0);
}

TEST_CASE("subgraph: at every cut of random graphs, the tail's inputs are the crossing tensors") {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    RandomStream random = random_stream(seed, "subgraph");
    const Graph graph = random_graph(random, 8);
    for_each_cut(graph, [&](const Cut& cut) {
      std::vector<LayerId> layers;
      for (LayerId id = 0; id < graph.layer_count(); ++id) {
        if (!cut.in_head[id]) {
          layers.push_back(id);
        }
      }
      const Graph tail = subgraph(graph, layers, "tail");
      const Names inputs = names(tail, tail.inputs());
      const Names crosses = names(graph, cut.crosses);
      CHECK(std::set(inputs.begin(), inputs.end()) == std::set(crosses.begin(), crosses.end()));
      return true;
    });
  }
}

}  // namespace offcut::subgraph_test
