#include "models/zoo/blocks/transformer.h"

#include <doctest/doctest.h>

#include "tests/models/zoo/built.h"

namespace offcut::zoo::transformer_test {
namespace {

constexpr std::int64_t kTokens = 3;
constexpr std::int64_t kWidth = 4;

/// Blocks of 3 tokens with 4 numbers each in 2 heads, and their results for "x".
struct Net {
  Zoo zoo;
  Graph graph{"test"};
  NetworkBuilder build{graph, zoo.operators, 5};
  Transformer blocks{.net = build,
                     .tokens = kTokens,
                     .width = kWidth,
                     .heads = 2,
                     .epsilon = 1e-5F,
                     .residual_gain = 1};
  TensorId x = graph.add_input("x", {DataType::float32, {1, kTokens, kWidth}}, DataType::float32);
  const std::vector<float> values = {1, -2, 0.5, 3, 0, 1, 2, -1, -0.5, 0.25, 4, 1};

  std::vector<float> answer() const {
    const Tensor input({1, kTokens, kWidth}, std::span<const float>(values));
    const auto outputs = exec::run(graph, exec::whole(graph), {{x, input}});
    const auto y = outputs.at(graph.outputs().front()).values<float>();
    return {y.begin(), y.end()};
  }
  std::span<const float> parameter(const std::string& name) const {
    return graph.tensor(graph.find_tensor(name).value()).parameter->value().values<float>();
  }
};

}  // namespace

TEST_CASE("transformer: layer normalisation is (x - mean) / sqrt(variance + epsilon)") {
  Net net;
  net.graph.add_output(net.blocks.layer_norm("norm", net.x));
  const std::vector<float> y = net.answer();
  const auto scale = net.parameter("norm.scale");
  const auto bias = net.parameter("norm.bias");
  for (std::size_t t = 0; t < kTokens; ++t) {
    const float* const row = net.values.data() + t * kWidth;
    double mean = 0;
    double variance = 0;
    for (std::size_t i = 0; i < kWidth; ++i) {
      mean += row[i] / double(kWidth);
    }
    for (std::size_t i = 0; i < kWidth; ++i) {
      variance += (row[i] - mean) * (row[i] - mean) / double(kWidth);
    }
    for (std::size_t i = 0; i < kWidth; ++i) {
      const double expected = (row[i] - mean) / std::sqrt(variance + 1e-5) * scale[i] + bias[i];
      CHECK(y[t * kWidth + i] == doctest::Approx(expected).epsilon(1e-5));
    }
  }
}

TEST_CASE("transformer: GELU is x times the normal distribution's share below x") {
  Net net;
  net.graph.add_output(net.blocks.gelu("gelu", net.x));
  const std::vector<float> y = net.answer();
  for (std::size_t i = 0; i < y.size(); ++i) {
    const double x = net.values[i];
    CHECK(y[i] == doctest::Approx(x * std::erfc(-x / std::sqrt(2.0)) / 2).epsilon(1e-5));
  }
}

TEST_CASE("transformer: attention is softmax(Q K' / sqrt(2)) V in each of two heads of 2 numbers") {
  Net net;
  net.graph.add_output(net.blocks.attention("attention", net.x, net.x, net.x));
  const std::vector<float> y = net.answer();
  const auto at = [&](std::size_t token, std::size_t head, std::size_t i) -> double {
    return net.values[token * kWidth + head * 2 + i];
  };
  for (std::size_t head = 0; head < 2; ++head) {
    for (std::size_t t = 0; t < kTokens; ++t) {
      double total = 0;
      std::vector<double> context(2, 0);
      for (std::size_t u = 0; u < kTokens; ++u) {
        const double score = at(t, head, 0) * at(u, head, 0) + at(t, head, 1) * at(u, head, 1);
        const double weight = std::exp(score / std::sqrt(2.0));
        total += weight;
        context[0] += weight * at(u, head, 0);
        context[1] += weight * at(u, head, 1);
      }
      for (std::size_t i = 0; i < 2; ++i) {
        CHECK(y[t * kWidth + head * 2 + i] == doctest::Approx(context[i] / total).epsilon(1e-5));
      }
    }
  }
}

TEST_CASE("transformer: the first token is the first token") {
  Net net;
  net.graph.add_output(net.blocks.first_token("first", net.x));
  CHECK(net.answer() == std::vector<float>{1, -2, 0.5, 3});
}

TEST_CASE("transformer: a linear layer adds a bias that is not 0 to a product") {
  Net net;
  net.graph.add_output(net.build.linear("linear", net.x, 2));
  const std::vector<float> y = net.answer();
  const auto w = net.parameter("linear.weight");  // Shape: 4 x 2.
  const auto bias = net.parameter("linear.bias");
  CHECK(bias[0] != 0);
  for (std::size_t t = 0; t < kTokens; ++t) {
    for (std::size_t o = 0; o < 2; ++o) {
      double expected = bias[o];
      for (std::size_t i = 0; i < kWidth; ++i) {
        expected += double(net.values[t * kWidth + i]) * w[i * 2 + o];
      }
      CHECK(y[t * 2 + o] == doctest::Approx(expected).epsilon(1e-5));
    }
  }
}

}  // namespace offcut::zoo::transformer_test
