#include "models/onnx/second_opinion.h"

#include <doctest/doctest.h>

#include <array>

#include "models/exec/segment.h"
#include "tests/models/onnx/model.h"

namespace offcut::onnx::second_opinion_test {
namespace {

/// Returns the import's error if Relu infers its types with `infer`.
std::string refusal_with(std::vector<TensorType> (*infer)(const ops::Call&),
                         const OnnxModel& model) {
  ops::Operator relu = *all_operators().find("Relu");
  relu.infer = infer;
  Registry<ops::Operator> operators;
  operators.add(relu);
  return diagnostics_of(
      [&] { import_onnx_bytes(model.proto.SerializeAsString(), "m.onnx", operators); });
}

std::vector<TensorType> one_more(const ops::Call& call) {
  TensorType type = call.inputs[0];
  ++type.shape.back();
  return {type};
}

std::vector<TensorType> doubles(const ops::Call& call) {
  return {{DataType::float64, call.inputs[0].shape}};
}

}  // namespace

TEST_CASE("second opinion: types that differ from ONNX's are refused") {
  CHECK(refusal_with(one_more, relu({"N", 4})) ==
        "layer 'act' (Relu): offcut infers float32 1x5 for 'y', but ONNX's shape inference float32 "
        "1x4");
  CHECK(refusal_with(doubles, relu({"N", 4})) ==
        "layer 'act' (Relu): offcut infers float64 1x4 for 'y', but ONNX's shape inference float32 "
        "1x4");
}

TEST_CASE("second opinion: an output must have the element type that the file declares, if any") {
  // The extents of one example, as exporters declare them.
  for (const OnnxModel::Dims& declared : {OnnxModel::Dims{"N", 5}, OnnxModel::Dims{3}}) {
    OnnxModel model;
    model.input("x", {"N", 4}).output("y", declared);
    model.node("Relu", {"x"}, {"y"}, "act");
    const Graph graph = model.import({.bind = {{"N", 2}}});
    CHECK(graph.tensor(graph.outputs()[0]).type.shape == Shape{2, 4});
  }
  OnnxModel type;
  type.input("x", {"N", 4}).output("y", {{}, 4}, ::onnx::TensorProto::INT64);
  type.node("Relu", {"x"}, {"y"}, "act");
  CHECK(type.refusal() ==
        "the output 'y' is declared as int64 ?x4, but its layers make float32 1x4");
  OnnxModel shapeless = relu({2});
  shapeless.graph().mutable_output(0)->mutable_type()->mutable_tensor_type()->clear_shape();
  CHECK(shapeless.import().layer_count() == 1);
}

TEST_CASE("second opinion: LayerNormalization in files of older opsets is that of opset 17") {
  for (const int opset : {7, 12, 17}) {
    CAPTURE(opset);
    OnnxModel model(opset);
    model.input("x", {1, 2}).output("y", {1, 2});
    model.floats("scale", {2}, {1, 2});
    model.floats("shift", {2}, {0, 5});
    model.node("LayerNormalization", {"x", "scale", "shift"}, {"y"}, "norm");
    const Graph graph = model.import();
    const std::array<float, 2> values = {-3, 3};
    const Tensor x({1, 2}, std::span<const float>(values));
    const auto made = exec::run(graph, exec::whole(graph), {{graph.inputs()[0], x}});
    const auto y = made.at(graph.outputs()[0]).values<float>();
    CHECK(y[0] == doctest::Approx(-1));
    CHECK(y[1] == doctest::Approx(7));
  }
}

TEST_CASE("second opinion: errors of ONNX's checker have one line with the layer's name") {
  OnnxModel unknown = relu({2});
  OnnxModel::attribute(*unknown.graph().mutable_node(0), "slope", ::onnx::AttributeProto::FLOAT)
      .set_f(1);
  CHECK(unknown.refusal() == "layer 'act' (Relu): Unrecognized attribute: slope for operator Relu");
  OnnxModel wrong_type;
  wrong_type.input("x", {2, 2}).output("y", {2, 2});
  OnnxModel::attribute(wrong_type.node("Softmax", {"x"}, {"y"}, "soft"), "axis",
                       ::onnx::AttributeProto::FLOAT)
      .set_f(1);
  CHECK(wrong_type.refusal() ==
        "layer 'soft' (Softmax): Mismatched attribute type in 'soft : axis'");
  OnnxModel few;
  few.input("x", {2}).output("y", {2});
  few.node("Add", {"x"}, {"y"}, "sum");
  CHECK(few.refusal() == "layer 'sum' (Add): has input size 1 not in range [min=2, max=2].");
}

TEST_CASE("second opinion: errors of an operator have the layer's name") {
  OnnxModel model;
  model.input("x", {2, 3}).output("y", {2, 2});
  model.node("MatMul", {"x", "x"}, {"y"}, "product");
  CHECK(model.refusal().starts_with("layer 'product' (MatMul): "));
}

TEST_CASE("second opinion: an invalid layer on constants is refused, too") {
  OnnxModel model;
  model.input("x", {2}).output("y", {2});
  model.floats("a", {3}, {1, 2, 3});
  model.floats("b", {2}, {1, 2});
  model.node("Add", {"a", "b"}, {"sum"}, "folded");
  model.node("Add", {"x", "sum"}, {"y"}, "add");
  CHECK(model.refusal().starts_with("layer 'folded' (Add): "));
}

}  // namespace offcut::onnx::second_opinion_test
