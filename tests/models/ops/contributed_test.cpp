#include <doctest/doctest.h>

#include <cmath>
#include <numeric>
#include <random>

#include "tests/models/ops/one_layer.h"

// ONNX Runtime's own operators. Results are computed by hand, or by loops over the definitions in
// its docs/ContribOperators.md.

namespace offcut::ops::contributed_test {
namespace {

using AttributeList = std::vector<std::pair<std::string, AttributeValue>>;

template <class T>
Tensor typed_tensor(Shape shape, const std::vector<T>& elements) {
  return Tensor(std::move(shape), std::span<const T>(elements));
}
Tensor bytes_of(Shape shape, const std::vector<std::uint8_t>& elements) {
  return typed_tensor<std::uint8_t>(std::move(shape), elements);
}
Tensor one_float(float value) { return floats({}, {value}); }
Tensor zero_point(std::uint8_t value) { return bytes_of({}, {value}); }
std::vector<int> integers_of(const Tensor& tensor) {
  return {tensor.values<std::uint8_t>().begin(), tensor.values<std::uint8_t>().end()};
}
OneLayer microsoft(const std::string& op, const AttributeList& settings = {}) {
  return OneLayer("com.microsoft." + op, {}, settings);
}
AttributeValue whole(std::int64_t value) { return value; }

std::vector<float> random_values(std::size_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<float> made(count);
  for (float& x : made) {
    x = static_cast<float>(random() % 2001) / 1000 - 1;
  }
  return made;
}

void check_values(const std::vector<float>& made, const std::vector<double>& expected,
                  double tolerance = 1e-5) {
  REQUIRE(made.size() == expected.size());
  for (std::size_t i = 0; i < made.size(); ++i) {
    CAPTURE(i);
    CHECK(made[i] == doctest::Approx(expected[i]).epsilon(tolerance));
  }
}

/// Computes layer normalisation of each row of `length` elements.
std::vector<double> naive_norm(const std::vector<double>& x, std::size_t length,
                               const std::vector<float>& gamma, const std::vector<float>& beta,
                               double epsilon) {
  std::vector<double> y(x.size());
  for (std::size_t row = 0; row < x.size() / length; ++row) {
    double mean = 0;
    double variance = 0;
    for (std::size_t i = 0; i < length; ++i) {
      mean += x[row * length + i] / double(length);
    }
    for (std::size_t i = 0; i < length; ++i) {
      variance += std::pow(x[row * length + i] - mean, 2) / double(length);
    }
    for (std::size_t i = 0; i < length; ++i) {
      y[row * length + i] =
          (x[row * length + i] - mean) / std::sqrt(variance + epsilon) * double(gamma[i]) +
          double(beta[i]);
    }
  }
  return y;
}

}  // namespace

TEST_CASE("gelu and its approximations: known values") {
  // Phi(1) = 0.841344746, so gelu(1) = 0.841344746 and gelu(-1) = -0.158655254.
  const Tensor x = floats({2, 2}, {1, -1, 0, 2});
  check_values(values(microsoft("Gelu").run({x})), {0.841344746, -0.158655254, 0, 2 * 0.977249868});
  check_values(
      values(microsoft("BiasGelu").run({floats({2, 2}, {0, -2, -1, 1}), floats({2}, {1, 1})})),
      {0.841344746, -0.158655254, 0, 2 * 0.977249868});
  // 1.702: sigmoid(1.702) = 0.845795766.
  check_values(values(microsoft("QuickGelu").run({floats({2}, {1, -1})})),
               {0.845795766, -0.154204234});
  check_values(values(microsoft("QuickGelu", {{"alpha", 1.0F}}).run({floats({1}, {2})})),
               {2 * 0.880797078});
  // tanh(0.7978845608 * 1.044715) = 0.682383847.
  check_values(values(microsoft("FastGelu").run({floats({1}, {1})})), {0.8411919235});
  check_values(values(microsoft("FastGelu").run({floats({1, 1}, {3}), floats({1}, {-2})})),
               {0.8411919235});
  CHECK_THROWS_WITH(
      microsoft("BiasGelu").run({x, floats({3})}),
      "layer 'it' (com.microsoft.BiasGelu): bias 3 does not fit the last axis of 2x2");
}

TEST_CASE("skip layer normalisation: the sum, its normalisation, and a skip that is repeated") {
  const std::vector<float> x = random_values(12, 1);
  const std::vector<float> skip = random_values(6, 2);
  const std::vector<float> gamma = {1, 2, 0.5F};
  const std::vector<float> beta = {0, 1, -1};
  const std::vector<float> bias = {0.5F, 0, -0.5F};
  const OneLayer layer = microsoft("SkipLayerNormalization", {{"epsilon", 0.01F}});
  const auto outputs = layer.run({floats({2, 2, 3}, x), floats({1, 2, 3}, skip), floats({3}, gamma),
                                  floats({3}, beta), floats({3}, bias)},
                                 4);
  std::vector<double> sums;
  for (std::size_t i = 0; i < x.size(); ++i) {
    sums.push_back(double(x[i]) + double(skip[i % 6]) + double(bias[i % 3]));
  }
  check_values(values(outputs[3]), sums);
  check_values(values(outputs[0]), naive_norm(sums, 3, gamma, beta, 0.01F));
  CHECK(outputs[1].shape() == Shape{2, 2, 1});
  CHECK(values(outputs[1])[0] == doctest::Approx((sums[0] + sums[1] + sums[2]) / 3));
}

TEST_CASE("simplified layer normalisation: division by the root mean square") {
  // Row 3, 4: the mean square is 12.5.
  const double root = std::sqrt(12.5);
  const OneLayer layer("SimplifiedLayerNormalization", {}, {{"epsilon", 0.0F}});
  const auto outputs = layer.run({floats({1, 2}, {3, 4}), floats({2}, {1, 10})}, 2);
  check_values(values(outputs[0]), {3 / root, 40 / root});
  check_values(values(outputs[1]), {1 / root});
  const auto skipped = microsoft("SkipSimplifiedLayerNormalization", {{"epsilon", 0.0F}})
                           .run({floats({1, 2}, {1, 1}), floats({1, 2}, {2, 2}),
                                 floats({2}, {1, 10}), floats({2}, {0, 1})},
                                4);
  check_values(values(skipped[0]), {3 / root, 40 / root});
  check_values(values(skipped[3]), {3, 4});
}

TEST_CASE("embeddings: words, positions and segments, and the length of a sentence") {
  const Tensor words = floats({3, 2}, {0, 1, 10, 20, 5, -5});
  const Tensor positions = floats({2, 2}, {1, 2, 3, 4});
  const Tensor segments = floats({2, 2}, {0, 0, 100, 0});
  const std::vector<float> gamma = {1, 2};
  const std::vector<float> beta = {0, 1};
  const auto outputs =
      microsoft("EmbedLayerNormalization", {{"epsilon", 0.5F}})
          .run({typed_tensor<std::int32_t>({1, 2}, {1, 2}),
                typed_tensor<std::int32_t>({1, 2}, {0, 1}), words, positions, segments,
                floats({2}, gamma), floats({2}, beta), typed_tensor<std::int32_t>({1, 2}, {1, 0})},
               3);
  const std::vector<double> sums = {11, 22, 108, -1};
  check_values(values(outputs[2]), sums);
  check_values(values(outputs[0]), naive_norm(sums, 2, gamma, beta, 0.5));
  CHECK(outputs[1].values<std::int32_t>()[0] == 1);
  CHECK_THROWS_WITH(microsoft("EmbedLayerNormalization")
                        .run({typed_tensor<std::int32_t>({1, 2}, {1, 3}), Tensor(), words,
                              positions, Tensor(), floats({2}, gamma), floats({2}, beta)}),
                    doctest::Contains("index 3 is out of range for 3 rows"));
}

TEST_CASE("quantised sums and products: by hand") {
  // Real values: a = (q - 10) / 2, b = (q - 1) * 0.25; c = real / 0.5 + 3.
  const Tensor a = bytes_of({2, 2}, {10, 12, 14, 20});  // 0, 1, 2, 5
  const Tensor b = bytes_of({2}, {5, 9});               // 1, 2
  const std::vector<Tensor> inputs = {a,
                                      one_float(0.5F),
                                      zero_point(10),
                                      b,
                                      one_float(0.25F),
                                      zero_point(1),
                                      one_float(0.5F),
                                      zero_point(3)};
  CHECK(integers_of(microsoft("QLinearAdd").run(inputs)) == std::vector<int>{5, 9, 9, 17});
  CHECK(integers_of(microsoft("QLinearMul").run(inputs)) == std::vector<int>{3, 7, 7, 23});
  // Without zero points these are 0, and the result is clamped at 255: (100 + 200) / 1.
  CHECK(integers_of(microsoft("QLinearAdd")
                        .run({bytes_of({1}, {100}), one_float(1), Tensor(), bytes_of({1}, {200}),
                              one_float(1), Tensor(), one_float(1)})) == std::vector<int>{255});
}

TEST_CASE("quantised activations, poolings and concatenation: by hand") {
  const std::vector<Tensor> tail = {one_float(1.0F / 256), zero_point(0)};
  // For x = 0 and 4: sigmoid 0.5 and 0.98201; times 256: 128 and 251.4.
  CHECK(integers_of(microsoft("QLinearSigmoid")
                        .run({bytes_of({2}, {8, 16}), one_float(0.5F), zero_point(8), tail[0],
                              tail[1]})) == std::vector<int>{128, 251});
  // For x = -4 and 4, with slope 0.5: -2 and 4; over 0.5, plus 100.
  CHECK(integers_of(microsoft("QLinearLeakyRelu", {{"alpha", 0.5F}})
                        .run({bytes_of({2}, {0, 16}), one_float(0.5F), zero_point(8),
                              one_float(0.5F), zero_point(100)})) == std::vector<int>{96, 108});
  // Windows 1 2 / 5 6 and 3 4 / 7 8 have the means 3.5 and 5.5.
  const Tensor plane = bytes_of({1, 1, 2, 4}, {1, 2, 3, 4, 5, 6, 7, 8});
  const std::vector<std::int64_t> two = {2, 2};
  const std::vector<Tensor> pooled = {plane, one_float(1), zero_point(0), one_float(0.5F),
                                      zero_point(1)};
  CHECK(integers_of(microsoft("QLinearAveragePool", {{"kernel_shape", two}, {"strides", two}})
                        .run(pooled)) == std::vector<int>{8, 12});
  CHECK(integers_of(microsoft("QLinearGlobalAveragePool").run(pooled)) == std::vector<int>{10});
  // Two channels, which are last: 1 3 5 7 and 2 4 6 8, so 4 and 5.
  CHECK(integers_of(microsoft("QLinearGlobalAveragePool", {{"channels_last", whole(1)}})
                        .run({plane.reshaped({1, 2, 2, 2}), one_float(1), zero_point(0),
                              one_float(0.5F), zero_point(1)})) == std::vector<int>{9, 11});
  const Tensor rows =
      microsoft("QLinearAveragePool",
                {{"channels_last", whole(1)}, {"kernel_shape", std::vector<std::int64_t>{2, 1}}})
          .run({plane.reshaped({1, 2, 2, 2}), one_float(1), zero_point(0), one_float(0.5F),
                zero_point(1)});
  CHECK(rows.shape() == Shape{1, 1, 2, 2});
  // Rows 1 2 | 3 4 above 5 6 | 7 8.
  CHECK(integers_of(rows) == std::vector<int>{7, 9, 11, 13});
  // 2 * 0.5 and 3 * 2 as multiples of 0.25, plus 1.
  CHECK(integers_of(microsoft("QLinearConcat", {{"axis", whole(0)}})
                        .run({one_float(0.25F), zero_point(1), bytes_of({1}, {2}), one_float(0.5F),
                              zero_point(0), bytes_of({1}, {4}), one_float(2), zero_point(1)})) ==
        std::vector<int>{5, 25});
}

TEST_CASE("quantised products: a naive loop, with columns of their own scale") {
  constexpr int kRows = 2;
  constexpr int kInner = 3;
  constexpr int kColumns = 2;
  const std::vector<std::uint8_t> a = {1, 2, 3, 200, 5, 6};
  const std::vector<std::uint8_t> b = {7, 8, 9, 250, 11, 12};  // Stored as columns x inner.
  const std::vector<std::uint8_t> b_zero = {3, 100};
  const std::vector<float> b_scale = {0.5F, 0.25F};
  const std::vector<std::int32_t> c = {10, -20};
  std::vector<double> expected;
  for (int row = 0; row < kRows; ++row) {
    for (int column = 0; column < kColumns; ++column) {
      int sum = c[std::size_t(column)];
      for (int i = 0; i < kInner; ++i) {
        sum += (a[std::size_t(row * kInner + i)] - 4) *
               (b[std::size_t(column * kInner + i)] - b_zero[std::size_t(column)]);
      }
      expected.push_back(2 * 0.125 * double(b_scale[std::size_t(column)]) * sum);
    }
  }
  const std::vector<Tensor> inputs = {bytes_of({2, 3}, a),
                                      one_float(0.125F),
                                      zero_point(4),
                                      bytes_of({2, 3}, b),
                                      floats({2}, b_scale),
                                      bytes_of({2}, b_zero),
                                      typed_tensor<std::int32_t>({2}, c)};
  const AttributeList settings = {{"alpha", 2.0F}, {"transB", whole(1)}};
  check_values(values(microsoft("QGemm", settings).run(inputs)), expected);
  std::vector<Tensor> quantised = inputs;
  quantised.push_back(one_float(100));
  quantised.push_back(zero_point(50));
  std::vector<int> steps;
  for (const double value : expected) {
    steps.push_back(std::clamp(int(std::nearbyint(value / 100)) + 50, 0, 255));
  }
  CHECK(integers_of(microsoft("QGemm", settings).run(quantised)) == steps);
}

TEST_CASE("integer products as floats: zero points, scales and bias") {
  // (3 - 1) * (5 - 2) + (4 - 1) * (6 - 2) = 18; times 0.5 * 0.1, plus 7.
  const Tensor b = bytes_of({2, 1}, {5, 6});
  check_values(values(microsoft("MatMulIntegerToFloat")
                          .run({bytes_of({1, 2}, {3, 4}), b, one_float(0.5F), one_float(0.1F),
                                zero_point(1), zero_point(2), floats({1}, {7})})),
               {7.9});
  // A from -1 to 1.55 is quantised with scale 0.01 and zero point 100: exact.
  check_values(values(microsoft("DynamicQuantizeMatMul")
                          .run({floats({1, 2}, {-1, 1.55F}), b, one_float(0.5F), zero_point(2),
                                floats({1}, {7})})),
               {-1 * 1.5 + 1.55 * 2 + 7});
}

TEST_CASE("products of 4-bit weights: blocks, packed digits and zero points") {
  // One row of 20 digits 0 1 2 .. 15 0 1 2 3 in blocks of 16 and 4 (padded to 16).
  std::vector<std::uint8_t> packed(16);
  for (unsigned i = 0; i < 20; ++i) {
    packed[i / 2] = std::uint8_t(packed[i / 2] | ((i % 16) << (i % 2 == 0 ? 0U : 4U)));
  }
  const std::vector<float> a = random_values(40, 3);
  const std::vector<float> scales = {0.5F, 2};
  const auto expected = [&](double zero0, double zero1) {
    std::vector<double> y(2);
    for (std::size_t row = 0; row < 2; ++row) {
      for (std::size_t i = 0; i < 20; ++i) {
        const double weight = i < 16 ? (double(i) - zero0) * 0.5 : (double(i - 16) - zero1) * 2;
        y[row] += double(a[row * 20 + i]) * weight;
      }
    }
    return y;
  };
  const AttributeList settings = {
      {"K", whole(20)}, {"N", whole(1)}, {"bits", whole(4)}, {"block_size", whole(16)}};
  const std::vector<Tensor> inputs = {floats({2, 20}, a), bytes_of({1, 2, 8}, packed),
                                      floats({2}, scales)};
  check_values(values(microsoft("MatMulNBits", settings).run(inputs)), expected(8, 8), 1e-4);
  std::vector<Tensor> zeros = inputs;
  zeros.push_back(bytes_of({1}, {0x3F}));  // 15 for the first block, 3 for the second.
  check_values(values(microsoft("MatMulNBits", settings).run(zeros)), expected(15, 3), 1e-4);
}

namespace {

/// Computes softmax(q k' / sqrt(size) + added) v for one head.
std::vector<double> naive_head(const std::vector<std::vector<double>>& q,
                               const std::vector<std::vector<double>>& k,
                               const std::vector<std::vector<double>>& v,
                               const std::vector<std::vector<double>>& added) {
  std::vector<double> y;
  for (std::size_t row = 0; row < q.size(); ++row) {
    std::vector<double> weights;
    for (std::size_t key = 0; key < k.size(); ++key) {
      const double score = std::inner_product(q[row].begin(), q[row].end(), k[key].begin(), 0.0);
      weights.push_back(std::exp(score / std::sqrt(double(q[row].size())) + added[row][key]));
    }
    const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
    for (std::size_t i = 0; i < v[0].size(); ++i) {
      double value = 0;
      for (std::size_t key = 0; key < k.size(); ++key) {
        value += weights[key] / sum * v[key][i];
      }
      y.push_back(value);
    }
  }
  return y;
}

/// Returns rows of `width` elements that start at `first` of each line of `stride`.
std::vector<std::vector<double>> rows_of(const std::vector<double>& x, std::size_t stride,
                                         std::size_t first, std::size_t width) {
  std::vector<std::vector<double>> rows;
  for (std::size_t start = first; start < x.size(); start += stride) {
    rows.emplace_back(x.begin() + std::ptrdiff_t(start), x.begin() + std::ptrdiff_t(start + width));
  }
  return rows;
}

}  // namespace

TEST_CASE("attention: projections, two heads, masks and the future, against a naive loop") {
  constexpr std::size_t kTokens = 3;
  constexpr std::size_t kHidden = 4;
  const std::vector<float> x = random_values(kTokens * kHidden, 4);
  const std::vector<float> w = random_values(kHidden * 12, 5);
  const std::vector<float> bias = random_values(12, 6);
  std::vector<double> projected;
  for (std::size_t token = 0; token < kTokens; ++token) {
    for (std::size_t column = 0; column < 12; ++column) {
      double sum = double(bias[column]);
      for (std::size_t i = 0; i < kHidden; ++i) {
        sum += double(x[token * kHidden + i]) * double(w[i * 12 + column]);
      }
      projected.push_back(sum);
    }
  }
  const auto expected = [&](const std::vector<std::vector<double>>& added) {
    std::vector<double> y(kTokens * kHidden);
    for (std::size_t head = 0; head < 2; ++head) {
      const auto made =
          naive_head(rows_of(projected, 12, head * 2, 2), rows_of(projected, 12, 4 + head * 2, 2),
                     rows_of(projected, 12, 8 + head * 2, 2), added);
      for (std::size_t i = 0; i < made.size(); ++i) {
        y[i / 2 * kHidden + head * 2 + i % 2] = made[i];
      }
    }
    return y;
  };
  const std::vector<Tensor> inputs = {floats({1, 3, 4}, x), floats({4, 12}, w), floats({12}, bias)};
  const AttributeList heads = {{"num_heads", whole(2)}};
  check_values(values(microsoft("Attention", heads).run(inputs)),
               expected({{0, 0, 0}, {0, 0, 0}, {0, 0, 0}}), 1e-4);
  AttributeList causal = heads;
  causal.emplace_back("unidirectional", whole(1));
  const double never = -1e9;
  check_values(values(microsoft("Attention", causal).run(inputs)),
               expected({{0, never, never}, {0, 0, never}, {0, 0, 0}}), 1e-4);
  const std::vector<std::vector<double>> last_masked(3, {0, 0, never});
  for (const Tensor& mask :
       {typed_tensor<std::int32_t>({1}, {2}), typed_tensor<std::int32_t>({1, 3}, {1, 1, 0}),
        typed_tensor<std::int32_t>({2}, {2, 0})}) {
    CAPTURE(to_text(mask.type()));
    std::vector<Tensor> masked = inputs;
    masked.push_back(mask);
    check_values(values(microsoft("Attention", heads).run(masked)), expected(last_masked), 1e-4);
  }
  // MACs: 3 x 4 x 12 for the projection, and 2 heads x 3 x 3 x (2 + 2).
  Registry<Operator> operators;
  register_operators(operators);
  Graph graph("attention");
  Layer layer{.name = "it", .op_name = "com.microsoft.Attention", .opset = 13};
  layer.attributes.set("num_heads", std::int64_t{2});
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    layer.inputs.push_back(
        graph.add_input("in" + std::to_string(i), inputs[i].type(), DataType::float32));
  }
  CHECK(graph.layer(apply(graph, operators, layer, {"y"})).work.macs == 144 + 72);
}

