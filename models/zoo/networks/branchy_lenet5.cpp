// B-LeNet: Teerapittayanon, McDanel, Kung, "BranchyNet: fast inference via early exiting from deep
// neural networks", ICPR 2016, as in the authors' code: a LeNet of three convolutions, narrower
// than the classic one and padded by 3, with an early exit after the first. The code pools conv1
// and applies ReLU both in the branch and in the trunk; here both read the same tensor. Poolings
// round up. Outputs: the last exit's classes, then the early exit's. 1.25 M multiply-accumulates
// (0.22 M of them if the early exit is taken), 74,694 parameters.

#include "models/zoo/builder.h"
#include "models/zoo/network.h"

namespace offcut::zoo {
namespace {

constexpr NetworkBuilder::Pooling kBranchyLenet5Pool = {.kernel = 2, .stride = 2, .ceil = true};

TensorId early_exit(NetworkBuilder& net, TensorId x) {
  x = net.conv("exit1_conv", x, {.filters = 10, .kernel = 3, .pad = 1});
  x = net.max_pool("exit1_pool", x, kBranchyLenet5Pool);
  x = net.relu("exit1_relu", x);
  x = net.flatten("exit1_flatten", x);
  x = net.dense("exit1_fc", x, 10);
  return net.softmax("exit1_prob", x);
}

Graph build_branchy_lenet5(const Registry<ops::Operator>& operators, std::uint64_t seed) {
  Graph graph("branchy-lenet5");
  NetworkBuilder net(graph, operators, seed);
  TensorId x = net.image(1, 28, 28);
  x = net.conv("conv1", x, {.filters = 5, .kernel = 5, .pad = 3});
  x = net.max_pool("pool1", x, kBranchyLenet5Pool);
  x = net.relu("relu1", x);
  const TensorId early = early_exit(net, x);
  x = net.conv("conv2", x, {.filters = 10, .kernel = 5, .pad = 3});
  x = net.max_pool("pool2", x, kBranchyLenet5Pool);
  x = net.relu("relu2", x);
  x = net.conv("conv3", x, {.filters = 20, .kernel = 5, .pad = 3});
  x = net.max_pool("pool3", x, kBranchyLenet5Pool);
  x = net.relu("relu3", x);
  x = net.flatten("flatten", x);
  x = net.dense("fc4", x, 84);
  x = net.dense("fc5", x, 10);
  x = net.softmax("prob", x);
  graph.add_output(x);
  graph.add_output(early);
  return graph;
}

}  // namespace

void register_branchy_lenet5(Registry<Network>& registry) {
  registry.add({.name = "branchy-lenet5",
                .doc = "B-LeNet, 1x28x28 to 10 classes: a LeNet with an early exit, 74,694 weights",
                .source = "Teerapittayanon, McDanel, Kung, ICPR 2016; the authors' code",
                .build = build_branchy_lenet5});
}

}  // namespace offcut::zoo
