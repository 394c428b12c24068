#include "models/onnx/export.h"

#include <doctest/doctest.h>

#include <array>

#include "models/zoo/blocks/transformer.h"
#include "tests/models/exec/compare.h"
#include "tests/models/onnx/model.h"
#include "tests/models/zoo/built.h"
#include "tests/paths.h"
#include "tests/temporary_folder.h"

namespace offcut::onnx::export_test {
namespace {

/// Compares attributes, except for the values of tensors.
bool same_attributes(const Attributes& a, const Attributes& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) {
    const bool tensors = std::holds_alternative<Tensor>(x.second);
    return x.first == y.first && x.second.index() == y.second.index() &&
           (tensors || std::visit(
                           [&](const auto& value) {
                             using Value = std::decay_t<decltype(value)>;
                             if constexpr (std::is_same_v<Value, Tensor>) {
                               return true;
                             } else {
                               return value == std::get<Value>(y.second);
                             }
                           },
                           x.second));
  });
}

void check_same_tensor(const TensorNode& a, const TensorNode& b) {
  CHECK(a.name == b.name);
  CHECK(a.type == b.type);
  CHECK(a.is_parameter() == b.is_parameter());
}

void check_same_graph(const Graph& a, const Graph& b) {
  REQUIRE(a.layer_count() == b.layer_count());
  for (LayerId id = 0; id < a.layer_count(); ++id) {
    const Layer& x = a.layer(id);
    const Layer& y = b.layer(id);
    CAPTURE(x.name);
    CHECK(x.name == y.name);
    CHECK(x.op_name == y.op_name);
    CHECK(x.opset == y.opset);
    CHECK(same_attributes(x.attributes, y.attributes));
    REQUIRE(x.inputs.size() == y.inputs.size());
    for (std::size_t i = 0; i < x.inputs.size(); ++i) {
      REQUIRE((x.inputs[i] == kAbsent) == (y.inputs[i] == kAbsent));
      if (x.inputs[i] != kAbsent) {
        check_same_tensor(a.tensor(x.inputs[i]), b.tensor(y.inputs[i]));
      }
    }
    REQUIRE(x.outputs.size() == y.outputs.size());
    for (std::size_t i = 0; i < x.outputs.size(); ++i) {
      check_same_tensor(a.tensor(x.outputs[i]), b.tensor(y.outputs[i]));
    }
  }
  REQUIRE(a.outputs().size() == b.outputs().size());
  CHECK(a.tensor(a.outputs().front()).name == b.tensor(b.outputs().front()).name);
}

Tensor output_of(const Graph& graph) {
  const exec::Segment all = exec::whole(graph);
  exec::TensorMap inputs;
  for (const TensorId id : all.enters) {
    // Names seed the inputs, because ids differ between the graphs.
    inputs[id] = random_input(graph, id, random_stream(1, graph.tensor(id).name));
  }
  return exec::run(graph, all, inputs).at(graph.outputs().front());
}

/// Checks that the exported and imported graph is the same and gives the same bits.
void check_round_trip(const Graph& graph) {
  CAPTURE(graph.name());
  const Graph again = import_onnx_bytes(export_onnx_bytes(graph), "again.onnx", all_operators());
  check_same_graph(graph, again);
  const Tensor expected = output_of(graph);
  CHECK(exec::same_bits({{0, output_of(again)}}, {{0, expected}}));
}

}  // namespace

TEST_CASE("export: networks of the zoo are read back unchanged and give the same bits" *
          doctest::test_suite("slow")) {
  const zoo::Zoo zoo;
  for (const std::string name : {"lenet5", "lenet-s4", "mlp-s3", "seeds-cnn", "alexnet", "resnet18",
                                 "mobilenet-v1", "mobilenet-v3-large", "yolov3-tiny"}) {
    check_round_trip(zoo.build(name));
  }
}

TEST_CASE("export: ids, a boolean mask, several outputs and one table for two layers") {
  const zoo::Zoo zoo;
  Graph graph("tokens");
  zoo::NetworkBuilder net(graph, zoo.operators, 1);
  const zoo::Transformer blocks = {
      .net = net, .tokens = 4, .width = 6, .heads = 2, .epsilon = 1e-5F, .residual_gain = 1};
  const TensorId x = net.embedding("word", net.tokens("ids", 4), 9, 6);
  const Tensor visible({1, 1, 1, 4}, std::span<const bool>(std::array{true, true, false, true}));
  const TensorId mask = graph.add_parameter(
      "mask", visible.type(), std::make_shared<Parameter>([value = visible] { return value; }));
  const auto masked = [&](const std::string& name, TensorId scores) {
    return net.layer("Where", name, {mask, scores, net.number(name + ".least", -9)});
  };
  const TensorId y = blocks.layer_norm("norm", blocks.self_attention("layer", x, masked));
  Attributes axis;
  axis.set("axis", std::int64_t{2});
  const auto parts =
      net.layers("Split", "parts", {y, net.integers("parts.sizes", {2}, {2, 4})}, axis, 2);
  graph.add_output(parts[1]);
  graph.add_output(parts[0]);
  const TensorId table = graph.find_tensor("word.weight").value();
  Attributes transposed;
  transposed.set("transB", std::int64_t{1});
  graph.add_output(
      net.layer("Gemm", "logits", {net.reshape("rows", y, {-1, 6}), table}, transposed));
  check_round_trip(graph);
}

