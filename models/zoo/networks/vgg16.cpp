// VGG16: Simonyan, Zisserman, "Very deep convolutional networks for large-scale image recognition",
// ICLR 2015, configuration D. 15,470 M multiply-accumulates, 138.4 M parameters.

#include <fmt/format.h>

#include "models/zoo/builder.h"
#include "models/zoo/network.h"

namespace offcut {
namespace {

struct Stage {
  std::int64_t filters;
  int convolutions;
};

Graph build(const Registry<Operator>& operators, std::uint64_t seed) {
  Graph graph("vgg16");
  NetworkBuilder net(graph, operators, seed);
  TensorId x = net.image(3, 224, 224);
  int number = 1;
  for (const Stage stage : {Stage{64, 2}, {128, 2}, {256, 3}, {512, 3}, {512, 3}}) {
    for (int i = 1; i <= stage.convolutions; ++i) {
      x = net.conv(fmt::format("conv{}_{}", number, i), x,
                   {.filters = stage.filters, .kernel = 3, .pad = 1});
      x = net.relu(fmt::format("relu{}_{}", number, i), x);
    }
    x = net.max_pool(fmt::format("pool{}", number), x, {.kernel = 2, .stride = 2});
    ++number;
  }
  x = net.flatten("flatten", x);
  x = net.dense("fc6", x, 4096);
  x = net.relu("relu6", x);
  x = net.dense("fc7", x, 4096);
  x = net.relu("relu7", x);
  x = net.dense("fc8", x, 1000);
  x = net.softmax("prob", x);
  graph.add_output(x);
  return graph;
}

}  // namespace

void register_vgg16(Registry<Network>& registry) {
  registry.add({.name = "vgg16",
                .doc = "VGG16, 3x224x224 to 1000 classes: 16 layers with weights, 138 M of them",
                .source = "Simonyan, Zisserman, ICLR 2015, configuration D",
                .build = build});
}

}  // namespace offcut
