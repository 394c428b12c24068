#include "partition/graph_problem.h"

#include <doctest/doctest.h>

namespace offcut::partition {

TEST_CASE("graph problem: layers, tensors and their readers, without parameters") {
  // image (4 float32, which have one byte each at their source) -> conv (with weights) -> two
  // tensors, one of which relu reads. The outputs are relu's tensor and conv's second one.
  Graph graph("net");
  const TensorId image = graph.add_input("image", {DataType::float32, {1, 4}}, DataType::uint8);
  const TensorId weights = graph.add_parameter(
      "weights", {DataType::float32, {9}}, std::make_shared<Parameter>([] { return Tensor(); }));
  graph.add_layer({.name = "conv", .inputs = {image, weights}},
                  {{.name = "features", .type = {DataType::float32, {3}}},
                   {.name = "mask", .type = {DataType::uint8, {5}}}});
  const TensorId features = graph.find_tensor("features").value();
  graph.add_layer({.name = "relu", .inputs = {features, kAbsent, image}},
                  {{.name = "out", .type = {DataType::float32, {2}}}});
  graph.add_output(graph.find_tensor("out").value());
  graph.add_output(graph.find_tensor("mask").value());

  const Hop hop{BytesPerSecond(1), BytesPerSecond(2), Seconds(3)};
  const Problem problem = problem_of(
      graph, {{"device", {Seconds(1), Seconds(2)}}, {"cloud", {Seconds(3), Seconds(4)}}}, {hop});

  CHECK(problem.tiers == std::vector<std::string>{"device", "cloud"});
  CHECK(problem.layers == std::vector<std::string>{"conv", "relu"});
  CHECK(problem.seconds[1][0] == Seconds(3));
  CHECK(problem.hops[0].down == BytesPerSecond(2));

  REQUIRE(problem.tensors.size() == 4);
  const CrossingTensor& input = problem.tensors[0];
  CHECK(input.name == "image");
  CHECK(!input.producer);
  CHECK(input.consumers == std::vector<LayerId>{0, 1});
  CHECK(input.bytes == Bytes(4));  // It is uint8.
  CHECK(!input.is_output);
  CHECK(problem.tensors[1].name == "features");
  CHECK(problem.tensors[1].producer == 0);
  CHECK(problem.tensors[1].consumers == std::vector<LayerId>{1});
  CHECK(problem.tensors[1].bytes == Bytes(3 * 4));
  CHECK(problem.tensors[2].name == "mask");
  CHECK(problem.tensors[2].consumers.empty());
  CHECK(problem.tensors[2].is_output);
  CHECK(problem.tensors[3].producer == 1);
  CHECK(problem.tensors[3].is_output);

  // Layers of a table state their weights; these have none. While conv runs, image (16 B in
  // memory), features (12 B) and mask (5 B) are alive; while relu runs, out (8 B) is, too.
  CHECK(problem.memory[0].parameters == Bytes(0));
  CHECK(problem.memory[0].working == Bytes(16 + 12 + 5));
  CHECK(problem.memory[1].working == Bytes(16 + 12 + 5 + 8));
}

TEST_CASE("graph problem: layers that keep raw inputs on the device") {
  // The graph is image -> scale (no arithmetic) -> conv -> relu -> join, which also reads scale's
  // output.
  Graph graph("net");
  const TensorType type{DataType::float32, {4}};
  TensorId last = graph.add_input("image", type, DataType::uint8);
  const auto add = [&](const char* name, double macs, std::vector<TensorId> inputs) {
    graph.add_layer({.name = name, .inputs = std::move(inputs), .work = {.macs = macs}},
                    {{.name = name, .type = type}});
    return graph.find_tensor(name).value();
  };
  const TensorId scaled = add("scale", 0, {last});
  last = add("conv", 100, {scaled});
  last = add("relu", 0, {last});
  CHECK(layers_that_keep_inputs(graph) == std::vector<LayerId>{0, 1});
  add("join", 0, {last, scaled});  // It reads raw data, and it needs relu.
  CHECK(layers_that_keep_inputs(graph) == std::vector<LayerId>{0, 1, 2, 3});
}

}  // namespace offcut::partition
