#include "models/graph/cuts.h"

#include <doctest/doctest.h>

#include <set>

#include "models/graph/layer_dag.h"
#include "tests/models/graph/random_graph.h"

namespace offcut::cuts_test {
namespace {

constexpr int kGraphs = 300;

/// Returns whether a path along the tensors, from an input of the graph or from a layer before
/// `removed`, leads to a layer after `removed` without passing through it.
bool can_pass_by(const Graph& graph, LayerId removed) {
  std::vector<LayerId> open;
  for (const TensorId input : graph.inputs()) {
    const auto& readers = graph.tensor(input).consumers;
    open.insert(open.end(), readers.begin(), readers.end());
  }
  for (LayerId id = 0; id < removed; ++id) {
    open.push_back(id);
  }
  std::set<LayerId> seen;
  while (!open.empty()) {
    const LayerId layer = open.back();
    open.pop_back();
    if (layer == removed || !seen.insert(layer).second) {
      continue;
    }
    if (layer > removed) {
      return true;
    }
    const auto [first, last] = boost::out_edges(layer, graph.dag());
    for (auto edge = first; edge != last; ++edge) {
      open.push_back(boost::target(*edge, graph.dag()));
    }
  }
  return false;
}

std::vector<bool> members(std::size_t layers, std::size_t bits) {
  std::vector<bool> in_head(layers);
  for (std::size_t i = 0; i < layers; ++i) {
    in_head[i] = (bits >> i & 1) != 0;
  }
  return in_head;
}

/// Checks the definition: the producer of every tensor that a member reads is a member.
bool is_legal(const Graph& graph, const std::vector<bool>& in_head) {
  for (LayerId id = 0; id < graph.layer_count(); ++id) {
    for (const TensorId input : graph.layer(id).inputs) {
      if (in_head[id] && input != kAbsent && graph.tensor(input).producer &&
          !in_head[*graph.tensor(input).producer]) {
        return false;
      }
    }
  }
  return true;
}

/// Applies the definition from the readers' side: tensors that a layer after the cut reads, that no
/// layer after the cut makes, and that are not parameters.
std::vector<TensorId> read_across(const Graph& graph, const std::vector<bool>& in_head) {
  std::set<TensorId> crosses;
  for (LayerId id = 0; id < graph.layer_count(); ++id) {
    for (const TensorId input : graph.layer(id).inputs) {
      if (in_head[id] || input == kAbsent || graph.tensor(input).is_parameter()) {
        continue;
      }
      const auto producer = graph.tensor(input).producer;
      if (!producer || in_head[*producer]) {
        crosses.insert(input);
      }
    }
  }
  return {crosses.begin(), crosses.end()};
}

}  // namespace

TEST_CASE("cuts: the vertices of a chain with a diamond in it") {
  // The graph is in -> a -> (b, c) -> d -> e, where b and c are parallel.
  Graph graph("diamond");
  const TensorId in = graph.add_input("in", {DataType::float32, {4}}, DataType::float32);
  const LayerId a = add_plain_layer(graph, "a", {in});
  const LayerId b = add_plain_layer(graph, "b", {graph.layer(a).outputs[0]});
  const LayerId c = add_plain_layer(graph, "c", {graph.layer(a).outputs[0]});
  const LayerId d =
      add_plain_layer(graph, "d", {graph.layer(b).outputs[0], graph.layer(c).outputs[0]});
  const LayerId e = add_plain_layer(graph, "e", {graph.layer(d).outputs[0]});
  CHECK(cut_vertices(graph) == std::vector<LayerId>{a, d, e});
  // The legal heads are: none, a, ab, ac, abc, abcd, abcde.
  std::size_t cuts = 0;
  for_each_cut(graph, [&](const Cut&) {
    ++cuts;
    return true;
  });
  CHECK(cuts == 7);
}

TEST_CASE("cuts: a tensor that two layers read crosses once; an input may cross after a layer") {
  Graph graph("skip");
  const TensorId in = graph.add_input("in", {DataType::float32, {4}}, DataType::float32);
  const LayerId a = add_plain_layer(graph, "a", {in});
  const TensorId out = graph.layer(a).outputs[0];
  const LayerId b = add_plain_layer(graph, "b", {out, in});
  add_plain_layer(graph, "c", {out, graph.layer(b).outputs[0]});
  CHECK(crossing_tensors(graph, {false, false, false}) == std::vector{in});
  CHECK(crossing_tensors(graph, {true, false, false}) == std::vector{in, out});
  CHECK(crossing_tensors(graph, {true, true, true}).empty());
  CHECK(cut_vertices(graph) == std::vector<LayerId>{2});
}

TEST_CASE("cuts: no path avoids a cut vertex, and some path avoids every other layer") {
  RandomStream random = random_stream(1, "cut vertices");
  for (int i = 0; i < kGraphs; ++i) {
    CAPTURE(i);
    const Graph graph = random_graph(random, 12);
    std::vector<LayerId> expected;
    for (LayerId id = 0; id < graph.layer_count(); ++id) {
      if (!can_pass_by(graph, id)) {
        expected.push_back(id);
      }
    }
    CHECK(cut_vertices(graph) == expected);
    CHECK(expected.back() + 1 == graph.layer_count());
  }
}

TEST_CASE("cuts: for_each_cut visits each legal head once, with the right crossing tensors") {
  RandomStream random = random_stream(1, "all cuts");
  for (int i = 0; i < kGraphs; ++i) {
    CAPTURE(i);
    const Graph graph = random_graph(random, 10);
    std::set<std::vector<bool>> expected;
    for (std::size_t bits = 0; bits < std::size_t{1} << graph.layer_count(); ++bits) {
      const auto in_head = members(graph.layer_count(), bits);
      if (is_legal(graph, in_head)) {
        expected.insert(in_head);
      }
    }
    std::vector<std::vector<bool>> visited;
    const bool finished = for_each_cut(graph, [&](const Cut& cut) {
      visited.push_back(cut.in_head);
      CHECK(cut.crosses == read_across(graph, cut.in_head));
      return true;
    });
    CHECK(finished);
    CHECK(visited.size() == expected.size());
    CHECK(std::set<std::vector<bool>>(visited.begin(), visited.end()) == expected);
    CHECK(visited.front() == std::vector<bool>(graph.layer_count(), false));
    CHECK(visited.back() == std::vector<bool>(graph.layer_count(), true));
  }
}

TEST_CASE("cuts: for_each_cut stops when visit returns false") {
  RandomStream random = random_stream(1, "stop");
  const Graph graph = random_graph(random, 10);
  int left = 2;
  CHECK(!for_each_cut(graph, [&](const Cut&) { return --left > 0; }));
  CHECK(left == 0);
}

}  // namespace offcut::cuts_test
