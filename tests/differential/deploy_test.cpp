// Exports the parts of a split network as `offcut split` does, reads them back and runs them one
// after the other. The result equals that of the whole network, bit for bit. (tests/onnxruntime
// does the same with another runtime.)

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "models/graph/cuts.h"
#include "models/graph/subgraph.h"
#include "models/onnx/export.h"
#include "models/onnx/import.h"
#include "partition/cut_list.h"
#include "sim/runtime/split_pass.h"
#include "tests/models/exec/compare.h"
#include "tests/models/zoo/built.h"
#include "tests/paths.h"

namespace offcut::differential::deploy_test {
namespace {

using Named = std::map<std::string, Tensor>;

/// Runs a graph on tensors by name and adds its outputs to them.
void run_part(const Graph& part, Named& tensors) {
  exec::TensorMap inputs;
  for (const TensorId id : part.inputs()) {
    inputs[id] = tensors.at(part.tensor(id).name);
  }
  for (auto& [id, tensor] : exec::run(part, exec::whole(part), std::move(inputs))) {
    tensors[part.tensor(id).name] = tensor;
  }
}

/// Returns the largest error of all outputs when each tier's part passes through an ONNX file.
double error_of_parts(const Graph& graph, const partition::Placement& placement,
                      const exec::TensorMap& inputs, const exec::TensorMap& expected,
                      const Registry<ops::Operator>& operators) {
  Named tensors;
  for (const auto& [id, tensor] : inputs) {
    tensors[graph.tensor(id).name] = tensor;
  }
  for (const std::vector<LayerId>& layers : placement.layers()) {
    const std::string bytes = onnx::export_onnx_bytes(subgraph(graph, layers, "part"));
    run_part(onnx::import_onnx_bytes(bytes, "part.onnx", operators), tensors);
  }
  double error = 0;
  for (const auto& [id, tensor] : expected) {
    error = std::max(error, exec::error_of(tensors.at(graph.tensor(id).name), tensor));
  }
  return error;
}

/// Checks every legal cut whose number is a multiple of `stride`.
void check_cuts(const Graph& graph, const Registry<ops::Operator>& operators, int stride) {
  CAPTURE(graph.name());
  const exec::TensorMap inputs = exec::random_inputs(graph, exec::whole(graph));
  const exec::TensorMap expected = exec::run(graph, exec::whole(graph), inputs);
  int number = 0;
  int tried = 0;
  for_each_cut(graph, [&](const Cut& cut) {
    if (number++ % stride != 0) {
      return true;
    }
    partition::Placement placement{.tiers = {"device", "cloud"}};
    for (const bool in_head : cut.in_head) {
      placement.tier_of.push_back(in_head ? 0 : 1);
    }
    const auto in_head = std::count(cut.in_head.begin(), cut.in_head.end(), true);
    if (in_head > 0 && in_head < static_cast<std::ptrdiff_t>(graph.layer_count())) {
      CAPTURE(number);
      CHECK(error_of_parts(graph, placement, inputs, expected, operators) == 0);
      ++tried;
    }
    return tried < 100;
  });
  CHECK(tried > 1);
}

}  // namespace

TEST_CASE("deploy: small networks, at every legal cut") {
  const zoo::Zoo zoo;
  for (const char* name : {"lenet5", "lenet-s4", "mlp-s1", "mlp-s3", "branchy-lenet5"}) {
    check_cuts(zoo.build(name), zoo.operators, 1);
  }
  check_cuts(onnx::import_onnx(source_path("models/data/digits/digits_cnn.onnx"), zoo.operators),
             zoo.operators, 1);
}

TEST_CASE("deploy: networks with parallel branches, at a few cuts") {
  const zoo::Zoo zoo;
  check_cuts(zoo.build("resnet18"), zoo.operators, 20);
  const Graph squeezenet = zoo.build("squeezenet");
  const exec::TensorMap inputs = exec::random_inputs(squeezenet, exec::whole(squeezenet));
  const exec::TensorMap expected = exec::run(squeezenet, exec::whole(squeezenet), inputs);
  std::vector<Diagnostic> diagnostics;
  // Layer 20 is inside a branch, and layer 40 is two fire modules later: three tiers.
  const partition::Placement placement = partition::cut_after(
      squeezenet, {squeezenet.layer(20).name, squeezenet.layer(40).name}, {"--cut"}, diagnostics);
  REQUIRE(diagnostics.empty());
  CHECK(placement.tiers.size() == 3);
  CHECK(error_of_parts(squeezenet, placement, inputs, expected, zoo.operators) == 0);
}

TEST_CASE("split pass: the engines agree, times are measured, and a missing input is named") {
  const zoo::Zoo zoo;
  const Graph graph = zoo.build("branchy-lenet5");
  const exec::TensorMap inputs = exec::random_inputs(graph, exec::whole(graph));
  const exec::TensorMap expected = exec::run(graph, exec::whole(graph), inputs);
  std::vector<Diagnostic> diagnostics;
  const partition::Placement placement =
      partition::cut_after(graph, {graph.layer(5).name}, {"--cut"}, diagnostics);
  runtime::SplitPass reference(graph, placement.tier_of, exec::MathEngine::reference);
  runtime::SplitPass fast(graph, placement.tier_of, exec::MathEngine::fast);
  CHECK(exec::same_bits(reference.run(inputs), expected));
  CHECK(exec::error_of(fast.run(inputs), expected) <= 1e-5);
  REQUIRE(fast.times().size() == 2);
  CHECK(fast.times()[0] > Seconds(0));
  const std::string missing =
      fmt::format("tensor '{}' is missing", graph.tensor(graph.inputs().front()).name);
  CHECK_THROWS_WITH_AS(reference.run({}), missing.c_str(), std::invalid_argument);
  CHECK_THROWS_WITH_AS(fast.run({}), missing.c_str(), std::invalid_argument);
}

}  // namespace offcut::differential::deploy_test
