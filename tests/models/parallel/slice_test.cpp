#include "models/parallel/slice.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "models/parallel/part.h"
#include "tests/models/exec/compare.h"
#include "tests/models/ops/one_layer.h"

namespace offcut::parallel::slice_test {
namespace {

struct Operators : Registry<ops::Operator> {
  Operators() { ops::register_operators(*this); }
};

/// Returns the largest error of the layer in slices that end at `ends` and are gathered, against
/// the whole layer.
double error_of_slices(const Graph& graph, LayerId id, const std::vector<std::int64_t>& ends,
                       const Operators& operators, bool fast = false) {
  const exec::Segment layer = exec::segment_of(graph, {id});
  const exec::TensorMap inputs = exec::random_inputs(graph, layer);
  std::vector<Tensor> parts;
  std::int64_t first = 0;
  for (const std::int64_t last : ends) {
    const Graph slice = slice_graph(graph, id, first, last, operators);
    const exec::TensorMap given = {{slice.inputs().front(), inputs.begin()->second}};
    parts.push_back((fast ? exec::prepare(slice, exec::whole(slice)).run(given)
                          : exec::run(slice, exec::whole(slice), given))
                        .at(slice.outputs().front()));
    first = last;
  }
  return exec::error_of(joined(parts, channel_slicing(graph, id)->axis),
                        exec::run(graph, layer, inputs).begin()->second);
}

}  // namespace

TEST_CASE("slices: uneven slices of every layer with weights, gathered, give the whole layer") {
  const Operators operators;
  Registry<zoo::Network> networks;
  zoo::register_networks(networks);
  std::size_t sliced = 0;
  double worst = 0;
  for (const std::string name : {"lenet5", "squeezenet", "mobilenet-v2", "conv5-fc3", "mlp-s1"}) {
    const Graph graph = networks.find(name)->build(operators, 1);
    for (LayerId id = 0; id < graph.layer_count(); ++id) {
      const auto slicing = channel_slicing(graph, id);
      if (!slicing || slicing->channels < 3) {
        continue;
      }
      INFO(name << ": " << graph.layer(id).name);
      const std::int64_t n = slicing->channels;
      worst = std::max(worst, error_of_slices(graph, id, {1, 1 + n / 3, n}, operators));
      CHECK(worst <= 1e-5);
      ++sliced;
    }
  }
  CHECK(sliced > 60);
}

TEST_CASE("slices: matrix products, biases of every shape, and both engines") {
  const Operators operators;
  const auto graph_of = [&](const std::string& op, const Shape& weights, const Shape& bias,
                            bool transposed) {
    Graph graph("one");
    std::vector<TensorId> inputs = {
        graph.add_input("x", {DataType::float32, {4, 5}}, DataType::float32)};
    for (const Shape& shape : {weights, bias}) {
      Tensor value(TensorType{DataType::float32, shape});
      float number = 0;
      for (float& element : value.values<float>()) {
        element = number += 0.25F;
      }
      if (!shape.empty()) {
        inputs.push_back(
            graph.add_parameter(fmt::format("p{}", inputs.size()), value.type(),
                                std::make_shared<Parameter>([value] { return value; })));
      }
    }
    Attributes attributes;
    if (transposed) {
      attributes.set("transB", std::int64_t{1});
    }
    const LayerId id = ops::apply(
        graph, operators,
        {.name = "it", .op_name = op, .opset = 13, .attributes = attributes, .inputs = inputs},
        {"y"});
    graph.add_output(graph.layer(id).outputs.front());
    return graph;
  };
  const std::vector<Graph> graphs = [&] {
    std::vector<Graph> all;
    all.push_back(graph_of("MatMul", {5, 7}, {}, false));
    all.push_back(graph_of("Gemm", {5, 7}, {7}, false));
    all.push_back(graph_of("Gemm", {7, 5}, {1, 7}, true));
    all.push_back(graph_of("Gemm", {7, 5}, {4, 7}, true));
    all.push_back(graph_of("Gemm", {7, 5}, {4, 1}, true));
    all.push_back(graph_of("Gemm", {7, 5}, {1}, true));
    return all;
  }();
  for (std::size_t i = 0; i < graphs.size(); ++i) {
    for (const bool fast : {false, true}) {
      INFO("graph " << i << ", fast: " << fast);
      CHECK(error_of_slices(graphs[i], 0, {2, 3, 7}, operators, fast) <= 1e-5);
    }
  }
}

TEST_CASE("slices: a slice has its part of the weights and of the work") {
  const Operators operators;
  Registry<zoo::Network> networks;
  zoo::register_networks(networks);
  const Graph graph = networks.find("alexnet")->build(operators, 1);
  const LayerId fc7 = graph.find_layer("fc7").value();
  const Graph slice = slice_graph(graph, fc7, 1024, 2048, operators);  // A quarter of 4096.
  CHECK(slice.layer(0).work.macs == graph.layer(fc7).work.macs / 4);
  CHECK(slice.layer(0).work.parameter_bytes == graph.layer(fc7).work.parameter_bytes / 4);
  CHECK(!channel_slicing(graph, graph.find_layer("relu6").value()));
}

TEST_CASE("parts: a tensor split along any axis and joined is the same") {
  const Tensor all = [] {
    Tensor tensor(TensorType{DataType::float32, {2, 3, 4}});
    float number = 0;
    for (float& value : tensor.values<float>()) {
      value = number++;
    }
    return tensor;
  }();
  CHECK(ops::values(part_of(all, 1, 1, 2)) == std::vector<float>{4, 5, 6, 7, 16, 17, 18, 19});
  CHECK(part_of(all, 2, 1, 1).shape() == Shape{2, 3, 0});
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const std::vector<Tensor> parts = {part_of(all, axis, 0, 1),
                                       part_of(all, axis, 1, all.shape()[axis])};
    CHECK(ops::values(joined(parts, axis)) == ops::values(all));
  }
}

}  // namespace offcut::parallel::slice_test
