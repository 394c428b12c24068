// MobileNetV3-Large, width 1.0: Howard et al., "Searching for MobileNetV3", ICCV 2019, table 1,
// with padding that is the same on both sides and squeezed widths that are multiples of 8, as in
// torchvision. 216.6 M multiply-accumulates, 5.47 M parameters.

#include <fmt/format.h>

#include "models/zoo/blocks/inverted_residual.h"
#include "models/zoo/network.h"

namespace offcut::zoo {
namespace {

constexpr Activation kRelu = {"relu", &NetworkBuilder::relu};
constexpr Activation kSwish = {"hardswish", &NetworkBuilder::hard_swish};
constexpr Activation kMobilenetV3Gate = {"hardsigmoid", &NetworkBuilder::hard_sigmoid};

/// Adds the rows of the paper's table. The squeezed width is a quarter of the expanded one,
/// rounded.
TensorId bottlenecks(NetworkBuilder& net, TensorId x) {
  struct Row {
    Activation activation;
    InvertedResidual block;
  };
  const std::vector<Row> rows = {
      {kRelu, {.expanded = 16, .squeezed = 0, .filters = 16, .kernel = 3, .stride = 1}},
      {kRelu, {.expanded = 64, .squeezed = 0, .filters = 24, .kernel = 3, .stride = 2}},
      {kRelu, {.expanded = 72, .squeezed = 0, .filters = 24, .kernel = 3, .stride = 1}},
      {kRelu, {.expanded = 72, .squeezed = 24, .filters = 40, .kernel = 5, .stride = 2}},
      {kRelu, {.expanded = 120, .squeezed = 32, .filters = 40, .kernel = 5, .stride = 1}},
      {kRelu, {.expanded = 120, .squeezed = 32, .filters = 40, .kernel = 5, .stride = 1}},
      {kSwish, {.expanded = 240, .squeezed = 0, .filters = 80, .kernel = 3, .stride = 2}},
      {kSwish, {.expanded = 200, .squeezed = 0, .filters = 80, .kernel = 3, .stride = 1}},
      {kSwish, {.expanded = 184, .squeezed = 0, .filters = 80, .kernel = 3, .stride = 1}},
      {kSwish, {.expanded = 184, .squeezed = 0, .filters = 80, .kernel = 3, .stride = 1}},
      {kSwish, {.expanded = 480, .squeezed = 120, .filters = 112, .kernel = 3, .stride = 1}},
      {kSwish, {.expanded = 672, .squeezed = 168, .filters = 112, .kernel = 3, .stride = 1}},
      {kSwish, {.expanded = 672, .squeezed = 168, .filters = 160, .kernel = 5, .stride = 2}},
      {kSwish, {.expanded = 960, .squeezed = 240, .filters = 160, .kernel = 5, .stride = 1}},
      {kSwish, {.expanded = 960, .squeezed = 240, .filters = 160, .kernel = 5, .stride = 1}}};
  std::int64_t channels = 16;
  int number = 1;
  for (const Row& row : rows) {
    const InvertedResiduals blocks = {.net = net,
                                      .activation = row.activation,
                                      .gain = 1,
                                      .sum_gain = 0.5,
                                      .excite = {.activation = kRelu, .gate = kMobilenetV3Gate}};
    x = blocks.block(fmt::format("block{}", number++), x, channels, row.block);
    channels = row.block.filters;
  }
  return x;
}

Graph build_mobilenet_v3_large(const Registry<ops::Operator>& operators, std::uint64_t seed) {
  Graph graph("mobilenet-v3-large");
  NetworkBuilder net(graph, operators, seed);
  TensorId x = net.image(3, 224, 224);
  x = net.conv("conv1", x, {.filters = 16, .kernel = 3, .stride = 2, .pad = 1});
  x = kSwish(net, "conv1", x);
  x = bottlenecks(net, x);
  x = net.conv("conv17", x, {.filters = 960, .kernel = 1});
  x = kSwish(net, "conv17", x);
  x = net.global_average_pool("pool18", x);
  x = net.flatten("flatten", x);
  x = net.dense("fc19", x, 1280);
  x = kSwish(net, "fc19", x);
  x = net.dense("fc20", x, 1000);
  x = net.softmax("prob", x);
  graph.add_output(x);
  return graph;
}

}  // namespace

void register_mobilenet_v3_large(Registry<Network>& registry) {
  registry.add({.name = "mobilenet-v3-large",
                .doc = "MobileNetV3-Large 1.0, 3x224x224 to 1000 classes: 15 inverted residual "
                       "blocks, 8 of them with squeeze and excitation, 5.5 M weights",
                .source = "Howard et al., ICCV 2019, table 1",
                .build = build_mobilenet_v3_large});
}

}  // namespace offcut::zoo
