// ResNet-18: He, Zhang, Ren, Sun, "Deep residual learning for image recognition", CVPR 2016, in the
// variant published for Caffe: the first block of every stage has a projection shortcut, that of
// the first stage included (64 to 64 channels, 1x1, at 56x56), where the paper's has the identity.
// 1,827 M multiply-accumulates (12.8 M of them in that shortcut), 11.69 M parameters. Layers have
// Caffe's names.

#include "models/zoo/builder.h"
#include "models/zoo/network.h"

namespace offcut {
namespace {

/// A trained network's batch normalisation keeps the sum of two branches in bounds; with random
/// weights, branches of half the deviation do. Eight sums that each double the variance would grow
/// the signal 16-fold.
constexpr double kBranchGain = 0.5;

/// Two 3x3 convolutions beside a shortcut, which is the identity or a 1x1 convolution.
TensorId block(NetworkBuilder& net, const std::string& name, TensorId x, std::int64_t filters,
               std::int64_t stride, bool project) {
  const std::string branch = name + "_branch2";
  TensorId y =
      net.conv(branch + "a", x, {.filters = filters, .kernel = 3, .stride = stride, .pad = 1});
  y = net.relu(branch + "a_relu", y);
  y = net.conv(branch + "b", y, {.filters = filters, .kernel = 3, .pad = 1, .gain = kBranchGain});
  const TensorId shortcut =
      project ? net.conv(name + "_branch1", x, {.filters = filters, .kernel = 1, .stride = stride})
              : x;
  y = net.add(name, shortcut, y);
  return net.relu(name + "_relu", y);
}

Graph build(const Registry<Operator>& operators, std::uint64_t seed) {
  Graph graph("resnet18");
  NetworkBuilder net(graph, operators, seed);
  TensorId x = net.image(3, 224, 224);
  x = net.conv("conv1", x, {.filters = 64, .kernel = 7, .stride = 2, .pad = 3});
  x = net.relu("relu1", x);
  x = net.max_pool("pool1", x, {.kernel = 3, .stride = 2, .pad = 1});
  std::int64_t filters = 64;
  for (const std::string stage : {"res2", "res3", "res4", "res5"}) {
    x = block(net, stage + "a", x, filters, stage == "res2" ? 1 : 2, true);
    x = block(net, stage + "b", x, filters, 1, false);
    filters *= 2;
  }
  x = net.global_average_pool("pool5", x);
  x = net.flatten("flatten", x);
  x = net.dense("fc1000", x, 1000);
  x = net.softmax("prob", x);
  graph.add_output(x);
  return graph;
}

}  // namespace

void register_resnet18(Registry<Network>& registry) {
  registry.add({.name = "resnet18",
                .doc = "ResNet-18, 3x224x224 to 1000 classes: 8 residual blocks, 11.7 M weights",
                .source = "He, Zhang, Ren, Sun, CVPR 2016; the Caffe variant, with a projection "
                          "shortcut in the first stage too",
                .build = build});
}

}  // namespace offcut
