// Inception-v3: Szegedy, Vanhoucke, Ioffe, Shlens, Wojna, "Rethinking the inception architecture
// for computer vision", CVPR 2016, as published by the authors for TensorFlow and as in
// torchvision, because the paper's table 1 omits details. Without the auxiliary classifier, which
// only serves training. Averages exclude padding. 5,713 M multiply-accumulates, 23.8 M parameters.
// Modules have the authors' names.

#include "models/zoo/blocks/conv_relu.h"
#include "models/zoo/network.h"

namespace offcut::zoo {
namespace {

constexpr NetworkBuilder::Pooling kReduce = {.kernel = 3, .stride = 2};
constexpr NetworkBuilder::Pooling kAverage = {.kernel = 3, .stride = 1, .pad = 1};
using Chain = std::vector<NetworkBuilder::Convolution>;

/// Adds convolutions one after the other: "<name>_1", "<name>_2" and so on.
TensorId chain(NetworkBuilder& net, const std::string& name, TensorId x, const Chain& layers) {
  int number = 0;
  for (const NetworkBuilder::Convolution& layer : layers) {
    x = conv_relu(net, name + "_" + std::to_string(++number), x, layer);
  }
  return x;
}

NetworkBuilder::Convolution one(std::int64_t filters) { return {.filters = filters, .kernel = 1}; }
NetworkBuilder::Convolution row(std::int64_t filters, std::int64_t width) {
  return {.filters = filters, .kernel = {1, width}, .pad = {0, width / 2}};
}
NetworkBuilder::Convolution column(std::int64_t filters, std::int64_t height) {
  return {.filters = filters, .kernel = {height, 1}, .pad = {height / 2, 0}};
}
NetworkBuilder::Convolution square(std::int64_t filters, std::int64_t extent) {
  return {.filters = filters, .kernel = extent, .pad = extent / 2};
}
NetworkBuilder::Convolution halve(std::int64_t filters) {
  return {.filters = filters, .kernel = 3, .stride = 2};
}

TensorId projected_pool(NetworkBuilder& net, const std::string& name, TensorId x,
                        std::int64_t filters) {
  return chain(net, name + "_pool_proj", net.average_pool(name + "_pool", x, kAverage),
               {one(filters)});
}

/// Figure 5: 5x5 next to two 3x3, at 35x35.
TensorId module_35(NetworkBuilder& net, const std::string& name, TensorId x, std::int64_t pooled) {
  const TensorId a = chain(net, name + "_1x1", x, {one(64)});
  const TensorId b = chain(net, name + "_5x5", x, {one(48), square(64, 5)});
  const TensorId c = chain(net, name + "_3x3", x, {one(64), square(96, 3), square(96, 3)});
  return net.concat(name, {a, b, c, projected_pool(net, name, x, pooled)});
}

/// Figure 10: from 35x35 to 17x17.
TensorId reduce_35(NetworkBuilder& net, const std::string& name, TensorId x) {
  const TensorId a = chain(net, name + "_3x3", x, {halve(384)});
  const TensorId b = chain(net, name + "_3x3x2", x, {one(64), square(96, 3), halve(96)});
  return net.concat(name, {a, b, net.max_pool(name + "_pool", x, kReduce)});
}

/// Figure 6 with n = 7: rows and columns instead of squares, at 17x17.
TensorId module_17(NetworkBuilder& net, const std::string& name, TensorId x, std::int64_t narrow) {
  const TensorId a = chain(net, name + "_1x1", x, {one(192)});
  const TensorId b = chain(net, name + "_7x7", x, {one(narrow), row(narrow, 7), column(192, 7)});
  const TensorId c =
      chain(net, name + "_7x7x2", x,
            {one(narrow), column(narrow, 7), row(narrow, 7), column(narrow, 7), row(192, 7)});
  return net.concat(name, {a, b, c, projected_pool(net, name, x, 192)});
}

/// The reduction from 17x17 to 8x8.
TensorId reduce_17(NetworkBuilder& net, const std::string& name, TensorId x) {
  const TensorId a = chain(net, name + "_3x3", x, {one(192), halve(320)});
  const TensorId b =
      chain(net, name + "_7x7", x, {one(192), row(192, 7), column(192, 7), halve(192)});
  return net.concat(name, {a, b, net.max_pool(name + "_pool", x, kReduce)});
}

/// Figure 7: rows and columns side by side, at 8x8.
TensorId module_8(NetworkBuilder& net, const std::string& name, TensorId x) {
  const TensorId a = chain(net, name + "_1x1", x, {one(320)});
  const TensorId b = chain(net, name + "_3x3", x, {one(384)});
  const TensorId c = chain(net, name + "_3x3x2", x, {one(448), square(384, 3)});
  const auto both = [&](const std::string& branch, TensorId y) {
    return net.concat(branch + "_concat", {chain(net, branch + "_1x3", y, {row(384, 3)}),
                                           chain(net, branch + "_3x1", y, {column(384, 3)})});
  };
  const TensorId wide = both(name + "_3x3", b);
  const TensorId wider = both(name + "_3x3x2", c);
  return net.concat(name, {a, wide, wider, projected_pool(net, name, x, 192)});
}

Graph build_inception_v3(const Registry<ops::Operator>& operators, std::uint64_t seed) {
  Graph graph("inception-v3");
  NetworkBuilder net(graph, operators, seed);
  TensorId x = net.image(3, 299, 299);
  x = conv_relu(net, "conv1a_3x3", x, {.filters = 32, .kernel = 3, .stride = 2});
  x = conv_relu(net, "conv2a_3x3", x, {.filters = 32, .kernel = 3});
  x = conv_relu(net, "conv2b_3x3", x, {.filters = 64, .kernel = 3, .pad = 1});
  x = net.max_pool("pool1", x, kReduce);
  x = conv_relu(net, "conv3b_1x1", x, {.filters = 80, .kernel = 1});
  x = conv_relu(net, "conv4a_3x3", x, {.filters = 192, .kernel = 3});
  x = net.max_pool("pool2", x, kReduce);
  x = module_35(net, "mixed5b", x, 32);
  x = module_35(net, "mixed5c", x, 64);
  x = module_35(net, "mixed5d", x, 64);
  x = reduce_35(net, "mixed6a", x);
  x = module_17(net, "mixed6b", x, 128);
  x = module_17(net, "mixed6c", x, 160);
  x = module_17(net, "mixed6d", x, 160);
  x = module_17(net, "mixed6e", x, 192);
  x = reduce_17(net, "mixed7a", x);
  x = module_8(net, "mixed7b", x);
  x = module_8(net, "mixed7c", x);
  x = net.global_average_pool("pool3", x);
  x = net.flatten("flatten", x);
  x = net.dense("fc", x, 1000);
  x = net.softmax("prob", x);
  graph.add_output(x);
  return graph;
}

}  // namespace

void register_inception_v3(Registry<Network>& registry) {
  registry.add({.name = "inception-v3",
                .doc = "Inception-v3, 3x299x299 to 1000 classes: 11 modules, 23.8 M weights",
                .source = "Szegedy et al., CVPR 2016, as published for TensorFlow; without the "
                          "auxiliary classifier",
                .build = build_inception_v3});
}

}  // namespace offcut::zoo
