// GoogLeNet: Szegedy et al., "Going deeper with convolutions", CVPR 2015, table 1, without the two
// auxiliary classifiers, which only serve training. Poolings round up, and the normalisations are
// in the same places as in Caffe's model. 1,582.7 M multiply-accumulates, 7.00 M parameters.

#include "models/zoo/blocks/conv_relu.h"
#include "models/zoo/network.h"

namespace offcut::zoo {
namespace {

constexpr NetworkBuilder::Pooling kGooglenetPool = {.kernel = 3, .stride = 2, .ceil = true};
constexpr NetworkBuilder::Normalization kGooglenetNorm = {
    .size = 5, .alpha = 1e-4F, .beta = 0.75F, .bias = 1};

/// One row of table 1: filters of the 1x1, of the 3x3 and the 5x5, each after a reducing 1x1, and
/// of the 1x1 after pooling.
struct Inception {
  std::int64_t f1x1;
  std::int64_t reduce3x3, f3x3;
  std::int64_t reduce5x5, f5x5;
  std::int64_t projection;
};

TensorId inception(NetworkBuilder& net, const std::string& name, TensorId x,
                   const Inception& filters) {
  const TensorId one = conv_relu(net, name + "_1x1", x, {.filters = filters.f1x1, .kernel = 1});
  TensorId three =
      conv_relu(net, name + "_3x3_reduce", x, {.filters = filters.reduce3x3, .kernel = 1});
  three = conv_relu(net, name + "_3x3", three, {.filters = filters.f3x3, .kernel = 3, .pad = 1});
  TensorId five =
      conv_relu(net, name + "_5x5_reduce", x, {.filters = filters.reduce5x5, .kernel = 1});
  five = conv_relu(net, name + "_5x5", five, {.filters = filters.f5x5, .kernel = 5, .pad = 2});
  TensorId pool = net.max_pool(name + "_pool", x, {.kernel = 3, .stride = 1, .pad = 1});
  pool = conv_relu(net, name + "_pool_proj", pool, {.filters = filters.projection, .kernel = 1});
  return net.concat(name + "_output", {one, three, five, pool});
}

TensorId stem(NetworkBuilder& net) {
  TensorId x = net.image(3, 224, 224);
  x = conv_relu(net, "conv1_7x7", x, {.filters = 64, .kernel = 7, .stride = 2, .pad = 3});
  x = net.max_pool("pool1", x, kGooglenetPool);
  x = net.lrn("norm1", x, kGooglenetNorm);
  x = conv_relu(net, "conv2_3x3_reduce", x, {.filters = 64, .kernel = 1});
  x = conv_relu(net, "conv2_3x3", x, {.filters = 192, .kernel = 3, .pad = 1});
  x = net.lrn("norm2", x, kGooglenetNorm);
  return net.max_pool("pool2", x, kGooglenetPool);
}

Graph build_googlenet(const Registry<ops::Operator>& operators, std::uint64_t seed) {
  Graph graph("googlenet");
  NetworkBuilder net(graph, operators, seed);
  TensorId x = stem(net);
  x = inception(net, "inception3a", x, {64, 96, 128, 16, 32, 32});
  x = inception(net, "inception3b", x, {128, 128, 192, 32, 96, 64});
  x = net.max_pool("pool3", x, kGooglenetPool);
  x = inception(net, "inception4a", x, {192, 96, 208, 16, 48, 64});
  x = inception(net, "inception4b", x, {160, 112, 224, 24, 64, 64});
  x = inception(net, "inception4c", x, {128, 128, 256, 24, 64, 64});
  x = inception(net, "inception4d", x, {112, 144, 288, 32, 64, 64});
  x = inception(net, "inception4e", x, {256, 160, 320, 32, 128, 128});
  x = net.max_pool("pool4", x, kGooglenetPool);
  x = inception(net, "inception5a", x, {256, 160, 320, 32, 128, 128});
  x = inception(net, "inception5b", x, {384, 192, 384, 48, 128, 128});
  x = net.global_average_pool("pool5", x);
  x = net.flatten("flatten", x);
  x = net.dense("fc", x, 1000);
  x = net.softmax("prob", x);
  graph.add_output(x);
  return graph;
}

}  // namespace

void register_googlenet(Registry<Network>& registry) {
  registry.add({.name = "googlenet",
                .doc = "GoogLeNet, 3x224x224 to 1000 classes: 9 inception modules, 7.0 M weights",
                .source = "Szegedy et al., CVPR 2015, table 1; without auxiliary classifiers",
                .build = build_googlenet});
}

}  // namespace offcut::zoo
