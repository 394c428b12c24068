// AlexNet: Krizhevsky, Sutskever, Hinton, "ImageNet classification with deep convolutional neural
// networks", NIPS 2012. This is the original: two groups in conv2, conv4 and conv5 (two GPUs in the
// paper), and normalisation before pooling, which CaffeNet swaps. The input is 227x227, because the
// paper's 224x224 does not give its own 55x55. 724.4 M multiply-accumulates, 61.0 M parameters.

#include "models/zoo/builder.h"
#include "models/zoo/network.h"

namespace offcut::zoo {
namespace {

/// The paper's k = 2, n = 5, alpha = 1e-4, beta = 0.75. ONNX divides alpha by n, the paper does
/// not.
constexpr NetworkBuilder::Normalization kAlexnetNorm = {
    .size = 5, .alpha = 5e-4F, .beta = 0.75F, .bias = 2};
constexpr NetworkBuilder::Pooling kAlexnetPool = {.kernel = 3, .stride = 2};

TensorId features(NetworkBuilder& net) {
  TensorId x = net.image(3, 227, 227);
  x = net.conv("conv1", x, {.filters = 96, .kernel = 11, .stride = 4});
  x = net.relu("relu1", x);
  x = net.lrn("norm1", x, kAlexnetNorm);
  x = net.max_pool("pool1", x, kAlexnetPool);
  x = net.conv("conv2", x, {.filters = 256, .kernel = 5, .pad = 2, .groups = 2});
  x = net.relu("relu2", x);
  x = net.lrn("norm2", x, kAlexnetNorm);
  x = net.max_pool("pool2", x, kAlexnetPool);
  x = net.conv("conv3", x, {.filters = 384, .kernel = 3, .pad = 1});
  x = net.relu("relu3", x);
  x = net.conv("conv4", x, {.filters = 384, .kernel = 3, .pad = 1, .groups = 2});
  x = net.relu("relu4", x);
  x = net.conv("conv5", x, {.filters = 256, .kernel = 3, .pad = 1, .groups = 2});
  x = net.relu("relu5", x);
  return net.max_pool("pool5", x, kAlexnetPool);
}

Graph build_alexnet(const Registry<ops::Operator>& operators, std::uint64_t seed) {
  Graph graph("alexnet");
  NetworkBuilder net(graph, operators, seed);
  TensorId x = features(net);
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

void register_alexnet(Registry<Network>& registry) {
  registry.add({.name = "alexnet",
                .doc = "AlexNet, 3x227x227 to 1000 classes: 8 layers with weights, 61.0 M of them",
                .source = "Krizhevsky, Sutskever, Hinton, NIPS 2012; with the original two groups",
                .build = build_alexnet});
}

}  // namespace offcut::zoo
