#include "models/zoo/network.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "tests/models/zoo/built.h"

namespace offcut::zoo::network_test {
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

/// Returns the first parameter that is drawn.
TensorId first_weights(const Graph& graph) {
  for (const TensorId id : parameters(graph)) {
    if (graph.tensor(id).name.ends_with(".weight")) {
      return id;
    }
  }
  throw std::invalid_argument(graph.name() + " has no weights");
}

/// Returns whether a network has several outputs: early exits, BERT's pooled output, YOLO's two
/// resolutions.
bool has_several_outputs(const std::string& name) {
  return name.starts_with("branchy-") || name == "bert-base" || name == "yolov3-tiny";
}

bool same_values(const Graph& a, const Graph& b, TensorId parameter) {
  const auto x = a.tensor(parameter).parameter->value().values<float>();
  const auto y = b.tensor(parameter).parameter->value().values<float>();
  return std::equal(x.begin(), x.end(), y.begin(), y.end());
}

}  // namespace

TEST_CASE("zoo: every network builds, without loose ends") {
  const Zoo zoo;
  CHECK(zoo.networks.size() >= 28);
  for (const auto& [name, network] : zoo.networks) {
    CAPTURE(name);
    CHECK(!network.doc.empty());
    CHECK(!network.source.empty());
    const Graph graph = network.build(zoo.operators, 1);
    CHECK(graph.name() == name);
    for (const TensorId input : graph.inputs()) {
      CHECK(graph.tensor(input).type.shape.front() == 1);
      CHECK_FALSE(graph.tensor(input).consumers.empty());
    }
    const std::set<TensorId> outputs(graph.outputs().begin(), graph.outputs().end());
    CHECK((outputs.size() > 1) == has_several_outputs(name));
    std::set<std::string> names;
    for (LayerId id = 0; id < graph.layer_count(); ++id) {
      const Layer& layer = graph.layer(id);
      CAPTURE(layer.name);
      CHECK(names.insert(layer.name).second);
      CHECK(layer.op != nullptr);
      for (const TensorId output : layer.outputs) {
        const bool read = !graph.tensor(output).consumers.empty();
        CHECK((read || outputs.contains(output)));
      }
    }
  }
}

TEST_CASE("zoo: building makes no weights") {
  const Zoo zoo;
  for (const auto& [name, network] : zoo.networks) {
    CAPTURE(name);
    const Graph graph = network.build(zoo.operators, 1);
    for (const TensorId id : parameters(graph)) {
      // Type inference needs other parameters.
      const bool weights = graph.tensor(id).name.ends_with(".weight");
      CHECK_FALSE((weights && graph.tensor(id).parameter->made()));
    }
  }
}

TEST_CASE("zoo: the first layer's weights depend on the seed and on nothing else" *
          doctest::test_suite("slow")) {
  const Zoo zoo;
  for (const auto& [name, network] : zoo.networks) {
    CAPTURE(name);
    const Graph graph = network.build(zoo.operators, 7);
    const Graph again = network.build(zoo.operators, 7);
    const Graph other = network.build(zoo.operators, 8);
    const TensorId first = first_weights(graph);
    CHECK(same_values(graph, again, first));
    CHECK_FALSE(same_values(graph, other, first));
  }
}

TEST_CASE("zoo: all weights of a small network are the same in any order of drawing") {
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

TEST_CASE(
    "zoo: images are bytes on the wire and float32 in the math, features are float32, tokens "
    "int64") {
  const Zoo zoo;
  for (const auto& [name, network] : zoo.networks) {
    CAPTURE(name);
    const Graph graph = network.build(zoo.operators, 1);
    for (const TensorId input : graph.inputs()) {
      const std::string& name_of_input = graph.tensor(input).name;
      CAPTURE(name_of_input);
      const bool numbers = name_of_input == "image" || name_of_input == "features";
      CHECK(graph.tensor(input).type.type == (numbers ? DataType::float32 : DataType::int64));
      CHECK(graph.wire_type(input) ==
            (name_of_input == "image" ? DataType::uint8 : graph.tensor(input).type.type));
    }
  }
}

}  // namespace offcut::zoo::network_test
