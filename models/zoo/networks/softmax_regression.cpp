// Multinomial logistic regression on 28x28 images, the smallest network of federated benchmarks:
// one dense layer. 7,840 multiply-accumulates, 7,850 parameters.

#include "models/zoo/builder.h"
#include "models/zoo/network.h"

namespace offcut::zoo {
namespace {

Graph build_softmax_regression(const Registry<ops::Operator>& operators, std::uint64_t seed) {
  Graph graph("softmax-regression");
  NetworkBuilder net(graph, operators, seed);
  TensorId x = net.image(1, 28, 28);
  x = net.flatten("flatten", x);
  x = net.dense("fc", x, 10);
  x = net.softmax("prob", x);
  graph.add_output(x);
  return graph;
}

}  // namespace

void register_softmax_regression(Registry<Network>& registry) {
  registry.add(
      {.name = "softmax-regression",
       .doc = "multinomial logistic regression on 1x28x28 images, 10 classes, 7,850 weights",
       .source = "Caldas et al., LEAF, arXiv 1812.01097, 2018",
       .build = build_softmax_regression});
}

}  // namespace offcut::zoo
