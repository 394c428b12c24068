#include "models/exec/segment.h"

#include <doctest/doctest.h>

#include <cstring>
#include <set>

#include "models/base/random.h"
#include "models/graph/cuts.h"
#include "tests/models/ops/one_layer.h"

namespace offcut::exec::segment_test {
namespace {

Tensor random_floats(RandomStream& random, Shape shape) {
  Tensor tensor(TensorType{DataType::float32, std::move(shape)});
  for (float& value : tensor.values<float>()) {
    value = static_cast<float>(random(2001)) / 1000 - 1;
  }
  return tensor;
}

bool same_bits(const Tensor& a, const Tensor& b) {
  return a.type() == b.type() &&
         std::memcmp(a.bytes().data(), b.bytes().data(), a.bytes().size()) == 0;
}

/// Builds in -> conv -> relu -> (sigmoid, convolution) -> add -> pool -> softmax, with a shortcut
/// from the input to the end of the branches, and a second output in the middle.
class Branched {
 public:
  Branched() : graph("branched") {
    ops::register_operators(operators_);
    graph.add_input("in", {DataType::float32, {1, 4, 6, 6}}, DataType::float32);
    weights("w1", {4, 4, 3, 3});
    weights("w2", {4, 4, 1, 1});
    layer("conv", "Conv", {"in", "w1"}, {{"pads", std::vector<std::int64_t>{1, 1, 1, 1}}});
    layer("relu", "Relu", {"conv"});
    layer("sigmoid", "Sigmoid", {"relu"});
    layer("pointwise", "Conv", {"relu", "w2"});
    layer("add", "Add", {"sigmoid", "pointwise"});
    layer("shortcut", "Mul", {"add", "in"});
    layer("pool", "GlobalAveragePool", {"shortcut"});
    layer("softmax", "Softmax", {"pool"}, {{"axis", std::int64_t{1}}});
    graph.add_output(*graph.find_tensor("softmax"));
    graph.add_output(*graph.find_tensor("sigmoid"));
  }

  TensorMap input() {
    RandomStream random = random_stream(1, "input");
    return {{*graph.find_tensor("in"), random_floats(random, {1, 4, 6, 6})}};
  }

  Graph graph;

 private:
  void weights(const std::string& name, const Shape& shape) {
    RandomStream random = random_stream(1, name);
    Tensor value = random_floats(random, shape);
    graph.add_parameter(name, value.type(),
                        std::make_shared<Parameter>([=] { return Tensor(value); }));
  }

  void layer(const std::string& name, const std::string& op, const std::vector<std::string>& inputs,
             const std::vector<std::pair<std::string, AttributeValue>>& attributes = {}) {
    Layer layer{.name = name, .op_name = op, .opset = 13};
    for (const auto& [key, value] : attributes) {
      layer.attributes.set(key, value);
    }
    for (const std::string& input : inputs) {
      layer.inputs.push_back(*graph.find_tensor(input));
    }
    ops::apply(graph, operators_, std::move(layer), {name});
  }

