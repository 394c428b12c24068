// The convolutional network of McMahan, Moore, Ramage, Hampson, Agüera y Arcas, "Communication-
// efficient learning of deep networks from decentralized data", AISTATS 2017, section 3: two 5x5
// convolutions that keep the extents, each with ReLU and 2x2 maximum pooling, a dense layer of 512
// units with ReLU, and 10 classes. Extents go 28, 14, 7. 12.3 M multiply-accumulates, 1,663,370
// parameters, as in the paper.

#include "models/zoo/builder.h"
#include "models/zoo/network.h"

namespace offcut::zoo {
namespace {

Graph build_mcmahan_cnn(const Registry<ops::Operator>& operators, std::uint64_t seed) {
  Graph graph("mcmahan-cnn");
  NetworkBuilder net(graph, operators, seed);
  TensorId x = net.image(1, 28, 28);
  x = net.conv("conv1", x, {.filters = 32, .kernel = 5, .pad = 2});
  x = net.relu("relu1", x);
  x = net.max_pool("pool1", x, {.kernel = 2, .stride = 2});
  x = net.conv("conv2", x, {.filters = 64, .kernel = 5, .pad = 2});
  x = net.relu("relu2", x);
  x = net.max_pool("pool2", x, {.kernel = 2, .stride = 2});
  x = net.flatten("flatten", x);
  x = net.dense("fc1", x, 512);
  x = net.relu("relu3", x);
  x = net.dense("fc2", x, 10);
  x = net.softmax("prob", x);
  graph.add_output(x);
  return graph;
}

}  // namespace

void register_mcmahan_cnn(Registry<Network>& registry) {
  registry.add({.name = "mcmahan-cnn",
                .doc =
                    "two 5x5 convolutions and two dense layers, 1x28x28 to 10 classes, 1,663,370 "
                    "weights",
                .source = "McMahan et al., AISTATS 2017, section 3",
                .build = build_mcmahan_cnn});
}

}  // namespace offcut::zoo
