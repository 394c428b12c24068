#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "models/exec/prepared.h"
#include "models/onnx/export.h"
#include "tests/models/onnx/model.h"

// Nodes of ONNX Runtime's own domain, and tensors of 16 bits, from the file to the file.

namespace offcut::onnx::contributed_test {
namespace {

OnnxModel microsoft_model(const std::string& op, const OnnxModel::Names& inputs) {
  OnnxModel model;
  auto& imported = *model.proto.add_opset_import();
  imported.set_domain("com.microsoft");
  imported.set_version(1);
  model.input("x", {1, 4}).output("y", {1, 4});
  model.node(op, inputs, {"y"}, "it").set_domain("com.microsoft");
  return model;
}

::onnx::ModelProto exported(const Graph& graph) {
  ::onnx::ModelProto proto;
  REQUIRE(proto.ParseFromString(export_onnx_bytes(graph)));
  return proto;
}

Tensor row(const std::vector<float>& values) {
  return Tensor({1, 4}, std::span<const float>(values));
}

}  // namespace

TEST_CASE("contributed: an operator of ONNX Runtime keeps its domain in files") {
  const Graph graph = microsoft_model("Gelu", {"x"}).import();
  CHECK(graph.layer(0).op_name == "com.microsoft.Gelu");
  const ::onnx::ModelProto written = exported(graph);
  CHECK(written.graph().node(0).op_type() == "Gelu");
  CHECK(written.graph().node(0).domain() == "com.microsoft");
  REQUIRE(written.opset_import_size() == 2);
  CHECK(written.opset_import(1).domain() == "com.microsoft");
  CHECK(written.opset_import(1).version() == 1);
  CHECK(microsoft_model("NoSuch", {"x"})
            .refusal()
            .starts_with("operator 'com.microsoft.NoSuch' is not supported (1 layer, named 'it')"));
}

TEST_CASE("contributed: fused convolutions become standard layers") {
  OnnxModel model;
  model.input("x", {1, 1, 2, 2}).input("sum", {1, 1, 2, 2}).output("y", {1, 1, 2, 2});
  model.floats("w", {1, 1, 1, 1}, {2});
  ::onnx::NodeProto& node = model.node("FusedConv", {"x", "w", "", "sum"}, {"y"}, "conv");
  node.set_domain("com.microsoft");
  OnnxModel::attribute(node, "activation", ::onnx::AttributeProto::STRING).set_s("LeakyRelu");
  OnnxModel::attribute(node, "activation_params", ::onnx::AttributeProto::FLOATS).add_floats(0.5F);
  const Graph graph = model.import();
  REQUIRE(graph.layer_count() == 3);
  CHECK(graph.layer(0).op_name == "Conv");
  CHECK(graph.layer(0).name == "conv");
  CHECK(graph.layer(1).op_name == "Add");
  CHECK(graph.layer(2).op_name == "LeakyRelu");
  const auto tensor = [](const std::vector<float>& values) {
    return Tensor({1, 1, 2, 2}, std::span<const float>(values));
  };
  const exec::Segment all = exec::whole(graph);
  const exec::TensorMap inputs = {{*graph.find_tensor("x"), tensor({1, -1, 2, -2})},
                                  {*graph.find_tensor("sum"), tensor({1, 1, -6, 0})}};
  const Tensor y = exec::run(graph, all, inputs).at(graph.outputs().front());
  // 2 x + sum: 3, -1, -2, -4; halved below 0.
  const std::vector<float> expected = {3, -0.5F, -1, -2};
  CHECK(std::equal(expected.begin(), expected.end(), y.values<float>().begin()));
}

TEST_CASE("contributed: fused products become standard layers") {
  OnnxModel gemm = microsoft_model("FusedGemm", {"x", "w"});
  gemm.floats("w", {4, 4}, std::vector<float>(16, 1));
  OnnxModel::attribute(*gemm.graph().mutable_node(0), "activation", ::onnx::AttributeProto::STRING)
      .set_s("Relu");
  const Graph dense = gemm.import();
  REQUIRE(dense.layer_count() == 2);
  CHECK(dense.layer(0).op_name == "Gemm");
  CHECK(dense.layer(1).op_name == "Relu");
  OnnxModel product = microsoft_model("FusedMatMul", {"x", "w"});
  product.floats("w", {4, 4}, std::vector<float>(16, 1));
  CHECK(product.import().layer(0).op_name == "MatMul");
  OnnxModel::attribute(*product.graph().mutable_node(0), "alpha", ::onnx::AttributeProto::FLOAT)
      .set_f(2);
  CHECK(product.import().layer(0).op_name == "com.microsoft.FusedMatMul");
}

TEST_CASE("16 bits: a network keeps its types in files, and both engines compute it") {
  for (const auto type : {::onnx::TensorProto::FLOAT16, ::onnx::TensorProto::BFLOAT16}) {
    OnnxModel model;
    model.input("x", {1, 4}, type).output("y", {1, 4}, type);
    ::onnx::TensorProto& weights = model.floats("w", {4, 4}, {});
    weights.set_data_type(type);
    // 1 and -1 on the diagonal: 3c00 and bc00 in float16, 3f80 and bf80 in bfloat16.
    const bool half = type == ::onnx::TensorProto::FLOAT16;
    for (int i = 0; i < 16; ++i) {
      weights.add_int32_data(i % 5 != 0 ? 0 : (half ? 0x3c00 : 0x3f80) | (i == 5 ? 0x8000 : 0));
    }
    model.node("MatMul", {"x", "w"}, {"h"}, "product");
    model.node("Relu", {"h"}, {"y"}, "act");
    const Graph graph = model.import();
    const DataType ours = half ? DataType::float16 : DataType::bfloat16;
    CHECK(graph.tensor(*graph.find_tensor("h")).type.type == ours);
    CHECK(graph.layer(0).work.parameter_bytes == 32);
    const ::onnx::ModelProto written = exported(graph);
    CHECK(written.graph().initializer(0).data_type() == type);
    CHECK(written.graph().initializer(0).raw_data().size() == 32);
    CHECK(written.graph().input(0).type().tensor_type().elem_type() == type);
    // 1 is 3c00 or 3f80, 2 is 4000 in both.
    Tensor x(TensorType{ours, {1, 4}});
    const std::array<unsigned, 4> bits = {half ? 0x3c00U : 0x3f80U, 0x4000U, 0xc000U, 0x4000U};
    for (std::size_t i = 0; i < bits.size(); ++i) {
      const auto word = static_cast<std::uint16_t>(bits.at(i));
      std::memcpy(x.bytes().data() + 2 * i, &word, 2);
    }
    const exec::TensorMap inputs = {{graph.inputs().front(), x}};
    const exec::Segment all = exec::whole(graph);
    const Tensor y = exec::run(graph, all, inputs).at(graph.outputs().front());
    const Tensor fast = exec::prepare(graph, all).run(inputs).at(graph.outputs().front());
    const std::array<unsigned, 4> expected = {bits[0], 0, 0, 0x4000U};
    for (const Tensor& made : {y, fast}) {
      REQUIRE(made.type() == TensorType{ours, {1, 4}});
      for (std::size_t i = 0; i < expected.size(); ++i) {
        std::uint16_t word = 0;
        std::memcpy(&word, made.bytes().data() + 2 * i, 2);
        CHECK((word & 0x7fffU) == expected.at(i));  // The sign of a zero may differ.
      }
    }
  }
}

TEST_CASE("16 bits: weights behind a Cast are computed in float32") {
  OnnxModel model;
  model.input("x", {1, 4}).output("y", {1, 4});
  ::onnx::TensorProto& weights = model.floats("w", {4, 4}, {});
  weights.set_data_type(::onnx::TensorProto::FLOAT16);
  for (int i = 0; i < 16; ++i) {
    weights.add_int32_data(0x3800);  // 0.5
  }
  ::onnx::NodeProto& cast = model.node("Cast", {"w"}, {"f"}, "widen");
  OnnxModel::attribute(cast, "to", ::onnx::AttributeProto::INT).set_i(1);
  model.node("MatMul", {"x", "f"}, {"y"}, "product");
  const Graph graph = model.import();
  REQUIRE(graph.layer_count() == 1);
  const Tensor y =
      exec::run(graph, exec::whole(graph), {{graph.inputs().front(), row({1, 2, 3, 4})}})
          .at(graph.outputs().front());
  CHECK(y.values<float>()[0] == 5);
}

}  // namespace offcut::onnx::contributed_test