  Registry<ops::Operator> operators_;
};

std::vector<LayerId> layers_where(const std::vector<bool>& in_head, bool wanted) {
  std::vector<LayerId> layers;
  for (LayerId id = 0; id < in_head.size(); ++id) {
    if (in_head[id] == wanted) {
      layers.push_back(id);
    }
  }
  return layers;
}

void check_equal(const Graph& graph, const TensorMap& got, const TensorMap& expected) {
  for (const TensorId output : graph.outputs()) {
    REQUIRE(got.contains(output));
    CHECK(same_bits(got.at(output), expected.at(output)));
  }
}

}  // namespace

TEST_CASE("segment: cut anywhere, the pieces give the results of the whole, bit for bit") {
  Branched network;
  const Graph& graph = network.graph;
  const TensorMap expected = run(graph, whole(graph), network.input());
  std::size_t cuts = 0;
  for_each_cut(graph, [&](const Cut& cut) {
    ++cuts;
    const Segment head = segment_of(graph, layers_where(cut.in_head, true));
    const Segment tail = segment_of(graph, layers_where(cut.in_head, false));
    TensorMap left = run(graph, head, network.input());
    TensorMap crossing = network.input();
    for (const TensorId id : cut.crosses) {
      if (left.contains(id)) {
        crossing[id] = left.at(id);
      }
    }
    CHECK(tail.enters == cut.crosses);
    left.merge(run(graph, tail, crossing));
    check_equal(graph, left, expected);
    return true;
  });
  CHECK(cuts == 10);  // 3 before the branches, 3 with one of them or both, 4 after them.
}

TEST_CASE("segment: layer by layer, too") {
  Branched network;
  const Graph& graph = network.graph;
  TensorMap all = network.input();
  for (LayerId id = 0; id < graph.layer_count(); ++id) {
    const Segment one = segment_of(graph, {id});
    CHECK(one.leaves == graph.layer(id).outputs);
    TensorMap inputs;
    for (const TensorId enters : one.enters) {
      inputs[enters] = all.at(enters);
    }
    all.merge(run(graph, one, inputs));
  }
  check_equal(graph, all, run(graph, whole(graph), network.input()));
}

TEST_CASE("segment: tensors that enter and leave") {
  const Branched network;
  const Graph& graph = network.graph;
  const auto ids = [&](const std::vector<std::string>& names) {
    std::set<TensorId> found;
    for (const std::string& name : names) {
      found.insert(*graph.find_tensor(name));
    }
    return std::vector<TensorId>(found.begin(), found.end());
  };
  CHECK(whole(graph).enters == ids({"in"}));
  CHECK(whole(graph).leaves == ids({"sigmoid", "softmax"}));
  // Layers in any order; "sigmoid" is only read inside but is an output, "relu" is read outside.
  const Segment middle = segment_of(
      graph, {*graph.find_layer("add"), *graph.find_layer("relu"), *graph.find_layer("sigmoid")});
  CHECK(middle.enters == ids({"conv", "pointwise"}));
  CHECK(middle.leaves == ids({"relu", "sigmoid", "add"}));
  CHECK(segment_of(graph, {}).layers.empty());
}

TEST_CASE("segment: an empty segment gives nothing") {
  Branched network;
  CHECK(run(network.graph, segment_of(network.graph, {}), network.input()).empty());
}

TEST_CASE("segment: inputs that are missing or of another type are refused by name") {
  const Branched network;
  const Graph& graph = network.graph;
  CHECK_THROWS_WITH_AS(run(graph, whole(graph), {}), "tensor 'in' is missing",
                       std::invalid_argument);
  const TensorId in = *graph.find_tensor("in");
  CHECK_THROWS_WITH_AS(run(graph, whole(graph), {{in, ops::floats({1, 4, 6, 5})}}),
                       "tensor 'in' is float32 1x4x6x5, expected float32 1x4x6x6",
                       std::invalid_argument);
  CHECK_THROWS_WITH_AS(
      run(graph, whole(graph), {{in, Tensor(TensorType{DataType::uint8, {1, 4, 6, 6}})}}),
      "tensor 'in' is uint8 1x4x6x6, expected float32 1x4x6x6", std::invalid_argument);
}

TEST_CASE("segment: a layer from a table cannot be run") {
  Graph graph("table");
  const TensorId in = graph.add_input("in", {DataType::float32, {1}}, DataType::float32);
  graph.add_layer({.name = "a", .inputs = {in}},
                  {{.name = "out", .type = {DataType::float32, {1}}}});
  CHECK_THROWS_WITH_AS(run(graph, whole(graph), {{in, ops::floats({1})}}),
                       "layer 'a' comes from a table and has no math", std::invalid_argument);
}

}  // namespace offcut::exec::segment_test
