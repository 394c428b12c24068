// Graphs of opsets that ONNX 1.12 does not know, and of those before opset 7. Expected values are
// computed by hand from ONNX's text.

#include "models/onnx/opset.h"

#include <doctest/doctest.h>

#include "models/exec/segment.h"
#include "tests/models/onnx/model.h"

namespace offcut::onnx::opset_test {
namespace {

using ::onnx::AttributeProto;

void set_text(::onnx::NodeProto& node, const std::string& name, const std::string& value) {
  OnnxModel::attribute(node, name, AttributeProto::STRING).set_s(value);
}
void set_number(::onnx::NodeProto& node, const std::string& name, std::int64_t value) {
  OnnxModel::attribute(node, name, AttributeProto::INT).set_i(value);
}
void set_numbers(::onnx::NodeProto& node, const std::string& name,
                 const std::vector<std::int64_t>& values) {
  OnnxModel::attribute(node, name, AttributeProto::INTS)
      .mutable_ints()
      ->Add(values.begin(), values.end());
}

std::vector<float> output_of(const Graph& graph, const std::vector<float>& x,
                             std::size_t which = 0) {
  const TensorId input = graph.inputs().front();
  const Tensor given(graph.tensor(input).type.shape, std::span(x));
  const exec::TensorMap made = exec::run(graph, exec::whole(graph), {{input, given}});
  const auto values = made.at(graph.outputs().at(which)).values<float>();
  return {values.begin(), values.end()};
}

}  // namespace

TEST_CASE("opset 18: axes of reductions, parts of a split and axes of a pad") {
  OnnxModel mean(18);
  mean.input("x", {2, 3}).output("y", {2, 1});
  mean.integers("axes", {-1});
  mean.node("ReduceMean", {"x", "axes"}, {"y"});
  CHECK(output_of(mean.import(), {1, 2, 6, 0, 3, 3}) == std::vector<float>{3, 2});

  OnnxModel split(18);
  split.input("x", {5}).output("a", {3}).output("b", {2});
  set_number(split.node("Split", {"x"}, {"a", "b"}), "num_outputs", 2);
  CHECK(output_of(split.import(), {1, 2, 3, 4, 5}) == std::vector<float>{1, 2, 3});
  CHECK(output_of(split.import(), {1, 2, 3, 4, 5}, 1) == std::vector<float>{4, 5});

  OnnxModel pad(18);
  pad.input("x", {2, 2}).output("y", {2, 4});
  pad.integers("pads", {1, 1});
  pad.integers("axes", {1});
  pad.node("Pad", {"x", "pads", "", "axes"}, {"y"});
  CHECK(output_of(pad.import(), {1, 2, 3, 4}) == std::vector<float>{0, 1, 2, 0, 0, 3, 4, 0});
}

TEST_CASE("opset 18: folding knows the new forms") {
  OnnxModel model(18);  // The shape of the output is computed from that of the input.
  model.input("x", {"N", 2, 3}).output("y", {"N", 6});
  model.integers("from", {1});
  model.integers("to", {3});
  model.integers("axes", {0});
  model.integers("batch", {-1});
  model.node("Shape", {"x"}, {"shape"});
  model.node("Slice", {"shape", "from", "to"}, {"inner"});
  set_number(model.node("ReduceProd", {"inner", "axes"}, {"count"}), "keepdims", 1);
  set_number(model.node("Concat", {"batch", "count"}, {"target"}), "axis", 0);
  model.node("Reshape", {"x", "target"}, {"y"});
  const Graph graph = model.import();
  CHECK(graph.layer_count() == 1);
  CHECK(graph.tensor(graph.outputs()[0]).type.shape == Shape{1, 6});
}

TEST_CASE("newer opsets: ONNX's checker reports unknown attributes and missing inputs") {
  OnnxModel model = relu({2}, 20);
  ::onnx::NodeProto& node = *model.graph().mutable_node(0);
  node.set_op_type("Gelu");
  set_text(node, "approximation", "tanh");
  CHECK(model.refusal() ==
        "layer 'act' (Gelu): Unrecognized attribute: approximation for operator Gelu");
  OnnxModel gelu = relu({2}, 20);
  gelu.graph().mutable_node(0)->set_op_type("Gelu");
  CHECK(output_of(gelu.import(), {0, 1})[1] == doctest::Approx(0.8413447F));
  gelu.proto.mutable_opset_import(0)->set_version(19);
  CHECK(gelu.refusal().find("Gelu") != std::string::npos);  // It came with opset 20.
}

TEST_CASE("opsets 1 to 6: operands lie at the axis that the node names") {
  OnnxModel model(6);
  model.input("x", {1, 2, 2}).output("y", {1, 2, 2});
  model.floats("b", {2}, {10, 20});
  ::onnx::NodeProto& node = model.node("Add", {"x", "b"}, {"y"}, "sum");
  set_number(node, "broadcast", 1);
  set_number(node, "axis", 1);
  CHECK(output_of(model.import(), {1, 2, 3, 4}) == std::vector<float>{11, 12, 23, 24});
  node.mutable_attribute(1)->set_i(-1);  // The last axis.
  CHECK(output_of(model.import(), {1, 2, 3, 4}) == std::vector<float>{11, 22, 13, 24});
}

TEST_CASE("opsets 1 to 6: shapes and types as attributes, and flags of training") {
  OnnxModel reshape(1);
  reshape.input("x", {2, 3}).output("y", {3, 2});
  ::onnx::NodeProto& node = reshape.node("Reshape", {"x"}, {"y"});
  set_numbers(node, "shape", {3, -1});
  set_numbers(node, "consumed_inputs", {0});
  CHECK(output_of(reshape.import(), {1, 2, 3, 4, 5, 6}) == std::vector<float>{1, 2, 3, 4, 5, 6});

  OnnxModel concat(1);
  concat.input("x", {1, 1, 2}).output("y", {1, 2, 2});
  concat.node("Concat", {"x", "x"}, {"y"});  // Along the channels.
  CHECK(output_of(concat.import(), {1, 2}) == std::vector<float>{1, 2, 1, 2});

  OnnxModel norm(6);
  norm.input("x", {1, 1, 2}).output("y", {1, 1, 2});
  for (const char* name : {"scale", "bias", "mean"}) {
    norm.floats(name, {1}, {2});
  }
  norm.floats("variance", {1}, {4});
  ::onnx::NodeProto& layer =
      norm.node("BatchNormalization", {"x", "scale", "bias", "mean", "variance"}, {"y"}, "bn");
  OnnxModel::attribute(layer, "epsilon", AttributeProto::FLOAT).set_f(0);
  CHECK(norm.refusal() ==
        "layer 'bn' (BatchNormalization): is in training mode (attribute "
        "'is_test' is 0)");
  set_number(layer, "is_test", 1);
  CHECK(output_of(norm.import(), {2, 4}) == std::vector<float>{2, 4});

  OnnxModel slope(6);
  slope.input("x", {1, 2, 2}).output("y", {1, 2, 2});
  slope.floats("s", {2}, {0.5F, 0.25F});
  slope.node("PRelu", {"x", "s"}, {"y"});
  CHECK(output_of(slope.import(), {-4, 1, -4, 2}) == std::vector<float>{-2, 1, -1, 2});
}

TEST_CASE("import: outputs that are constants") {
  OnnxModel model;
  model.input("x", {2}).output("y", {2}).output("w", {2}).output("c", {2});
  model.floats("w", {2}, {3, 4});
  model.constant("c", {2}, {5, 6});
  model.node("Add", {"x", "w"}, {"y"});
  const Graph graph = model.import();
  CHECK(output_of(graph, {1, 2}) == std::vector<float>{4, 6});
  CHECK(output_of(graph, {1, 2}, 1) == std::vector<float>{3, 4});
  CHECK(output_of(graph, {1, 2}, 2) == std::vector<float>{5, 6});
}

TEST_CASE("import: a layer whose shape alone is used is dropped") {
  OnnxModel model;
  model.input("x", {2, 3}).output("y", {6});
  model.node("Relu", {"x"}, {"dead"}, "dead");
  model.node("Size", {"dead"}, {"size"});
  model.integers("axes", {0});
  model.node("Unsqueeze", {"size", "axes"}, {"target"});
  model.node("Reshape", {"x", "target"}, {"y"}, "flat");
  const Graph graph = model.import();
  CHECK(graph.layer_count() == 1);
  CHECK(graph.layer(0).name == "flat");
  CHECK_FALSE(graph.find_tensor("dead"));
}

}  // namespace offcut::onnx::opset_test
