// The multilayer perceptron of S3, the fourth of the five articles that this project started from:
// MNIST's 784 pixels, 128 hidden units with ReLU, 10 classes. 101,632 multiply-accumulates, 101,770
// parameters.

#include "models/zoo/builder.h"
#include "models/zoo/network.h"

namespace offcut::zoo {
namespace {

Graph build_mlp_s3(const Registry<ops::Operator>& operators, std::uint64_t seed) {
  Graph graph("mlp-s3");
  NetworkBuilder net(graph, operators, seed);
  TensorId x = net.image(1, 28, 28);
  x = net.flatten("flatten", x);
  x = net.dense("fc1", x, 128);
  x = net.relu("relu1", x);
  x = net.dense("fc2", x, 10);
  x = net.softmax("prob", x);
  graph.add_output(x);
  return graph;
}

}  // namespace

void register_mlp_s3(Registry<Network>& registry) {
  registry.add({.name = "mlp-s3",
                .doc = "multilayer perceptron 784-128-10 on 1x28x28 images, 101,770 weights",
                .source = "article S3",
                .build = build_mlp_s3});
}

}  // namespace offcut::zoo
