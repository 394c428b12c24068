// MobileNetV1, width 1.0: Howard et al., "MobileNets: efficient convolutional neural networks for
// mobile vision applications", arXiv 1704.04861, 2017, table 1. The paper's last stride of 2 (from
// 7x7 to 7x7) is a slip; it is 1 here, as in every implementation. 568.7 M multiply-accumulates,
// 4.22 M parameters.

#include <array>

#include "models/zoo/builder.h"
#include "models/zoo/network.h"

namespace offcut::zoo {
namespace {

/// A 3x3 convolution of each channel by itself, then a 1x1 convolution across them.
struct Separable {
  const char* name;
  std::int64_t filters;
  std::int64_t stride;
};

constexpr std::array<Separable, 13> kBody = {{
    {"2_1", 64, 1},
    {"2_2", 128, 2},
    {"3_1", 128, 1},
    {"3_2", 256, 2},
    {"4_1", 256, 1},
    {"4_2", 512, 2},
    {"5_1", 512, 1},
    {"5_2", 512, 1},
    {"5_3", 512, 1},
    {"5_4", 512, 1},
    {"5_5", 512, 1},
    {"5_6", 1024, 2},
    {"6", 1024, 1},
}};

Graph build_mobilenet_v1(const Registry<ops::Operator>& operators, std::uint64_t seed,
                         std::int64_t size) {
  Graph graph("mobilenet-v1");
  NetworkBuilder net(graph, operators, seed);
  TensorId x = net.image(3, size, size);
  std::int64_t channels = 32;
  x = net.conv("conv1", x, {.filters = channels, .kernel = 3, .stride = 2, .pad = 1});
  x = net.relu("relu1", x);
  for (const Separable& layer : kBody) {
    const std::string name = layer.name;
    x = net.conv(
        "conv" + name + "_dw", x,
        {.filters = channels, .kernel = 3, .stride = layer.stride, .pad = 1, .groups = channels});
    x = net.relu("relu" + name + "_dw", x);
    x = net.conv("conv" + name + "_sep", x, {.filters = layer.filters, .kernel = 1});
    x = net.relu("relu" + name + "_sep", x);
    channels = layer.filters;
  }
  x = net.global_average_pool("pool6", x);
  x = net.flatten("flatten", x);
  x = net.dense("fc7", x, 1000);
  x = net.softmax("prob", x);
  graph.add_output(x);
  return graph;
}

}  // namespace

void register_mobilenet_v1(Registry<Network>& registry) {
  registry.add(
      {.name = "mobilenet-v1",
       .doc = "MobileNetV1 1.0, 3x224x224 to 1000 classes: 13 depthwise separable "
              "convolutions, 4.2 M weights",
       .source = "Howard et al., arXiv 1704.04861, 2017, table 1",
       .build = [](const auto& operators,
                   std::uint64_t seed) { return build_mobilenet_v1(operators, seed, 224); },
       .open =
           OpenDimension{.name = "size", .usual = 224, .least = 32, .most = 4096, .multiple = 1},
       .build_for = build_mobilenet_v1});
}

}  // namespace offcut::zoo
