#include "models/zoo/network.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "tests/models/zoo/built.h"

namespace offcut {
namespace {

std::vector<TensorId> parameters(const Graph& graph) {
  std::vector<TensorId> found;
  for (TensorId id = 0; id < graph.tensor_count(); ++id) {
    if (graph.tensor(id).is_parameter()) {
      found.push_back(id);
    }
  }
  return found;
}

bool same_values(const Graph& a, const Graph& b, TensorId parameter) {
  const auto x = a.tensor(parameter).parameter->value().values<float>();
  const auto y = b.tensor(parameter).parameter->value().values<float>();
  return std::equal(x.begin(), x.end(), y.begin(), y.end());
}

}  // namespace

TEST_CASE("zoo: every network builds, with one input and no loose ends") {
  const Zoo zoo;
  CHECK(zoo.networks.size() >= 22);
  for (const auto& [name, network] : zoo.networks) {
    CAPTURE(name);
    CHECK(!network.doc.empty());
    CHECK(!network.source.empty());
    const Graph graph = network.build(zoo.operators, 1);
    CHECK(graph.name() == name);
    CHECK(graph.inputs().size() == 1);
    const std::set<TensorId> outputs(graph.outputs().begin(), graph.outputs().end());
    const bool has_exits = name.starts_with("branchy-");
    CHECK((outputs.size() > 1) == has_exits);
    CHECK(graph.tensor(graph.inputs().front()).type.shape.front() == 1);
    std::set<std::string> names;
    for (LayerId id = 0; id < graph.layer_count(); ++id) {
      const Layer& layer = graph.layer(id);
      CAPTURE(layer.name);
      CHECK(names.insert(layer.name).second);
      CHECK(layer.op != nullptr);
      CHECK(layer.outputs.size() == 1);
      const bool last = outputs.contains(layer.outputs.front());
      CHECK(graph.tensor(layer.outputs.front()).consumers.empty() == last);
    }
  }
}

TEST_CASE("zoo: building makes no weights") {
  const Zoo zoo;
  for (const auto& [name, network] : zoo.networks) {
    CAPTURE(name);
    const Graph graph = network.build(zoo.operators, 1);
    for (const TensorId id : parameters(graph)) {
      const bool shape = graph.tensor(id).type.type == DataType::int64;  // types depend on it
      CHECK(graph.tensor(id).parameter->made() == shape);
    }
  }
}

TEST_CASE("zoo: the first layer's weights depend on the seed and on nothing else") {
  const Zoo zoo;
  for (const auto& [name, network] : zoo.networks) {
    CAPTURE(name);
    const Graph graph = network.build(zoo.operators, 7);
    const Graph again = network.build(zoo.operators, 7);
    const Graph other = network.build(zoo.operators, 8);
    const TensorId first = parameters(graph).front();
    CHECK(same_values(graph, again, first));
    CHECK_FALSE(same_values(graph, other, first));
  }
}

TEST_CASE(
    "zoo: all weights of a small network come back, whatever the order they are asked for in") {
  const Zoo zoo;
  for (const std::string name : {"lenet5", "lenet-s4", "seeds-cnn", "mlp-s1", "mlp-s3"}) {
    CAPTURE(name);
    const Graph graph = zoo.build(name, 7);
    const Graph again = zoo.build(name, 7);
    std::vector<TensorId> all = parameters(graph);
    for (auto id = all.rbegin(); id != all.rend(); ++id) {
      again.tensor(*id).parameter->value();
    }
    for (const TensorId id : all) {
      CHECK(same_values(graph, again, id));
    }
  }
}

TEST_CASE("zoo: images are bytes on the wire and float32 in the math, features are float32") {
  const Zoo zoo;
  for (const auto& [name, network] : zoo.networks) {
    CAPTURE(name);
    const Graph graph = network.build(zoo.operators, 1);
    const TensorId input = graph.inputs().front();
    const bool image = graph.tensor(input).name == "image";
    CHECK(graph.tensor(input).type.type == DataType::float32);
    CHECK(graph.wire_type(input) == (image ? DataType::uint8 : DataType::float32));
  }
}

}  // namespace offcut
