// The small convolutional network of S0, the first of the five articles that this project started
// from: two convolutions of 3x3 without padding, two poolings after them, two fully connected
// layers. Extents go 32, 30, 28, 14, 7, so that 64*7*7 values are flattened (the article says
// 64*16*16, which does not fit its layers). Assumed: a ReLU between the fully connected layers,
// which would be one layer without it. 15.0 M multiply-accumulates, 333,526 parameters.

#include "models/zoo/builder.h"
#include "models/zoo/network.h"

namespace offcut::zoo {
namespace {

Graph build_seeds_cnn(const Registry<ops::Operator>& operators, std::uint64_t seed) {
  Graph graph("seeds-cnn");
  NetworkBuilder net(graph, operators, seed);
  TensorId x = net.image(1, 32, 32);
  x = net.conv("conv1", x, {.filters = 32, .kernel = 3});
  x = net.relu("relu1", x);
  x = net.conv("conv2", x, {.filters = 64, .kernel = 3});
  x = net.relu("relu2", x);
  x = net.max_pool("pool1", x, {.kernel = 2, .stride = 2});
  x = net.max_pool("pool2", x, {.kernel = 2, .stride = 2});
  x = net.flatten("flatten", x);
  x = net.dense("fc1", x, 100);
  x = net.relu("relu3", x);
  x = net.dense("fc2", x, 10);
  x = net.softmax("prob", x);
  graph.add_output(x);
  return graph;
}

}  // namespace

void register_seeds_cnn(Registry<Network>& registry) {
  registry.add({.name = "seeds-cnn",
                .doc = "small convolutional network, 1x32x32 to 10 classes, 333,526 weights",
                .source = "article S0; the ReLU between its dense layers is assumed",
                .build = build_seeds_cnn});
}

}  // namespace offcut::zoo