TEST_CASE("attention with a past: the same as one call for all tokens") {
  const AttributeList causal = {{"num_heads", whole(2)}, {"unidirectional", whole(1)}};
  const std::vector<float> x = random_values(12, 7);
  const Tensor w = floats({4, 12}, random_values(48, 8));
  const Tensor bias = floats({12}, random_values(12, 9));
  const auto all = microsoft("Attention", causal).run({floats({1, 3, 4}, x), w, bias}, 2);
  const auto first = microsoft("Attention", causal)
                         .run({floats({1, 2, 4}, {x.begin(), x.begin() + 8}), w, bias}, 2);
  const auto last =
      microsoft("Attention", causal)
          .run({floats({1, 1, 4}, {x.begin() + 8, x.end()}), w, bias, Tensor(), first[1]}, 2);
  CHECK(last[1].shape() == Shape{2, 1, 2, 3, 2});
  CHECK(values(last[1]) == values(all[1]));
  const auto whole_result = values(all[0]);
  check_values(values(last[0]), {whole_result.begin() + 8, whole_result.end()});
}

TEST_CASE("attention of projected operands: cross attention in both forms, and bias of scores") {
  const std::vector<float> q = random_values(8, 10);   // 1 x 2 x 4
  const std::vector<float> k = random_values(12, 11);  // 1 x 3 x 4
  const std::vector<float> v = random_values(12, 12);
  const std::vector<float> added = random_values(12, 13);  // 1 x 2 x 2 x 3
  std::vector<double> expected(8);
  const auto doubles = [](const std::vector<float>& x) {
    return std::vector<double>(x.begin(), x.end());
  };
  for (std::size_t head = 0; head < 2; ++head) {
    const auto bias = rows_of(doubles({added.begin() + std::ptrdiff_t(head * 6),
                                       added.begin() + std::ptrdiff_t(head * 6 + 6)}),
                              3, 0, 3);
    const auto made =
        naive_head(rows_of(doubles(q), 4, head * 2, 2), rows_of(doubles(k), 4, head * 2, 2),
                   rows_of(doubles(v), 4, head * 2, 2), bias);
    for (std::size_t i = 0; i < made.size(); ++i) {
      expected[i / 2 * 4 + head * 2 + i % 2] = made[i];
    }
  }
  const OneLayer layer = microsoft("MultiHeadAttention", {{"num_heads", whole(2)}});
  const auto outputs = layer.run({floats({1, 2, 4}, q), floats({1, 3, 4}, k), floats({1, 3, 4}, v),
                                  Tensor(), Tensor(), floats({1, 2, 2, 3}, added)},
                                 3);
  check_values(values(outputs[0]), expected, 1e-4);
  CHECK(outputs[1].shape() == Shape{1, 2, 3, 2});
  CHECK(values(outputs[1])[2] == k[4]);  // Head 0, key 1.
  // The same keys and values with their heads apart.
  check_values(values(layer.run({floats({1, 2, 4}, q), outputs[1], outputs[2], Tensor(), Tensor(),
                                 floats({1, 2, 2, 3}, added)})),
               expected, 1e-4);
}

TEST_CASE("fused matmul: scale and transposition, against a naive loop") {
  const std::vector<float> a = random_values(12, 14);  // 2 x 3 x 2, transposed to 2 x 2 x 3
  const std::vector<float> b = random_values(12, 15);  // 4 x 3, transposed to 3 x 4
  std::vector<double> expected;
  for (std::size_t batch = 0; batch < 2; ++batch) {
    for (std::size_t row = 0; row < 2; ++row) {
      for (std::size_t column = 0; column < 4; ++column) {
        double sum = 0;
        for (std::size_t i = 0; i < 3; ++i) {
          sum += double(a[batch * 6 + i * 2 + row]) * double(b[column * 3 + i]);
        }
        expected.push_back(0.5 * sum);
      }
    }
  }
  check_values(
      values(microsoft("FusedMatMul", {{"transA", whole(1)}, {"transB", whole(1)}, {"alpha", 0.5F}})
                 .run({floats({2, 3, 2}, a), floats({4, 3}, b)})),
      expected, 1e-4);
}

}  // namespace offcut::ops::contributed_test
