// DenseNet-121: Huang, Liu, van der Maaten, Weinberger, "Densely connected convolutional networks",
// CVPR 2017, table 1, growth rate 32. Batch normalisation and ReLU stand before convolutions. The
// normalisation between a layer's 1x1 and 3x3 is folded into the 1x1. The one before the 1x1, and
// that of a transition, reads the outputs of many layers; no single convolution can absorb it, so
// it stays. 2,834 M multiply-accumulates, 8.04 M parameters.

#include <fmt/format.h>

#include "models/zoo/blocks/conv_relu.h"
#include "models/zoo/network.h"

namespace offcut::zoo {
namespace {

constexpr std::int64_t kGrowth = 32;

TensorId norm_relu(NetworkBuilder& net, const std::string& name, TensorId x) {
  return net.relu(name + "_relu", net.batch_norm(name + "_norm", x));
}

/// Makes kGrowth channels from all tensors before it in its block, and passes both on.
TensorId dense_layer(NetworkBuilder& net, const std::string& name, TensorId x) {
  TensorId y = norm_relu(net, name, x);
  y = conv_relu(net, name + "_1x1", y, {.filters = 4 * kGrowth, .kernel = 1});
  y = net.conv(name + "_3x3", y, {.filters = kGrowth, .kernel = 3, .pad = 1, .bias = false});
  return net.concat(name + "_concat", {x, y});
}

/// Halves the channels and the extents.
TensorId transition(NetworkBuilder& net, const std::string& name, TensorId x,
                    std::int64_t filters) {
  x = norm_relu(net, name, x);
  x = net.conv(name + "_1x1", x, {.filters = filters, .kernel = 1, .bias = false});
  return net.average_pool(name + "_pool", x, {.kernel = 2, .stride = 2});
}

Graph build_densenet121(const Registry<ops::Operator>& operators, std::uint64_t seed) {
  Graph graph("densenet121");
  NetworkBuilder net(graph, operators, seed);
  TensorId x = net.image(3, 224, 224);
  x = conv_relu(net, "conv1", x, {.filters = 64, .kernel = 7, .stride = 2, .pad = 3});
  x = net.max_pool("pool1", x, {.kernel = 3, .stride = 2, .pad = 1});
  std::int64_t channels = 64;
  int block = 2;
  for (const int layers : {6, 12, 24, 16}) {
    if (block > 2) {
      channels /= 2;
      x = transition(net, fmt::format("transition{}", block - 1), x, channels);
    }
    for (int i = 1; i <= layers; ++i) {
      x = dense_layer(net, fmt::format("dense{}_{}", block, i), x);
      channels += kGrowth;
    }
    ++block;
  }
  x = norm_relu(net, "last", x);
  x = net.global_average_pool("pool5", x);
  x = net.flatten("flatten", x);
  x = net.dense("fc", x, 1000);
  x = net.softmax("prob", x);
  graph.add_output(x);
  return graph;
}

}  // namespace

void register_densenet121(Registry<Network>& registry) {
  registry.add({.name = "densenet121",
                .doc = "DenseNet-121, 3x224x224 to 1000 classes: 58 dense layers, 8.0 M weights",
                .source = "Huang, Liu, van der Maaten, Weinberger, CVPR 2017, table 1",
                .build = build_densenet121});
}

}  // namespace offcut::zoo
