// The large case of S4, the last of the five articles that this project started from, meant to be
// spread over devices: five convolutions of 512 filters and three fully connected layers of 1024
// units. The article gives no more. Assumed here: 3x32x32 images, 3x3 convolutions that keep the
// extents, ReLU, 2x2 maximum pooling where AlexNet pools (after the first, second and fifth
// convolution: 32, 16, 8, 4), and the last layer's 1024 units as the classes. 1,082 M
// multiply-accumulates, 19.9 M parameters.

#include <fmt/format.h>

#include "models/zoo/builder.h"
#include "models/zoo/network.h"

namespace offcut::zoo {
namespace {

Graph build_conv5_fc3(const Registry<ops::Operator>& operators, std::uint64_t seed) {
  Graph graph("conv5-fc3");
  NetworkBuilder net(graph, operators, seed);
  TensorId x = net.image(3, 32, 32);
  for (int i = 1; i <= 5; ++i) {
    x = net.conv(fmt::format("conv{}", i), x, {.filters = 512, .kernel = 3, .pad = 1});
    x = net.relu(fmt::format("relu{}", i), x);
    if (i == 1 || i == 2 || i == 5) {
      x = net.max_pool(fmt::format("pool{}", i), x, {.kernel = 2, .stride = 2});
    }
  }
  x = net.flatten("flatten", x);
  x = net.dense("fc6", x, 1024);
  x = net.relu("relu6", x);
  x = net.dense("fc7", x, 1024);
  x = net.relu("relu7", x);
  x = net.dense("fc8", x, 1024);
  x = net.softmax("prob", x);
  graph.add_output(x);
  return graph;
}

}  // namespace

void register_conv5_fc3(Registry<Network>& registry) {
  registry.add(
      {.name = "conv5-fc3",
       .doc = "five convolutions of 512 filters, three dense layers of 1024, 3x32x32 to "
              "1024 classes, 19.9 M weights",
       .source = "article S4, its large case; input, kernels, pooling and classes are assumed",
       .build = build_conv5_fc3});
}

}  // namespace offcut::zoo
