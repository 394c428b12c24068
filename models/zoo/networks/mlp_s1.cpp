// The multilayer perceptron of S1, the second of the five articles that this project started from:
// ten inputs, ten hidden units with tanh, one output with a sigmoid. 110 multiply-accumulates, 121
// parameters.

#include "models/zoo/builder.h"
#include "models/zoo/network.h"

namespace offcut::zoo {
namespace {

Graph build_mlp_s1(const Registry<ops::Operator>& operators, std::uint64_t seed) {
  Graph graph("mlp-s1");
  NetworkBuilder net(graph, operators, seed);
  TensorId x = net.features(10);
  x = net.dense("fc1", x, 10);
  x = net.tanh("tanh1", x);
  x = net.dense("fc2", x, 1);
  x = net.sigmoid("sigmoid2", x);
  graph.add_output(x);
  return graph;
}

}  // namespace

void register_mlp_s1(Registry<Network>& registry) {
  registry.add({.name = "mlp-s1",
                .doc = "multilayer perceptron 10-10-1 with tanh and sigmoid, 121 weights",
                .source = "article S1",
                .build = build_mlp_s1});
}

}  // namespace offcut::zoo
