#include "partition/graph_problem.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "models/base/random.h"
#include "tests/models/zoo/built.h"

namespace offcut::partition::graph_problem_test {

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

namespace {

/// Returns a graph whose layers have work or none, and whose tensors differ in size; some of those
/// that are read are outputs, too.
Graph random_network(RandomStream& random) {
  Graph graph("random");
  std::vector<TensorId> tensors;
  for (std::size_t i = 0; i < 1 + random() % 2; ++i) {
    tensors.push_back(graph.add_input(fmt::format("in{}", i),
                                      {DataType::float32, {std::int64_t(1 + random() % 9)}},
                                      DataType::float32));
  }
  const std::size_t layers = 1 + random() % 9;
  for (std::size_t i = 0; i < layers; ++i) {
    Layer layer{.name = fmt::format("l{}", i)};
    for (std::size_t reads = random() % 7 == 0 ? 0 : 1 + random() % 2; reads > 0; --reads) {
      layer.inputs.push_back(
          tensors[tensors.size() - 1 - random() % std::min<std::size_t>(4, tensors.size())]);
    }
    layer.work = {.macs = double(random() % 2), .parameter_bytes = double(random() % 9)};
    std::vector<TensorNode> made;
    for (std::size_t k = 0; k < 1 + random() % 2; ++k) {
      made.push_back({.name = fmt::format("l{}:{}", i, k),
                      .type = {DataType::float32, {std::int64_t(1 + random() % 9)}}});
    }
    const auto& outputs = graph.layer(graph.add_layer(std::move(layer), std::move(made))).outputs;
    tensors.insert(tensors.end(), outputs.begin(), outputs.end());
  }
  for (const TensorId id : tensors) {
    if (graph.tensor(id).producer && random() % 4 == 0) {
      graph.add_output(id);
    }
  }
  return graph;
}

bool is_output(const Graph& graph, TensorId id) {
  return std::count(graph.outputs().begin(), graph.outputs().end(), id) > 0;
}

/// Returns the bytes of the tensors that are there while the layer runs and that it, a later layer
/// or the answer needs. A tensor that nothing needs is there while its layer runs.
double alive_while(const Graph& graph, LayerId layer) {
  double bytes = 0;
  for (TensorId id = 0; id < graph.tensor_count(); ++id) {
    const TensorNode& tensor = graph.tensor(id);
    const bool is_there = !tensor.producer || *tensor.producer <= layer;
    const bool is_read_later = std::any_of(tensor.consumers.begin(), tensor.consumers.end(),
                                           [&](LayerId reader) { return reader >= layer; });
    const bool is_made_now = tensor.producer.value_or(0) == layer;
    if (is_there && (is_read_later || is_made_now || is_output(graph, id))) {
      bytes += static_cast<double>(tensor.type.bytes());
    }
  }
  return bytes;
}

/// Marks the layers on each path from the tensor up to the first with multiply-accumulates.
void follow_raw(const Graph& graph, TensorId tensor, std::set<LayerId>& stay) {
  for (const LayerId reader : graph.tensor(tensor).consumers) {
    stay.insert(reader);
    if (graph.layer(reader).work.macs == 0) {
      for (const TensorId output : graph.layer(reader).outputs) {
        follow_raw(graph, output, stay);
      }
    }
  }
}

/// Marks the layer and all that it depends on.
void follow_back(const Graph& graph, LayerId layer, std::set<LayerId>& stay) {
  stay.insert(layer);
  for (const TensorId input : graph.layer(layer).inputs) {
    if (const auto producer = graph.tensor(input).producer) {
      follow_back(graph, *producer, stay);
    }
  }
}

}  // namespace

TEST_CASE("graph problem: memory, tensors and raw layers of random graphs") {
  for (std::uint64_t i = 0; i < 500; ++i) {
    CAPTURE(i);
    RandomStream random = random_stream(881, "graph", i);
    const Graph graph = random_network(random);
    const std::vector<Seconds> times(graph.layer_count(), Seconds(1));
    const Problem problem = problem_of(graph, {{"device", times}}, {});
    for (LayerId layer = 0; layer < graph.layer_count(); ++layer) {
      CHECK(problem.memory[layer].working.si() == alive_while(graph, layer));
      CHECK(problem.memory[layer].parameters.si() == graph.layer(layer).work.parameter_bytes);
    }
    REQUIRE(problem.tensors.size() == graph.tensor_count());
    for (TensorId id = 0; id < graph.tensor_count(); ++id) {
      CHECK(problem.tensors[id].producer == graph.tensor(id).producer);
      CHECK(problem.tensors[id].consumers == graph.tensor(id).consumers);
      CHECK(problem.tensors[id].is_output == is_output(graph, id));
    }
    std::set<LayerId> raw;
    for (const TensorId input : graph.inputs()) {
      follow_raw(graph, input, raw);
    }
    std::set<LayerId> stay;
    for (const LayerId layer : raw) {
      follow_back(graph, layer, stay);
    }
    CHECK(layers_that_keep_inputs(graph) == std::vector<LayerId>(stay.begin(), stay.end()));
  }
}

TEST_CASE("graph problem: parameters count with each layer that reads them") {
  const zoo::Zoo zoo;
  const Graph graph = zoo.build("lenet5");
  const Problem problem =
      problem_of(graph, {{"device", std::vector<Seconds>(graph.layer_count())}}, {});
  double all = 0;
  for (LayerId layer = 0; layer < graph.layer_count(); ++layer) {
    double bytes = 0;
    for (const TensorId input : graph.layer(layer).inputs) {
      bytes += input != kAbsent && graph.tensor(input).is_parameter()
                   ? 4 * static_cast<double>(elements(graph.tensor(input).type.shape))
                   : 0;
    }
    CHECK(problem.memory[layer].parameters.si() == bytes);
    all += bytes;
  }
  CHECK(all > 2e5);
}

}  // namespace offcut::partition::graph_problem_test
