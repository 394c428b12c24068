#include "models/graph/graph.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "models/graph/layer_dag.h"
#include "tests/models/graph/random_graph.h"

namespace offcut::graph_test {
namespace {

constexpr int kGraphs = 200;

std::shared_ptr<const Parameter> no_parameter() {
  return std::make_shared<Parameter>([] { return Tensor(); });
}

}  // namespace

TEST_CASE("graph: invariants hold for random graphs") {
  RandomStream random = random_stream(1, "graphs");
  for (int i = 0; i < kGraphs; ++i) {
    CAPTURE(i);
    const Graph graph = random_graph(random, 12);
    std::size_t edges = 0;
    for (TensorId id = 0; id < graph.tensor_count(); ++id) {
      const TensorNode& tensor = graph.tensor(id);
      CHECK(graph.find_tensor(tensor.name) == id);
      CHECK(std::is_sorted(tensor.consumers.begin(), tensor.consumers.end()));
      CHECK(std::adjacent_find(tensor.consumers.begin(), tensor.consumers.end()) ==
            tensor.consumers.end());
      for (const LayerId reader : tensor.consumers) {
        const auto& inputs = graph.layer(reader).inputs;
        CHECK(std::find(inputs.begin(), inputs.end(), id) != inputs.end());
        CHECK((!tensor.producer || *tensor.producer < reader));
      }
      edges += tensor.producer ? tensor.consumers.size() : 0;
    }
    CHECK(boost::num_edges(graph.dag()) == edges);
    for (LayerId id = 0; id < graph.layer_count(); ++id) {
      CHECK(graph.find_layer(graph.layer(id).name) == id);
      for (const TensorId output : graph.layer(id).outputs) {
        CHECK(graph.tensor(output).producer == id);
      }
    }
  }
}

TEST_CASE("graph: a layer that breaks an invariant is refused, and the graph is unchanged") {
  Graph graph("g");
  const TensorId in = graph.add_input("in", {DataType::float32, {4}}, DataType::float32);
  add_plain_layer(graph, "a", {in});
  const TensorType type{DataType::float32, {4}};
  CHECK_THROWS_WITH_AS(add_plain_layer(graph, "a", {in}), "two layers are named 'a'",
                       std::invalid_argument);
  CHECK_THROWS_WITH_AS(add_plain_layer(graph, "b", {7}),
                       "layer 'b' reads tensor 7, which does not exist", std::invalid_argument);
  CHECK_THROWS_WITH_AS(
      graph.add_layer({.name = "b", .inputs = {in}}, {{.name = "in", .type = type}}),
      "two tensors are named 'in'", std::invalid_argument);
  CHECK_THROWS_WITH_AS(graph.add_layer({.name = "b", .inputs = {in}},
                                       {{.name = "t", .type = type}, {.name = "t", .type = type}}),
                       "two tensors are named 't'", std::invalid_argument);
  CHECK_THROWS_WITH_AS(graph.add_input("a:0", type, DataType::float32),
                       "two tensors are named 'a:0'", std::invalid_argument);
  CHECK(graph.layer_count() == 1);
  CHECK(graph.tensor_count() == 2);
  CHECK(graph.tensor(in).consumers == std::vector<LayerId>{0});
  CHECK(!graph.find_layer("b"));
  CHECK(!graph.find_tensor("t"));
  add_plain_layer(graph, "b", {in});
  CHECK(graph.tensor(in).consumers == std::vector<LayerId>{0, 1});
}

TEST_CASE("graph: an output that is added twice counts once") {
  Graph graph("g");
  const TensorId in = graph.add_input("in", {DataType::float32, {4}}, DataType::float32);
  const LayerId a = add_plain_layer(graph, "a", {in});
  graph.add_output(graph.layer(a).outputs[0]);
  graph.add_output(graph.layer(a).outputs[0]);
  CHECK(graph.outputs().size() == 1);
}

TEST_CASE("graph: an input crosses a cut with its wire type") {
  Graph graph("g");
  const TensorId image =
      graph.add_input("image", {DataType::float32, {1, 3, 8, 8}}, DataType::uint8);
  const LayerId a = add_plain_layer(graph, "a", {image});
  CHECK(graph.wire_bytes(image) == 3 * 64);
  CHECK(graph.wire_bytes(graph.layer(a).outputs[0]) == 4 * 4);
  graph.set_wire_type(image, DataType::float32);
  CHECK(graph.wire_bytes(image) == 4 * 3 * 64);
}

TEST_CASE("graph: weights that layers share count once in the total work") {
  Graph graph("g");
  const TensorId in = graph.add_input("in", {DataType::float32, {4}}, DataType::float32);
  const TensorId w = graph.add_parameter("w", {DataType::float32, {4}}, no_parameter());
  const LayerWork work{.macs = 10, .parameter_bytes = 16, .parameters = 4, .activation_bytes = 32};
  for (const char* name : {"a", "b"}) {
    graph.add_layer({.name = name, .inputs = {in, w}, .work = work},
                    {{.name = std::string(name) + "'s", .type = {DataType::float32, {4}}}});
  }
  // A layer from a table has no parameter tensors, so its own figures count.
  graph.add_layer({.name = "c", .inputs = {in}, .work = work},
                  {{.name = "c's", .type = {DataType::float32, {4}}}});
  const LayerWork total = graph.total_work();
  CHECK(total.macs == 30);
  CHECK(total.activation_bytes == 96);
  CHECK(total.parameters == 8);
  CHECK(total.parameter_bytes == 32);
}

TEST_CASE("graph: a parameter is made once, on first use") {
  int made = 0;
  const Parameter parameter([&] {
    ++made;
    return Tensor(TensorType{DataType::float32, {2}});
  });
  CHECK(!parameter.made());
  parameter.value();
  parameter.value();
  CHECK(made == 1);
  CHECK(parameter.made());
}

TEST_CASE("graph: a large parameter that can be read again is kept only while it is used") {
  int made = 0;
  const auto parameter_of = [&](std::int64_t count) {
    return Parameter(
        [&made, count] {
          ++made;
          return Tensor(TensorType{DataType::float32, {count}});
        },
        Parameter::Source::rereadable);
  };
  const Parameter large = parameter_of(100'000);
  {
    const Tensor first = large.read();
    CHECK(large.read().bytes().data() == first.bytes().data());
    CHECK(made == 1);
    CHECK(!large.made());
  }
  const Tensor again = large.read();
  CHECK(made == 2);
  CHECK(large.value().bytes().data() == again.bytes().data());
  CHECK(large.made());
  CHECK(large.read().bytes().data() == again.bytes().data());
  CHECK(made == 2);
  const Parameter small = parameter_of(10);
  small.read();
  small.read();
  CHECK(made == 3);
  CHECK(small.made());
}

TEST_CASE("graph: attributes have types and defaults") {
  Attributes attributes;
  attributes.set("i", std::int64_t{3});
  attributes.set("f", 0.5F);
  attributes.set("s", std::string("text"));
  attributes.set("is", std::vector<std::int64_t>{1, 2});
  attributes.set("fs", std::vector<float>{1, 2});
  CHECK(attributes.integer("i", 0) == 3);
  CHECK(attributes.integer("absent", 7) == 7);
  CHECK(attributes.number("f", 0) == 0.5F);
  CHECK(attributes.text("s", "") == "text");
  CHECK(attributes.integers("is", {}) == std::vector<std::int64_t>{1, 2});
  CHECK(attributes.numbers("fs", {}) == std::vector<float>{1, 2});
  CHECK(attributes.numbers("absent", {3}) == std::vector<float>{3});
  CHECK(!attributes.tensor("absent"));
  CHECK_THROWS_WITH_AS(attributes.integer("f", 0), "attribute 'f' is not an integer",
                       std::invalid_argument);
  CHECK_THROWS_WITH_AS(attributes.tensor("i"), "attribute 'i' is not a tensor",
                       std::invalid_argument);
}

}  // namespace offcut::graph_test
