// Layers that only the reference operator computes, inside a prepared graph.

#include <doctest/doctest.h>

#include "tests/models/exec/net.h"

namespace offcut::exec::reference_step_test {
namespace {

Attributes with(const std::string& name, AttributeValue value) {
  Attributes attributes;
  attributes.set(name, std::move(value));
  return attributes;
}

}  // namespace

TEST_CASE("reference step: layers with several outputs") {
  Net net;
  const TensorId x = net.values("x", {2, 6, 8, 8});
  for (const TensorId part :
       net.build.layers("Split", "parts", {x}, with("axis", std::int64_t{1}), 3)) {
    net.graph.add_output(net.build.tanh(net.graph.tensor(part).name + "_tanh", part));
  }
  const TensorId rows = net.values("rows", {4, 9});
  const auto best = net.build.layers("TopK", "best", {rows, net.build.integers("k", {1}, {3})},
                                     with("axis", std::int64_t{1}), 2);
  net.graph.add_output(best[0]);
  const TensorId steps = net.values("steps", {5, 1, 7});
  const auto memory = net.build.layers(
      "LSTM", "memory",
      {steps, net.parameter("w", {1, 24, 7}, -1, 1), net.parameter("r", {1, 24, 6}, -1, 1)},
      with("hidden_size", std::int64_t{6}), 3);
  for (const TensorId output : memory) {
    net.graph.add_output(output);
  }
  CHECK(error_of_prepared(net.graph) <= kTolerance);
  int cuts = 0;
  CHECK(worst_cut(
            net.graph, [](int number) { return number % 37 == 0; }, cuts) <= kTolerance);
}

TEST_CASE("reference step: convolutions, norms and pooling over three axes") {
  Net net;
  TensorId x = net.values("x", {1, 2, 5, 6, 7});
  x = net.layer("Conv", "conv",
                {x, net.parameter("w", {16, 2, 2, 3, 3}, -1, 1), net.parameter("b", {16}, -1, 1)});
  x = net.build.relu("relu", net.batch_norm("norm", x));
  x = net.build.add("sum", x, net.build.sigmoid("sigmoid", x));
  x = net.layer("MaxPool", "pool", {x}, with("kernel_shape", std::vector<std::int64_t>{2, 2, 2}));
  x = net.build.global_average_pool("all", x);
  net.graph.add_output(net.build.flatten("flat", x));
  CHECK(error_of_prepared(net.graph) <= kTolerance);
}

}  // namespace offcut::exec::reference_step_test
