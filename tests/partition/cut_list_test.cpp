#include "partition/cut_list.h"

#include <doctest/doctest.h>

#include "models/graph/cuts.h"
#include "models/graph/layer_dag.h"
#include "tests/models/graph/random_graph.h"

namespace offcut::partition::cut_list_test {
namespace {

/// The graph in -> a -> (b, c), b -> d, c -> d, d -> e.
Graph diamond() {
  Graph graph("diamond");
  const TensorId in = graph.add_input("in", {DataType::float32, {4}}, DataType::float32);
  const auto out = [&](LayerId layer) { return graph.layer(layer).outputs[0]; };
  const LayerId a = add_plain_layer(graph, "a", {in});
  const LayerId b = add_plain_layer(graph, "b", {out(a)});
  const LayerId c = add_plain_layer(graph, "c", {out(a)});
  const LayerId d = add_plain_layer(graph, "d,e", {out(b), out(c)});
  const LayerId e = add_plain_layer(graph, "last", {out(d)});
  graph.add_output(out(e));
  return graph;
}

Placement cut(const Graph& graph, const std::vector<std::string>& texts) {
  std::vector<Diagnostic> diagnostics;
  Placement placement = cut_after(graph, texts, {"--cut"}, diagnostics);
  REQUIRE(diagnostics.empty());
  return placement;
}

std::vector<std::string> refusals(const Graph& graph, const std::vector<std::string>& texts) {
  std::vector<Diagnostic> diagnostics;
  cut_after(graph, texts, {"--cut"}, diagnostics);
  std::vector<std::string> messages;
  for (const Diagnostic& diagnostic : diagnostics) {
    CHECK(diagnostic.place.file == "--cut");
    messages.push_back(diagnostic.message);
  }
  return messages;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("cut list: before the cut are a layer and the layers that it depends on") {
  const Graph graph = diamond();
  CHECK(cut(graph, {"a"}).tier_of == Assignment{0, 1, 1, 1, 1});
  CHECK(cut(graph, {"b"}).tier_of == Assignment{0, 0, 1, 1, 1});
  CHECK(cut(graph, {"c"}).tier_of == Assignment{0, 1, 0, 1, 1});
  CHECK(cut(graph, {"c"}).tiers == Texts{"device", "cloud"});
}

TEST_CASE("cut list: parallel layers are one cut, a later layer is a second, in any order") {
  const Graph graph = diamond();
  CHECK(cut(graph, {"b,c"}).tier_of == Assignment{0, 0, 0, 1, 1});
  CHECK(cut(graph, {"c", "b"}).tier_of == Assignment{0, 0, 0, 1, 1});
  CHECK(cut(graph, {"b,a"}).tier_of == Assignment{0, 1, 2, 2, 2});
  CHECK(cut(graph, {"a,b"}).tiers == Texts{"device", "edge", "cloud"});
  CHECK(cut(graph, {"d,e", "c,a,b"}).tier_of == Assignment{0, 1, 1, 2, 3});
  CHECK(cut(graph, {"d,e", "c,a,b"}).tiers == Texts{"tier0", "tier1", "tier2", "tier3"});
}

TEST_CASE("cut list: after the last layer, there is no further tier") {
  const Graph graph = diamond();
  CHECK(cut(graph, {"last"}).tier_of == Assignment{0, 0, 0, 0, 0});
  CHECK(cut(graph, {"last"}).tiers == Texts{"device"});
  CHECK(cut(graph, {"last,a"}).tiers == Texts{"device", "cloud"});
}

TEST_CASE("cut list: all errors are reported together") {
  const Graph graph = diamond();
  CHECK(refusals(graph, {"lats,a,a", "b:0,in", ""}) ==
        Texts{"there is no layer 'lats'; did you mean 'last'?", "layer 'a' appears twice",
              "'b:0' is a tensor; the layer that makes it is 'b'",
              "'in' is an input or a weight, not a layer", "the name of a layer is missing"});
}

TEST_CASE("cut list: every legal cut of random graphs can be written as a list") {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    RandomStream random = random_stream(seed, "cut list");
    const Graph graph = random_graph(random, 8);
    for_each_cut(graph, [&](const Cut& legal) {
      Texts frontier;
      Assignment expected;
      for (LayerId id = 0; id < graph.layer_count(); ++id) {
        const auto [first, last] = boost::out_edges(id, graph.dag());
        const bool read = std::any_of(first, last, [&](const auto& edge) {
          return legal.in_head[boost::target(edge, graph.dag())];
        });
        if (legal.in_head[id] && !read) {
          frontier.push_back(graph.layer(id).name);
        }
        expected.push_back(legal.in_head[id] ? 0 : 1);
      }
      if (!frontier.empty()) {
        CHECK(cut(graph, frontier).tier_of == expected);
      }
      return true;
    });
  }
}

}  // namespace offcut::partition::cut_list_test
