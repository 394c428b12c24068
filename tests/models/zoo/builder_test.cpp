#include "models/zoo/builder.h"

#include <doctest/doctest.h>

#include <cmath>

#include "tests/models/zoo/built.h"

namespace offcut::zoo::builder_test {
namespace {

std::span<const float> parameter(const Graph& graph, const std::string& name) {
  return graph.tensor(graph.find_tensor(name).value()).parameter->value().values<float>();
}

/// Builds one convolution of 64 filters over 3x3 of 16 channels: 9216 weights, each filter reads
/// 144.
Graph one_convolution(const Zoo& zoo, double gain, bool second_layer = false) {
  Graph graph("test");
  NetworkBuilder net(graph, zoo.operators, 5);
  TensorId x = net.image(16, 8, 8);
  if (second_layer) {
    x = net.conv("before", x, {.filters = 16, .kernel = 1});
  }
  x = net.conv("conv", x, {.filters = 64, .kernel = 3, .gain = gain});
  graph.add_output(x);
  return graph;
}

double mean(std::span<const float> values) {
  double total = 0;
  for (const float value : values) {
    total += value;
  }
  return total / static_cast<double>(values.size());
}

double variance(std::span<const float> values) {
  double total = 0;
  for (const float value : values) {
    total += static_cast<double>(value) * value;
  }
  return total / static_cast<double>(values.size()) - mean(values) * mean(values);
}

}  // namespace

TEST_CASE("builder: weights have mean 0 and variance 2 / fan-in, biases are 0") {
  // The mean of n = 9216 draws has the standard error sqrt(2 / 144 / n) = 0.0012, the variance a
  // relative one of sqrt(2 / n) = 1.5 %. Four of those are allowed; the seed is fixed.
  const Zoo zoo;
  const Graph graph = one_convolution(zoo, 1);
  const auto weights = parameter(graph, "conv.weight");
  REQUIRE(weights.size() == 9216);
  CHECK(std::abs(mean(weights)) < 0.005);
  CHECK(variance(weights) == doctest::Approx(2.0 / 144).epsilon(0.06));
  for (const float value : parameter(graph, "conv.bias")) {
    CHECK(value == 0);
  }
}

TEST_CASE("builder: gain scales the same draws") {
  const Zoo zoo;
  const Graph full = one_convolution(zoo, 1);
  const Graph half = one_convolution(zoo, 0.5);
  const auto x = parameter(full, "conv.weight");
  const auto y = parameter(half, "conv.weight");
  for (std::size_t i = 0; i < x.size(); ++i) {
    REQUIRE(y[i] == doctest::Approx(x[i] / 2));
  }
}

TEST_CASE("builder: a layer added before another does not change the other's weights") {
  const Zoo zoo;
  const Graph without = one_convolution(zoo, 1);
  const Graph with = one_convolution(zoo, 1, true);
  const auto x = parameter(without, "conv.weight");
  const auto y = parameter(with, "conv.weight");
  CHECK(std::equal(x.begin(), x.end(), y.begin(), y.end()));
  CHECK(parameter(with, "before.weight")[0] != x[0]);
}

TEST_CASE("builder: grouped convolutions only read their group's channels") {
  const Zoo zoo;
  Graph graph("test");
  NetworkBuilder net(graph, zoo.operators, 5);
  TensorId x = net.image(4, 6, 6);
  x = net.conv("conv", x, {.filters = 8, .kernel = 3, .stride = 2, .pad = 1, .groups = 2});
  graph.add_output(x);
  CHECK(type_of(graph, "conv.weight").shape == Shape{8, 2, 3, 3});
  CHECK(type_of(graph, "conv").shape == Shape{1, 8, 3, 3});
}

TEST_CASE("builder: kernels may be rectangular, poolings may round up") {
  const Zoo zoo;
  Graph graph("test");
  NetworkBuilder net(graph, zoo.operators, 5);
  TensorId x = net.image(4, 6, 6);
  x = net.conv("row", x, {.filters = 8, .kernel = {1, 7}, .pad = {0, 3}, .bias = false});
  CHECK(type_of(graph, "row.weight").shape == Shape{8, 4, 1, 7});
  CHECK(type_of(graph, "row").shape == Shape{1, 8, 6, 6});
  CHECK_FALSE(graph.find_tensor("row.bias").has_value());
  net.max_pool("floor", x, {.kernel = 3, .stride = 2});
  net.max_pool("ceil", x, {.kernel = 3, .stride = 2, .ceil = true});
  CHECK(type_of(graph, "floor").shape == Shape{1, 8, 2, 2});
  CHECK(type_of(graph, "ceil").shape == Shape{1, 8, 3, 3});
}

TEST_CASE("builder: activations and batch normalisation compute the functions of their names") {
  const Zoo zoo;
  Graph graph("test");
  NetworkBuilder net(graph, zoo.operators, 5);
  const TensorId x = net.features(3);
  graph.add_output(net.relu6("relu6", x));
  graph.add_output(net.leaky_relu("leaky", x, 0.1F));
  graph.add_output(net.silu("silu", x));
  graph.add_output(net.batch_norm("norm", x));
  const std::vector<float> values = {-2, 1, 8};
  const auto y =
      exec::run(graph, exec::whole(graph), {{x, Tensor({1, 3}, std::span<const float>(values))}});
  const auto check = [&](const std::string& name, const std::vector<double>& expected) {
    CAPTURE(name);
    const auto got = y.at(graph.find_tensor(name).value()).values<float>();
    REQUIRE(got.size() == expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
      CHECK(got[i] == doctest::Approx(expected[i]).epsilon(1e-4));
    }
  };
  check("relu6", {0, 1, 6});
  check("leaky", {-0.2, 1, 8});
  check("silu", {-2 / (1 + std::exp(2)), 1 / (1 + std::exp(-1)), 8 / (1 + std::exp(-8))});
  check("norm", {-2, 1, 8});
}

TEST_CASE("builder: a name given twice is refused") {
  const Zoo zoo;
  Graph graph("test");
  NetworkBuilder net(graph, zoo.operators, 5);
  const TensorId x = net.relu("it", net.features(3));
  CHECK_THROWS_WITH(net.relu("it", x), "two layers are named 'it'");
}

}  // namespace offcut::zoo::builder_test
