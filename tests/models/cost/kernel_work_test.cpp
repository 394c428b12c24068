#include "models/cost/kernel_work.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <optional>
#include <set>

#include "models/base/random.h"
#include "tests/models/exec/net.h"

namespace offcut::cost::kernel_work_test {
namespace {

KernelWork kernel(const exec::Net& net, const char* layer) {
  return kernels_of(net.graph).at(net.graph.find_layer(layer).value());
}

}  // namespace

TEST_CASE("kernels: elementwise layers after a convolution are fused into it") {
  exec::Net net;
  TensorId x = net.build.image(8, 10, 10);
  x = net.build.relu("before", x);
  x = net.build.conv("conv", x, {.filters = 8, .kernel = 3, .pad = 1});
  x = net.build.silu("silu", net.batch_norm("norm", x));
  x = net.build.max_pool("pool", x, {.kernel = 2, .stride = 2});
  x = net.build.relu("after", x);
  net.graph.add_output(
      net.build.softmax("prob", net.build.dense("fc", net.build.flatten("f", x), 4)));
  for (const char* fused : {"norm", "silu_sigmoid", "silu"}) {
    CAPTURE(fused);
    CHECK(kernel(net, fused).is_fused);
  }
  for (const char* own : {"before", "conv", "pool", "after", "fc", "prob"}) {
    CAPTURE(own);
    CHECK(!kernel(net, own).is_fused);
  }
  CHECK(kernel(net, "conv").layer.macs == net.graph.layer(*net.graph.find_layer("conv")).work.macs);
}

TEST_CASE("kernels: the sum of two branches is a kernel, and so is the layer after it") {
  exec::Net net;
  const TensorId x = net.build.image(4, 6, 6);
  const TensorId a = net.build.conv("a", x, {.filters = 4, .kernel = 1});
  const TensorId b = net.build.conv("b", x, {.filters = 4, .kernel = 1});
  const TensorId c = net.build.relu("c", b);
  net.graph.add_output(net.build.relu("last", net.build.add("sum", a, c)));
  CHECK(kernel(net, "c").is_fused);
  CHECK(!kernel(net, "sum").is_fused);
  CHECK(!kernel(net, "last").is_fused);
}

TEST_CASE("kernels: 3x3 convolutions have stride 1 and are not depthwise") {
  exec::Net net;
  TensorId x = net.build.image(4, 12, 12);
  x = net.build.conv("plain", x, {.filters = 8, .kernel = 3, .pad = 1});
  x = net.build.conv("groups", x, {.filters = 8, .kernel = 3, .pad = 1, .groups = 2});
  x = net.build.conv("strided", x, {.filters = 8, .kernel = 3, .stride = 2, .pad = 1});
  x = net.build.conv("depthwise", x, {.filters = 8, .kernel = 3, .pad = 1, .groups = 8});
  net.graph.add_output(net.build.conv("wide", x, {.filters = 8, .kernel = 5, .pad = 2}));
  CHECK(kernel(net, "plain").is_3x3);
  CHECK(kernel(net, "groups").is_3x3);
  CHECK(!kernel(net, "strided").is_3x3);
  CHECK(!kernel(net, "depthwise").is_3x3);
  CHECK(!kernel(net, "wide").is_3x3);
}

TEST_CASE("kernels: a runtime that fuses nothing has a kernel for each layer") {
  exec::Net net;
  TensorId x = net.build.conv("conv", net.build.image(3, 8, 8), {.filters = 4, .kernel = 3});
  x = net.build.relu("relu", net.batch_norm("norm", x));
  net.graph.add_output(x);
  Runtime framework;
  framework.fuses = Fusion::nothing;
  const std::vector<KernelWork> kernels = kernels_of(net.graph, framework);
  REQUIRE(kernels.size() == 3);
  for (const KernelWork& each : kernels) {
    CHECK(!each.is_fused);
  }
  CHECK(kernels[1].is_batch_norm);
  CHECK(!kernels[2].is_batch_norm);
}

TEST_CASE("kernels: the bias of a convolution is a kernel of its own if nothing is fused") {
  exec::Net net;
  TensorId x = net.build.image(3, 8, 8);
  x = net.build.conv("biased", x, {.filters = 4, .kernel = 3});
  x = net.build.conv("plain", x, {.filters = 4, .kernel = 1, .bias = false});
  x = net.build.conv("depthwise", x, {.filters = 4, .kernel = 3, .groups = 4});
  net.graph.add_output(net.build.dense("fc", net.build.flatten("flat", x), 7));
  const auto bias_bytes = [&](Fusion fuses, const char* layer) {
    Runtime runtime;
    runtime.fuses = fuses;
    return kernels_of(net.graph, runtime).at(net.graph.find_layer(layer).value()).bias_bytes;
  };
  // It reads and writes the output, four channels of 6x6 and of 4x4 floats.
  CHECK(bias_bytes(Fusion::nothing, "biased") == 2 * 4 * 36 * 4);
  CHECK(bias_bytes(Fusion::nothing, "depthwise") == 2 * 4 * 16 * 4);
  CHECK(bias_bytes(Fusion::nothing, "plain") == 0);
  CHECK(bias_bytes(Fusion::nothing, "fc") == 0);
  CHECK(bias_bytes(Fusion::biases, "biased") == 0);
  CHECK(bias_bytes(Fusion::activations, "biased") == 0);
}

TEST_CASE("kernels: the extents of convolutions and products") {
  exec::Net net;
  TensorId x = net.build.image(6, 10, 8);
  x = net.build.conv("wide", x, {.filters = 8, .kernel = 3, .stride = 2, .pad = 1});
  x = net.build.conv("point", x, {.filters = 16, .kernel = 1});
  x = net.build.conv("groups", x, {.filters = 8, .kernel = 3, .pad = 1, .groups = 2});
  net.graph.add_output(net.build.dense("fc", net.build.flatten("flat", x), 7));
  const KernelWork wide = kernel(net, "wide");  // 6 channels, 3x3 places; outputs of 5x4.
  CHECK(wide.depth == 6 * 9);
  CHECK(wide.columns == 8);
  CHECK(wide.places == 5 * 4);
  CHECK(!wide.is_1x1);
  CHECK(kernel(net, "point").is_1x1);
  CHECK(kernel(net, "point").depth == 8);
  CHECK(kernel(net, "groups").depth == 16 / 2 * 9);
  CHECK(kernel(net, "groups").is_grouped);
  CHECK(kernel(net, "fc").rows == 1);
  CHECK(!kernel(net, "point").is_grouped);
  CHECK(kernel(net, "fc").depth == 8 * 5 * 4);
  CHECK(kernel(net, "fc").columns == 7);
  CHECK(kernel(net, "flat").depth == 0);
}

TEST_CASE("kernels: Gather reads the rows that it returns, not its whole table") {
  exec::Net net;
  const TensorId words = net.build.tokens("words", 5);
  net.graph.add_output(net.build.embedding("rows", words, 1000, 12));
  CHECK(net.graph.layer(*net.graph.find_layer("rows")).work.parameter_bytes == 1000 * 12 * 4);
  CHECK(kernel(net, "rows").layer.parameter_bytes == 5 * 12 * 4);
}

namespace {

constexpr LayerKind kKinds[] = {LayerKind::convolution,   LayerKind::depthwise_convolution,
                                LayerKind::dense,         LayerKind::pooling,
                                LayerKind::elementwise,   LayerKind::normalization,
                                LayerKind::data_movement, LayerKind::view};

/// Returns a graph of layers without operators that read one or two recent tensors, and perhaps a
/// parameter.
Graph random_kinds(RandomStream& random) {
  Graph graph("kinds");
  const TensorType type{DataType::float32, {4}};
  std::vector<TensorId> tensors = {graph.add_input("in", type, DataType::float32)};
  const TensorId weights =
      graph.add_parameter("weights", type, std::make_shared<Parameter>([] { return Tensor(); }));
  for (int i = 0; i < 8; ++i) {
    Layer layer{.name = fmt::format("l{}", i)};
    layer.work.kind = random() % 2 == 0 ? LayerKind::elementwise : kKinds[random() % 8];
    if (layer.work.kind == LayerKind::normalization && random() % 2 == 0) {
      layer.op_name = "BatchNormalization";
    }
    for (std::size_t reads = 1 + random() % 2; reads > 0; --reads) {
      layer.inputs.push_back(
          tensors[tensors.size() - 1 - random() % std::min<std::size_t>(2, tensors.size())]);
    }
    layer.inputs.push_back(random() % 2 == 0 ? weights : kAbsent);
    const std::string name = layer.name;
    const LayerId id = graph.add_layer(std::move(layer), {{.name = name, .type = type}});
    tensors.push_back(graph.layer(id).outputs.front());
  }
  return graph;
}

/// Returns the convolution or product whose kernel computes the layer; none if it is computed by
/// another kernel or by one of its own.
std::optional<LayerId> host_of(const Graph& graph, LayerId id) {
  const Layer& layer = graph.layer(id);
  const LayerKind kind = layer.work.kind;
  if (kind == LayerKind::convolution || kind == LayerKind::depthwise_convolution ||
      kind == LayerKind::dense) {
    return id;
  }
  if (kind != LayerKind::elementwise && layer.op_name != "BatchNormalization") {
    return std::nullopt;
  }
  std::set<std::optional<LayerId>> hosts;
  for (const TensorId input : layer.inputs) {
    if (input != kAbsent && !graph.tensor(input).is_parameter()) {
      const auto producer = graph.tensor(input).producer;
      hosts.insert(producer ? host_of(graph, *producer) : std::nullopt);
    }
  }
  return hosts.size() == 1 ? *hosts.begin() : std::nullopt;
}

}  // namespace

TEST_CASE("kernels: in random graphs, layers are fused into the one kernel that they depend on") {
  std::size_t fused = 0;
  for (std::uint64_t i = 0; i < 500; ++i) {
    CAPTURE(i);
    RandomStream random = random_stream(931, "kinds", i);
    const Graph graph = random_kinds(random);
    const std::vector<KernelWork> kernels = kernels_of(graph);
    REQUIRE(kernels.size() == graph.layer_count());
    for (LayerId id = 0; id < kernels.size(); ++id) {
      CAPTURE(id);
      const auto host = host_of(graph, id);
      CHECK(kernels[id].is_fused == (host && *host != id));
      CHECK(!kernels[id].is_3x3);
      CHECK(kernels[id].layer.kind == graph.layer(id).work.kind);
      fused += kernels[id].is_fused ? 1U : 0U;
    }
  }
  CHECK(fused > 200);
}

TEST_CASE("kernels: only windows of 3x3 with strides and dilations of 1") {
  const auto is_3x3 = [](const Shape& weights, const std::vector<std::int64_t>& strides,
                         const std::vector<std::int64_t>& dilations) {
    Graph graph("conv");
    const TensorId in = graph.add_input("in", {DataType::float32, {1, 4, 9, 9}}, DataType::float32);
    const TensorId filters =
        graph.add_parameter("filters", {DataType::float32, weights},
                            std::make_shared<Parameter>([] { return Tensor(); }));
    Layer layer{.name = "conv", .op_name = "Conv", .inputs = {in, filters}};
    layer.work.kind = LayerKind::convolution;
    if (!strides.empty()) {
      layer.attributes.set("strides", strides);
    }
    if (!dilations.empty()) {
      layer.attributes.set("dilations", dilations);
    }
    graph.add_layer(std::move(layer), {{.name = "out", .type = {DataType::float32, {1}}}});
    return kernels_of(graph).front().is_3x3;
  };
  CHECK(is_3x3({8, 4, 3, 3}, {}, {}));
  CHECK(is_3x3({8, 4, 3, 3}, {1, 1}, {1, 1}));
  CHECK(!is_3x3({8, 4, 3, 1}, {}, {}));
  CHECK(!is_3x3({8, 4, 1, 3}, {}, {}));
  CHECK(!is_3x3({8, 4, 3}, {}, {}));
  CHECK(!is_3x3({3, 3, 5, 5}, {}, {}));
  CHECK(!is_3x3({8, 4, 3, 3}, {1, 2}, {}));
  CHECK(!is_3x3({8, 4, 3, 3}, {2, 1}, {}));
  CHECK(!is_3x3({8, 4, 3, 3}, {}, {1, 2}));
  CHECK(!is_3x3({8, 4, 3, 3, 3}, {}, {}));
}

}  // namespace offcut::cost::kernel_work_test
