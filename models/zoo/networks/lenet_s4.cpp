// The LeNet-style network of S4, the last of the five articles that this project started from, on
// small colour images: two convolutions of 5x5 with pooling, three fully connected layers. ReLU and
// maximum pooling are assumed, as the article does not mention them. 651,720 multiply-accumulates,
// 62,006 parameters.

#include "models/zoo/builder.h"
#include "models/zoo/network.h"

namespace offcut::zoo {
namespace {

Graph build_lenet_s4(const Registry<ops::Operator>& operators, std::uint64_t seed) {
  Graph graph("lenet-s4");
  NetworkBuilder net(graph, operators, seed);
  TensorId x = net.image(3, 32, 32);
  x = net.conv("conv1", x, {.filters = 6, .kernel = 5});
  x = net.relu("relu1", x);
  x = net.max_pool("pool1", x, {.kernel = 2, .stride = 2});
  x = net.conv("conv2", x, {.filters = 16, .kernel = 5});
  x = net.relu("relu2", x);
  x = net.max_pool("pool2", x, {.kernel = 2, .stride = 2});
  x = net.flatten("flatten", x);
  x = net.dense("fc3", x, 120);
  x = net.relu("relu3", x);
  x = net.dense("fc4", x, 84);
  x = net.relu("relu4", x);
  x = net.dense("fc5", x, 10);
  x = net.softmax("prob", x);
  graph.add_output(x);
  return graph;
}

}  // namespace

void register_lenet_s4(Registry<Network>& registry) {
  registry.add(
      {.name = "lenet-s4",
       .doc = "LeNet-style network, 3x32x32 to 10 classes, 62,006 weights",
       .source = "article S4, after LeCun et al. 1998; ReLU and maximum pooling are assumed",
       .build = build_lenet_s4});
}

}  // namespace offcut::zoo
