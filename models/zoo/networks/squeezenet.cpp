// SqueezeNet 1.1: Iandola et al., "SqueezeNet: AlexNet-level accuracy with 50x fewer parameters and
// <0.5MB model size", arXiv 1602.07360, 2016, as the authors' Caffe model of version 1.1: a smaller
// first convolution and earlier pooling than in the paper's table 1, 2.4 times less work. The input
// is 227x227, and pooling rounds up, as in Caffe. conv10 is padded by 1, as in the first published
// models (ncnn's, too) but not in later ones; this costs 30.7 M of the 418.5 M
// multiply-accumulates. 1.24 M parameters.

#include "models/zoo/blocks/conv_relu.h"
#include "models/zoo/network.h"

namespace offcut::zoo {
namespace {

constexpr NetworkBuilder::Pooling kSqueezenetPool = {.kernel = 3, .stride = 2, .ceil = true};

/// Adds a 1x1 convolution that squeezes the channels, then as many filters of 1x1 as of 3x3 side by
/// side.
TensorId fire(NetworkBuilder& net, const std::string& name, TensorId x, std::int64_t squeeze,
              std::int64_t expand) {
  x = conv_relu(net, name + "_squeeze1x1", x, {.filters = squeeze, .kernel = 1});
  const TensorId narrow = conv_relu(net, name + "_expand1x1", x, {.filters = expand, .kernel = 1});
  const TensorId wide =
      conv_relu(net, name + "_expand3x3", x, {.filters = expand, .kernel = 3, .pad = 1});
  return net.concat(name + "_concat", {narrow, wide});
}

Graph build_squeezenet(const Registry<ops::Operator>& operators, std::uint64_t seed) {
  Graph graph("squeezenet");
  NetworkBuilder net(graph, operators, seed);
  TensorId x = net.image(3, 227, 227);
  x = conv_relu(net, "conv1", x, {.filters = 64, .kernel = 3, .stride = 2});
  x = net.max_pool("pool1", x, kSqueezenetPool);
  x = fire(net, "fire2", x, 16, 64);
  x = fire(net, "fire3", x, 16, 64);
  x = net.max_pool("pool3", x, kSqueezenetPool);
  x = fire(net, "fire4", x, 32, 128);
  x = fire(net, "fire5", x, 32, 128);
  x = net.max_pool("pool5", x, kSqueezenetPool);
  x = fire(net, "fire6", x, 48, 192);
  x = fire(net, "fire7", x, 48, 192);
  x = fire(net, "fire8", x, 64, 256);
  x = fire(net, "fire9", x, 64, 256);
  x = conv_relu(net, "conv10", x, {.filters = 1000, .kernel = 1, .pad = 1});
  x = net.global_average_pool("pool10", x);
  x = net.flatten("flatten", x);
  x = net.softmax("prob", x);
  graph.add_output(x);
  return graph;
}

}  // namespace

void register_squeezenet(Registry<Network>& registry) {
  registry.add({.name = "squeezenet",
                .doc = "SqueezeNet 1.1, 3x227x227 to 1000 classes: 8 fire modules, 1.2 M weights",
                .source = "Iandola et al., arXiv 1602.07360, 2016; version 1.1 for Caffe",
                .build = build_squeezenet});
}

}  // namespace offcut::zoo
