// B-AlexNet: Teerapittayanon, McDanel, Kung, "BranchyNet: fast inference via early exiting from
// deep neural networks", ICPR 2016, as in the authors' code: an AlexNet for 32x32 pixels (CIFAR-10)
// with early exits after the second and the third convolution. The code repeats the common
// beginning of branch and trunk (ReLU, pooling, normalisation); here both read the same tensor.
// Poolings round up. Outputs: the last exit's classes, then the first and the second exit's. 30.5 M
// multiply-accumulates, 605,886 parameters.

#include "models/zoo/blocks/conv_relu.h"
#include "models/zoo/network.h"

namespace offcut::zoo {
namespace {

constexpr NetworkBuilder::Pooling kBranchyAlexnetPool = {.kernel = 3, .stride = 2, .ceil = true};

/// The code's k = 2, n = 3, alpha = 5e-5, beta = 0.75; ONNX divides alpha by n, the code does not.
constexpr NetworkBuilder::Normalization kBranchyAlexnetNorm = {
    .size = 3, .alpha = 1.5e-4F, .beta = 0.75F, .bias = 2};

constexpr NetworkBuilder::Convolution kExitConvolution = {.filters = 32, .kernel = 3, .pad = 1};

TensorId classify(NetworkBuilder& net, const std::string& name, TensorId x) {
  x = net.max_pool(name + "_pool", x, kBranchyAlexnetPool);
  x = net.flatten(name + "_flatten", x);
  x = net.dense(name + "_fc", x, 10);
  return net.softmax(name + "_prob", x);
}

TensorId pool_and_norm(NetworkBuilder& net, const std::string& number, TensorId x) {
  return net.lrn("norm" + number, net.max_pool("pool" + number, x, kBranchyAlexnetPool),
                 kBranchyAlexnetNorm);
}

TensorId first_exit(NetworkBuilder& net, TensorId x) {
  x = conv_relu(net, "exit1_conv1", x, kExitConvolution);
  x = conv_relu(net, "exit1_conv2", x, kExitConvolution);
  return classify(net, "exit1", x);
}

TensorId second_exit(NetworkBuilder& net, TensorId x) {
  x = net.max_pool("exit2_pool3", x, kBranchyAlexnetPool);
  x = net.lrn("exit2_norm3", x, kBranchyAlexnetNorm);
  x = conv_relu(net, "exit2_conv1", x, kExitConvolution);
  return classify(net, "exit2", x);
}

Graph build_branchy_alexnet(const Registry<ops::Operator>& operators, std::uint64_t seed) {
  Graph graph("branchy-alexnet");
  NetworkBuilder net(graph, operators, seed);
  TensorId x = net.image(3, 32, 32);
  x = conv_relu(net, "conv1", x, {.filters = 32, .kernel = 5, .pad = 2});
  x = pool_and_norm(net, "1", x);
  x = conv_relu(net, "conv2", x, {.filters = 64, .kernel = 5, .pad = 2});
  x = pool_and_norm(net, "2", x);
  const TensorId first = first_exit(net, x);
  x = conv_relu(net, "conv3", x, {.filters = 96, .kernel = 3, .pad = 1});
  const TensorId second = second_exit(net, x);
  x = conv_relu(net, "conv4", x, {.filters = 96, .kernel = 3, .pad = 1});
  x = conv_relu(net, "conv5", x, {.filters = 64, .kernel = 3, .pad = 1});
  x = net.max_pool("pool5", x, kBranchyAlexnetPool);
  x = net.flatten("flatten", x);
  x = net.relu("relu6", net.dense("fc6", x, 256));
  x = net.relu("relu7", net.dense("fc7", x, 128));
  x = net.dense("fc8", x, 10);
  x = net.softmax("prob", x);
  graph.add_output(x);
  graph.add_output(first);
  graph.add_output(second);
  return graph;
}

}  // namespace

void register_branchy_alexnet(Registry<Network>& registry) {
  registry.add({.name = "branchy-alexnet",
                .doc = "B-AlexNet, 3x32x32 to 10 classes: an AlexNet with two early exits, 605,886 "
                       "weights",
                .source = "Teerapittayanon, McDanel, Kung, ICPR 2016; the authors' code",
                .build = build_branchy_alexnet});
}

}  // namespace offcut::zoo
