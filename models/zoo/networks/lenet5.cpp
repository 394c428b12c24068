// LeNet-5: LeCun, Bottou, Bengio, Haffner, "Gradient-based learning applied to document
// recognition", Proc. IEEE 86(11), 1998. The classic network works on 32x32; this one takes MNIST's
// 28x28 unchanged, and its first convolution pads them by 2, with zeros. Like most versions today,
// it differs from the paper in three ways: the second convolution reads all six maps (in the paper,
// a table selects some), the averages have no trained coefficients, and a softmax takes the place
// of the radial basis functions. 416,520 multiply-accumulates, 61,706 parameters.

#include "models/zoo/builder.h"
#include "models/zoo/network.h"

namespace offcut::zoo {
namespace {

Graph build_lenet5(const Registry<ops::Operator>& operators, std::uint64_t seed) {
  Graph graph("lenet5");
  NetworkBuilder net(graph, operators, seed);
  TensorId x = net.image(1, 28, 28);
  x = net.conv("conv1", x, {.filters = 6, .kernel = 5, .pad = 2});
  x = net.tanh("tanh1", x);
  x = net.average_pool("pool1", x, {.kernel = 2, .stride = 2});
  x = net.conv("conv2", x, {.filters = 16, .kernel = 5});
  x = net.tanh("tanh2", x);
  x = net.average_pool("pool2", x, {.kernel = 2, .stride = 2});
  x = net.conv("conv3", x, {.filters = 120, .kernel = 5});
  x = net.tanh("tanh3", x);
  x = net.flatten("flatten", x);
  x = net.dense("fc4", x, 84);
  x = net.tanh("tanh4", x);
  x = net.dense("fc5", x, 10);
  x = net.softmax("prob", x);
  graph.add_output(x);
  return graph;
}

}  // namespace

void register_lenet5(Registry<Network>& registry) {
  registry.add(
      {.name = "lenet5",
       .doc = "LeNet-5, 1x28x28 (padded to the classic 32x32) to 10 classes, 61,706 weights",
       .source = "LeCun, Bottou, Bengio, Haffner, Proc. IEEE 86(11), 1998; all maps "
                 "connected, plain averages, softmax",
       .build = build_lenet5});
}

}  // namespace offcut::zoo
