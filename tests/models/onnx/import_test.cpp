#include "models/onnx/import.h"

#include <doctest/doctest.h>

#include "models/exec/segment.h"
#include "tests/models/onnx/model.h"

namespace offcut {
namespace {

/// One Relu, from x to y.
OnnxModel relu(const OnnxModel::Dims& dims) {
  OnnxModel model;
  model.input("x", dims).output("y", dims);
  model.node("Relu", {"x"}, {"y"}, "act");
  return model;
}

}  // namespace

TEST_CASE("import: a layer, its tensors and its types") {
  const Graph graph = relu({2, 5}).import();
  CHECK(graph.name() == "m");
  REQUIRE(graph.layer_count() == 1);
  CHECK(graph.layer(0).name == "act");
  CHECK(graph.layer(0).op_name == "Relu");
  CHECK(graph.layer(0).opset == 13);
  CHECK(graph.tensor(*graph.find_tensor("x")).type == TensorType{DataType::float32, {2, 5}});
  CHECK(graph.outputs() == std::vector{*graph.find_tensor("y")});
}

}  // namespace offcut
