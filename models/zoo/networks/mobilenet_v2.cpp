// MobileNetV2, width 1.0: Sandler, Howard, Zhu, Zhmoginov, Chen, "MobileNetV2: inverted residuals
// and linear bottlenecks", CVPR 2018, table 2. 300.8 M multiply-accumulates, 3.49 M parameters.

#include "models/zoo/blocks/inverted_residual.h"
#include "models/zoo/network.h"

namespace offcut::zoo {
namespace {

constexpr Activation kRelu6 = {"relu6", &NetworkBuilder::relu6};

Graph build_mobilenet_v2(const Registry<ops::Operator>& operators, std::uint64_t seed,
                         std::int64_t size) {
  Graph graph("mobilenet-v2");
  NetworkBuilder net(graph, operators, seed);
  TensorId x = net.image(3, size, size);
  x = net.conv("conv1", x, {.filters = 32, .kernel = 3, .stride = 2, .pad = 1});
  x = kRelu6(net, "conv1", x);
  const InvertedResiduals bottlenecks = {
      .net = net, .activation = kRelu6, .gain = 0.5, .sum_gain = 0.5};
  x = bottlenecks(x, 32,
                  {{.expansion = 1, .filters = 16, .blocks = 1, .stride = 1, .kernel = 3},
                   {.expansion = 6, .filters = 24, .blocks = 2, .stride = 2, .kernel = 3},
                   {.expansion = 6, .filters = 32, .blocks = 3, .stride = 2, .kernel = 3},
                   {.expansion = 6, .filters = 64, .blocks = 4, .stride = 2, .kernel = 3},
                   {.expansion = 6, .filters = 96, .blocks = 3, .stride = 1, .kernel = 3},
                   {.expansion = 6, .filters = 160, .blocks = 3, .stride = 2, .kernel = 3},
                   {.expansion = 6, .filters = 320, .blocks = 1, .stride = 1, .kernel = 3}});
  x = net.conv("conv9", x, {.filters = 1280, .kernel = 1});
  x = kRelu6(net, "conv9", x);
  x = net.global_average_pool("pool9", x);
  x = net.flatten("flatten", x);
  x = net.dense("fc", x, 1000);
  x = net.softmax("prob", x);
  graph.add_output(x);
  return graph;
}

}  // namespace

void register_mobilenet_v2(Registry<Network>& registry) {
  registry.add(
      {.name = "mobilenet-v2",
       .doc = "MobileNetV2 1.0, 3x224x224 to 1000 classes: 17 inverted residual blocks, "
              "3.5 M weights",
       .source = "Sandler et al., CVPR 2018, table 2",
       .build = [](const auto& operators,
                   std::uint64_t seed) { return build_mobilenet_v2(operators, seed, 224); },
       .open =
           OpenDimension{.name = "size", .usual = 224, .least = 32, .most = 4096, .multiple = 1},
       .build_for = build_mobilenet_v2});
}

}  // namespace offcut::zoo
