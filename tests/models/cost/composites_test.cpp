#include "models/cost/composites.h"

#include <doctest/doctest.h>

#include "models/cost/kernel_work.h"
#include "tests/models/exec/net.h"

namespace offcut::cost::composites_test {
namespace {

constexpr Runtime kFramework{
    .name = {}, .fuses = Fusion::nothing, .merges_composites = true, .invocation = {}, .issue = {}};

/// Four tokens of eight numbers, in two heads.
struct Blocks : exec::Net {
  zoo::Transformer transformer{
      .net = build, .tokens = 4, .width = 8, .heads = 2, .epsilon = 1e-5F, .residual_gain = 1};
  TensorId x = values("x", {1, 4, 8});
};

KernelWork kernel_named(const Graph& graph, const Runtime& runtime, const char* layer) {
  return kernels_of(graph, runtime).at(graph.find_layer(layer).value());
}

std::size_t group_size(const Graph& graph, const char* last) {
  for (const Composite& group : composites_of(graph)) {
    if (graph.layer(group.layers.back()).name == last) {
      return group.layers.size();
    }
  }
  return 0;
}

}  // namespace

TEST_CASE("composites: layer normalization of nine layers is one kernel") {
  Blocks net;
  net.graph.add_output(net.build.layer("Abs", "end", {net.transformer.layer_norm("norm", net.x)}));
  CHECK(group_size(net.graph, "norm") == 9);
  const KernelWork norm = kernel_named(net.graph, kFramework, "norm");
  CHECK(norm.layer.kind == LayerKind::normalization);
  CHECK(!norm.is_fused);
  // 32 floats come in and 32 leave. Scale and bias are 8 floats each; the power and epsilon are one
  // float each.
  CHECK(norm.layer.activation_bytes == 2 * 32 * 4);
  CHECK(norm.layer.parameter_bytes == (8 + 8 + 1 + 1) * 4);
  CHECK(kernel_named(net.graph, kFramework, "norm_centred").is_fused);
  CHECK(!kernel_named(net.graph, {}, "norm_centred").is_fused);  // Unless the runtime merges them.
}

TEST_CASE("composites: attention is one kernel with the arithmetic of both products") {
  Blocks net;
  const TensorId y = net.transformer.attention("self", net.x, net.x, net.x);
  net.graph.add_output(net.build.layer("Abs", "end", {y}));
  const auto found = composites_of(net.graph);
  REQUIRE(found.size() == 1);
  CHECK(found[0].kind == LayerKind::dense);
  CHECK(found[0].layers.size() == 4);  // Product, scale, softmax, product.
  const LayerId last = found[0].layers.back();
  const KernelWork kernel = kernels_of(net.graph, kFramework).at(last);
  // Two heads: 4 x 4 scores of 4 terms each, then 4 x 4 results of 4 terms each.
  CHECK(kernel.layer.macs == 2 * (4 * 4 * 4 + 4 * 4 * 4));
  CHECK(kernel.depth == 4 + 4);
  CHECK(kernel.layer.activation_bytes == 4 * 32 * 4);  // Queries, keys, values and results.
  std::size_t transposes = 0;
  for (const KernelWork& each : kernels_of(net.graph, kFramework)) {
    transposes += each.layer.kind == LayerKind::data_movement && !each.is_fused ? 1U : 0U;
  }
  CHECK(transposes == 0);
}

TEST_CASE("composites: GELU is one kernel, which a fusing runtime adds to the product before") {
  Blocks net;
  const TensorId hidden = net.build.linear("up", net.x, 16);
  net.graph.add_output(net.build.linear("down", net.transformer.gelu("gelu", hidden), 8));
  CHECK(group_size(net.graph, "gelu") == 5);
  CHECK(group_size(net.graph, "up") == 2);  // Product and bias.
  CHECK(!kernel_named(net.graph, kFramework, "gelu").is_fused);
  Runtime fusing = kFramework;
  fusing.fuses = Fusion::activations;
  CHECK(kernel_named(net.graph, fusing, "gelu").is_fused);
  CHECK(!kernel_named(net.graph, fusing, "up").is_fused);
}

TEST_CASE("composites: GELU's form with tanh stays a kernel for each layer") {
  Blocks net;
  zoo::NetworkBuilder& build = net.build;
  const TensorId cube = build.layer("Pow", "cube", {net.x, build.number("three", 3)});
  const TensorId part = build.mul("part", cube, build.number("factor", 0.044715F));
  const TensorId inner =
      build.mul("inner", build.add("sum", net.x, part), build.number("root", 0.79788456F));
  const TensorId plus = build.add("plus", build.tanh("tanh", inner), build.number("one", 1));
  const TensorId half = build.mul("half", net.x, build.number("half.factor", 0.5F));
  net.graph.add_output(build.mul("gelu", half, plus));
  CHECK(composites_of(net.graph).empty());
  for (const KernelWork& each : kernels_of(net.graph, kFramework)) {
    CHECK(!each.is_fused);
  }
}

TEST_CASE("composites: what somebody else reads is not hidden in a kernel") {
  Blocks net;
  const TensorId y = net.transformer.gelu("gelu", net.x);
  net.graph.add_output(y);
  net.graph.add_output(net.build.layer("Abs", "end", {*net.graph.find_tensor("gelu_plus")}));
  CHECK(composites_of(net.graph).empty());
}

}  // namespace offcut::cost::composites_test