TEST_CASE("export: a model from a file keeps its operator set") {
  check_round_trip(import_onnx(source_path("models/data/digits/digits_cnn.onnx"), all_operators()));
}

TEST_CASE("export: an omitted optional input, and attributes of every kind") {
  OnnxModel model(11);
  model.input("x", {1, 2, 4, 4}).output("y", {1, 2, 4, 4});
  model.floats("high", {}, {1});
  model.node("Clip", {"x", "", "high"}, {"clipped"}, "clip");
  auto& norm = model.node("LRN", {"clipped"}, {"y"}, "norm");
  OnnxModel::attribute(norm, "size", ::onnx::AttributeProto::INT).set_i(3);
  OnnxModel::attribute(norm, "alpha", ::onnx::AttributeProto::FLOAT).set_f(0.5F);
  check_round_trip(model.import());
}

TEST_CASE("export: the file has its versions, its name and its inputs") {
  const zoo::Zoo zoo;
  ::onnx::ModelProto model;
  REQUIRE(model.ParseFromString(export_onnx_bytes(zoo.build("lenet5"))));
  CHECK(model.ir_version() == 8);
  CHECK(model.opset_import(0).version() == 14);
  CHECK(model.graph().name() == "lenet5");
  CHECK(model.graph().input_size() == 1);
  CHECK(model.graph().node_size() == static_cast<int>(zoo.build("lenet5").layer_count()));
}

TEST_CASE("export: weights in a separate file, which replaces the one they are read from") {
  const zoo::Zoo zoo;
  const TemporaryFolder folder;
  const std::string path = (folder.path() / "net.onnx").string();
  const Graph graph = zoo.build("lenet5");
  export_onnx(graph, path, {.external_data = true});
  const Graph again = import_onnx(path, all_operators());
  check_same_graph(graph, again);
  CHECK(std::filesystem::file_size(path) < 10'000);
  export_onnx(again, path, {.external_data = true});
  CHECK(exec::same_bits({{0, output_of(import_onnx(path, all_operators()))}},
                        {{0, output_of(graph)}}));
  CHECK(contents(folder.path()).size() == 2);
}

TEST_CASE("export: weights above the limit go into a data file, and others do not") {
  const zoo::Zoo zoo;
  const Graph graph = zoo.build("lenet5");
  std::int64_t weights = 0;
  for (TensorId id = 0; id < graph.tensor_count(); ++id) {
    weights += graph.tensor(id).is_parameter() ? graph.tensor(id).type.bytes() : 0;
  }
  for (const bool above : {false, true}) {
    CAPTURE(above);
    const ExportOptions options{.most_bytes = above ? weights - 1 : weights};
    CHECK(has_data_file(graph, options) == above);
    const TemporaryFolder folder;
    const std::string path = (folder.path() / "net.onnx").string();
    export_onnx(graph, path, options);
    CHECK(std::filesystem::exists(data_file_of(path)) == above);
    // Both files can be moved together.
    const std::filesystem::path other = folder.path() / "other";
    std::filesystem::create_directories(other);
    for (const auto& [name, bytes] : contents(folder.path())) {
      if (name != "other") {
        std::filesystem::rename(folder.path() / name, other / name);
      }
    }
    const Graph again = import_onnx((other / "net.onnx").string(), all_operators());
    check_same_graph(graph, again);
    CHECK(exec::same_bits({{0, output_of(again)}}, {{0, output_of(graph)}}));
  }
}

TEST_CASE("export: files that can't be written, and graphs without math") {
  const zoo::Zoo zoo;
  CHECK(diagnostics_of([&] { export_onnx(zoo.build("mlp-s1"), "/no/such/folder/m.onnx"); }) ==
        "cannot be written");
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder.path() / "m.onnx.data");
  CHECK(diagnostics_of([&] {
          export_onnx(zoo.build("mlp-s1"), (folder.path() / "m.onnx").string(),
                      {.external_data = true});
        }) == "cannot be written");
  CHECK(contents(folder.path()).size() == 1);
  Graph table("table");
  const TensorId x = table.add_input("x", {DataType::float32, {1}}, DataType::float32);
  table.add_layer({.name = "row", .inputs = {x}}, {});
  CHECK_THROWS_WITH_AS(export_onnx_bytes(table), "layer 'row' comes from a table and has no math",
                       std::invalid_argument);
}

}  // namespace offcut::onnx::export_test
