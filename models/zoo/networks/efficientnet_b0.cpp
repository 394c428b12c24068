// EfficientNet-B0: Tan, Le, "EfficientNet: rethinking model scaling for convolutional neural
// networks", ICML 2019, table 1, with padding that is the same on both sides, as in torchvision.
// 386 M multiply-accumulates, 5.27 M parameters.

#include "models/zoo/blocks/inverted_residual.h"
#include "models/zoo/network.h"

namespace offcut::zoo {
namespace {

constexpr Activation kSilu = {"silu", &NetworkBuilder::silu};
constexpr Activation kEfficientnetGate = {"sigmoid", &NetworkBuilder::sigmoid};

Graph build_efficientnet_b0(const Registry<ops::Operator>& operators, std::uint64_t seed) {
  Graph graph("efficientnet-b0");
  NetworkBuilder net(graph, operators, seed);
  TensorId x = net.image(3, 224, 224);
  x = net.conv("conv1", x, {.filters = 32, .kernel = 3, .stride = 2, .pad = 1});
  x = kSilu(net, "conv1", x);
  const InvertedResiduals bottlenecks = {
      .net = net,
      .activation = kSilu,
      .gain = 2,  // Compensates gates of about a half.
      .sum_gain = 0.4,
      .excite = {.share = 4, .activation = kSilu, .gate = kEfficientnetGate}};
  x = bottlenecks(x, 32,
                  {{.expansion = 1, .filters = 16, .blocks = 1, .stride = 1, .kernel = 3},
                   {.expansion = 6, .filters = 24, .blocks = 2, .stride = 2, .kernel = 3},
                   {.expansion = 6, .filters = 40, .blocks = 2, .stride = 2, .kernel = 5},
                   {.expansion = 6, .filters = 80, .blocks = 3, .stride = 2, .kernel = 3},
                   {.expansion = 6, .filters = 112, .blocks = 3, .stride = 1, .kernel = 5},
                   {.expansion = 6, .filters = 192, .blocks = 4, .stride = 2, .kernel = 5},
                   {.expansion = 6, .filters = 320, .blocks = 1, .stride = 1, .kernel = 3}});
  x = net.conv("conv9", x, {.filters = 1280, .kernel = 1});
  x = kSilu(net, "conv9", x);
  x = net.global_average_pool("pool9", x);
  x = net.flatten("flatten", x);
  x = net.dense("fc", x, 1000);
  x = net.softmax("prob", x);
  graph.add_output(x);
  return graph;
}

}  // namespace

void register_efficientnet_b0(Registry<Network>& registry) {
  registry.add({.name = "efficientnet-b0",
                .doc = "EfficientNet-B0, 3x224x224 to 1000 classes: 16 inverted residual blocks "
                       "with squeeze and excitation, 5.3 M weights",
                .source = "Tan, Le, ICML 2019, table 1",
                .build = build_efficientnet_b0});
}

}  // namespace offcut::zoo
