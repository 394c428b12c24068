// Networks on integers: groups between DequantizeLinear and QuantizeLinear, ConvInteger and
// MatMulInteger, against loops over the integers.

#include <doctest/doctest.h>

#include <algorithm>

#include "models/exec/quantized_grid.h"
#include "tests/models/exec/net.h"

namespace offcut::exec::quantized_test {
namespace {

using Integers = std::vector<std::int64_t>;

/// A graph with tensors of bytes.
struct ByteNet : Net {
  template <class T>
  TensorId bytes(const std::string& name, const Shape& shape, const std::vector<T>& values) {
    const Tensor tensor(shape, std::span<const T>(values));
    return graph.add_parameter(name, tensor.type(),
                               std::make_shared<Parameter>([tensor] { return tensor; }));
  }

  TensorId quantize(const std::string& name, TensorId x, float scale, std::uint8_t zero) {
    return layer(
        "QuantizeLinear", name,
        {x, build.number(name + ".scale", scale), bytes<std::uint8_t>(name + ".zero", {}, {zero})});
  }

  TensorId dequantize(const std::string& name, TensorId x, float scale, std::uint8_t zero) {
    return layer(
        "DequantizeLinear", name,
        {x, build.number(name + ".scale", scale), bytes<std::uint8_t>(name + ".zero", {}, {zero})});
  }

  int most = 127;

  /// Adds constant weights: integers from -most to most times a scale for each filter.
  TensorId grid(const std::string& name, const Shape& shape, float scale) {
    Tensor tensor(TensorType{DataType::float32, shape});
    RandomStream stream = random_stream(1, name);
    const auto filters = static_cast<std::size_t>(shape[0]);
    const std::size_t row = tensor.values<float>().size() / filters;
    for (std::size_t i = 0; i < tensor.values<float>().size(); ++i) {
      const auto integer =
          static_cast<std::int32_t>(stream() % static_cast<unsigned>(2 * most + 1)) - most;
      tensor.values<float>()[i] =
          static_cast<float>(integer) * (scale * static_cast<float>(i / row + 1));
    }
    return graph.add_parameter(name, tensor.type(),
                               std::make_shared<Parameter>([tensor] { return tensor; }));
  }
};

std::vector<std::uint8_t> drawn_bytes(const std::string& name, std::size_t count) {
  std::vector<std::uint8_t> values(count);
  RandomStream stream = random_stream(1, name);
  for (std::uint8_t& value : values) {
    value = static_cast<std::uint8_t>(stream() >> 56U);
  }
  return values;
}

/// Returns the largest difference of two tensors of uint8.
int steps_apart(const Tensor& a, const Tensor& b) {
  REQUIRE(a.type() == b.type());
  int most = 0;
  for (std::size_t i = 0; i < a.bytes().size(); ++i) {
    most = std::max(most, std::abs(static_cast<int>(a.values<std::uint8_t>()[i]) -
                                   static_cast<int>(b.values<std::uint8_t>()[i])));
  }
  return most;
}

int steps_from_reference(const Graph& graph, const PrepareOptions& options = {}) {
  const Segment all = whole(graph);
  const TensorMap inputs = random_inputs(graph, all);
  const TensorMap got = prepare(graph, all, options).run(inputs);
  const TensorMap expected = run(graph, all, inputs);
  int most = 0;
  for (const auto& [id, tensor] : expected) {
    most = std::max(most, steps_apart(got.at(id), tensor));
  }
  return most;
}

/// A convolution with one group and equal padding on all sides, in double.
struct NaiveConvolution {
  Shape x, w;
  std::int64_t pad;

  double operator()(const std::vector<double>& from, const std::vector<double>& weights,
                    std::int64_t filter, std::int64_t row, std::int64_t column) const {
    double sum = 0;
    for (std::int64_t c = 0; c < w[1]; ++c) {
      for (std::int64_t i = 0; i < w[2]; ++i) {
        for (std::int64_t k = 0; k < w[3]; ++k) {
          const std::int64_t r = row + i - pad;
          const std::int64_t s = column + k - pad;
          if (r >= 0 && r < x[2] && s >= 0 && s < x[3]) {
            sum += from[static_cast<std::size_t>((c * x[2] + r) * x[3] + s)] *
                   weights[static_cast<std::size_t>(((filter * w[1] + c) * w[2] + i) * w[3] + k)];
          }
        }
      }
    }
    return sum;
  }
};

}  // namespace

TEST_CASE("quantised: a grid is found for products of integers and a scale, and only for them") {
  Tensor weights(TensorType{DataType::float32, {2, 3}});
  const std::span<float> w = weights.values<float>();
  const float fine = 0.0137F;
  w[0] = 127 * fine;
  w[1] = -3 * fine;
  w[2] = 0;
  w[3] = -128 * 0.5F;
  w[4] = 1.5F;
  w[5] = 0.5F;
  const auto rows = grid_of(weights, 0);
  REQUIRE(rows);
  for (std::size_t i = 0; i < w.size(); ++i) {
    CHECK(static_cast<float>(rows->integers.values<std::int8_t>()[i]) * rows->scales[i / 3] ==
          w[i]);
  }
  CHECK(!grid_of(weights, 1));  // No column has one scale: 127 * 0.0137 and -64.
  w[1] = -3.01F * fine;
  CHECK(!grid_of(weights, 0));
}

TEST_CASE("quantised: a convolution is one call, and equals sums of integers to one step") {
  ByteNet net;
  const TensorId x = net.graph.add_input("x", {DataType::uint8, {1, 5, 6, 7}}, DataType::uint8);
  const TensorId real = net.dequantize("real", x, 0.02F, 113);
  Attributes attributes;
  attributes.set("pads", Integers{1, 1, 1, 1});
  const TensorId w = net.grid("w", {4, 5, 3, 3}, 0.003F);
  const TensorId bias = net.parameter("bias", {4}, -1, 1);
  const TensorId y = net.build.relu("relu", net.layer("Conv", "conv", {real, w, bias}, attributes));
  net.graph.add_output(net.quantize("q", y, 0.05F, 31));

  const Segment all = whole(net.graph);
  const TensorMap inputs = random_inputs(net.graph, all);
  Prepared prepared = prepare(net.graph, all);
  CHECK(has_step(prepared, "real+conv+relu+q"));
  const Tensor got = prepared.run(inputs).at(net.graph.outputs().front());

  std::vector<double> from;
  for (const std::uint8_t byte : inputs.at(x).values<std::uint8_t>()) {
    from.push_back((static_cast<double>(byte) - 113) * 0.02);
  }
  const Tensor weights = net.graph.tensor(w).parameter->value();
  const Tensor offsets = net.graph.tensor(bias).parameter->value();
  const std::vector<double> rows(weights.values<float>().begin(), weights.values<float>().end());
  const NaiveConvolution sum{{1, 5, 6, 7}, {4, 5, 3, 3}, 1};
  int most = 0;
  for (std::int64_t i = 0; i < 4 * 6 * 7; ++i) {
    const std::int64_t filter = i / 42;
    const double value = offsets.values<float>()[static_cast<std::size_t>(filter)] +
                         sum(from, rows, filter, i % 42 / 7, i % 7);
    const double expected =
        std::clamp(std::nearbyint(std::max(value, 0.0) / 0.05) + 31, 0.0, 255.0);
    most = std::max(most, static_cast<int>(std::abs(
                              expected - got.values<std::uint8_t>()[static_cast<std::size_t>(i)])));
  }
  CHECK(most <= 1);
}

TEST_CASE("quantised: residual blocks, grouped and depthwise convolutions, and products") {
  for (const int most : {127, 64}) {  // The latter is exact on processors without VNNI, too.
    CAPTURE(most);
    ByteNet net;
    net.most = most;
    const auto conv = [&](const std::string& name, TensorId x, const Shape& shape,
                          std::int64_t groups) {
      Attributes attributes;
      attributes.set("pads", Integers(4, shape[2] / 2));
      attributes.set("group", groups);
      return net.layer("Conv", name, {x, net.grid(name + ".w", shape, 0.0005F)}, attributes);
    };
    const TensorId image =
        net.graph.add_input("x", {DataType::float32, {2, 6, 9, 9}}, DataType::float32);
    TensorId x = net.dequantize("d0", net.quantize("q0", image, 0.004F, 0), 0.004F, 0);
    TensorId y = net.build.relu("relu1", conv("conv1", x, {8, 6, 3, 3}, 1));
    x = net.dequantize("d1", net.quantize("q1", y, 0.01F, 3), 0.01F, 3);  // Two layers read it.
    y = conv("conv2", x, {8, 4, 3, 3}, 2);
    y = net.dequantize("d2", net.quantize("q2", y, 0.02F, 128), 0.02F, 128);
    y = net.build.relu("relu3", net.build.add("sum", y, x));
    x = net.dequantize("d3", net.quantize("q3", y, 0.02F, 0), 0.02F, 0);
    y = conv("conv4", x, {8, 1, 3, 3}, 8);
    x = net.dequantize("d4", net.quantize("q4", y, 0.02F, 100), 0.02F, 100);
    x = net.build.flatten("flat", net.build.global_average_pool("mean", x));
    x = net.dequantize("d5", net.quantize("q5", x, 0.01F, 90), 0.01F, 90);
    Attributes transposed;
    transposed.set("transB", std::int64_t{1});
    y = net.layer("Gemm", "fc",
                  {x, net.grid("fc.w", {5, 8}, 0.001F), net.parameter("fc.b", {5}, -1, 1)},
                  transposed);
    net.graph.add_output(net.quantize("q6", y, 0.02F, 128));
    const Prepared prepared = prepare(net.graph, whole(net.graph));
    CHECK(has_step(prepared, "d0+conv1+relu1+q1"));
    CHECK(has_step(prepared, "conv2+q2"));
    CHECK(has_step(prepared, "d2+d1+sum+relu3+q3"));
    CHECK(has_step(prepared, "d3+conv4+q4"));
    CHECK(has_step(prepared, "d5+fc+q6"));
    CHECK(steps_from_reference(net.graph) <= 1);
    // In the order of the layers, and with our own kernels only.
    CHECK(steps_from_reference(net.graph, PrepareOptions::none()) == 0);
  }
}

TEST_CASE("quantised: depthwise convolutions of all sizes, with bias and limits") {
  for (const std::int64_t channels : {32, 45, 96}) {
    for (const bool limited : {false, true}) {
      CAPTURE(channels);
      CAPTURE(limited);
      ByteNet net;
      net.most = 64;
      const TensorId x =
          net.graph.add_input("x", {DataType::uint8, {2, channels, 9, 7}}, DataType::uint8);
      Attributes attributes;
      attributes.set("pads", Integers{1, 2, 0, 1});
      attributes.set("strides", Integers{2, 1});
      attributes.set("group", channels);
      TensorId y = net.layer(
          "Conv", "conv",
          {net.dequantize("d", x, 0.02F, 113), net.grid("w", {channels, 1, 3, 5}, 0.0001F),
           net.parameter("b", {channels}, -1, 1)},
          attributes);
      y = limited ? net.build.relu6("limit", y) : y;
      net.graph.add_output(net.quantize("q", y, 0.021F, limited ? 3 : 127));
      CHECK(
          has_step(prepare(net.graph, whole(net.graph)), limited ? "d+conv+limit+q" : "d+conv+q"));
      CHECK(steps_from_reference(net.graph) <= 1);
      const TensorMap inputs = random_inputs(net.graph, whole(net.graph));
      const TensorMap once = prepare(net.graph, whole(net.graph)).run(inputs);
      CHECK(same_bits(once, prepare(net.graph, whole(net.graph), {.threads = 2}).run(inputs)));
    }
  }
}

TEST_CASE("quantised: convolutions with one tap, with bias and limits") {
  for (const std::int64_t filters : {31, 64, 24}) {
    for (const std::int64_t channels : {16, 18}) {
      CAPTURE(filters);
      CAPTURE(channels);
      ByteNet net;
      net.most = 64;
      const TensorId x =
          net.graph.add_input("x", {DataType::uint8, {2, channels, 5, 7}}, DataType::uint8);
      TensorId y = net.layer(
          "Conv", "conv",
          {net.dequantize("d", x, 0.02F, 113), net.grid("w", {filters, channels, 1, 1}, 0.0001F),
           net.parameter("b", {filters}, -1, 1)});
      net.graph.add_output(net.quantize("q", net.build.relu("relu", y), 0.021F, 3));
      const Prepared prepared = prepare(net.graph, whole(net.graph));
      CHECK(has_step(prepared, "d+conv+relu+q"));
      // Nowhere where oneDNN has integer dot products.
      CHECK(count_steps(prepared, "[product of bytes]") <=
            (filters > 24 && channels == 16 ? 1 : 0));
      CHECK(steps_from_reference(net.graph) <= 1);
      const TensorMap inputs = random_inputs(net.graph, whole(net.graph));
      const TensorMap once = prepare(net.graph, whole(net.graph)).run(inputs);
      CHECK(same_bits(once, prepare(net.graph, whole(net.graph), {.threads = 3}).run(inputs)));
    }
  }
}

TEST_CASE("quantised: pooling, concatenations and shapes between bytes work on bytes") {
  for (const bool same_scale : {true, false}) {
    ByteNet net;
    const TensorId a = net.graph.add_input("a", {DataType::uint8, {2, 5, 8, 6}}, DataType::uint8);
    const TensorId b = net.graph.add_input("b", {DataType::uint8, {2, 3, 8, 6}}, DataType::uint8);
    const float other = same_scale ? 0.02F : 0.03F;
    const TensorId joined = net.build.concat(
        "joined", {net.dequantize("da", a, 0.02F, 9), net.dequantize("db", b, other, 9)});
    TensorId x = net.dequantize("d1", net.quantize("q1", joined, 0.02F, 9), 0.02F, 9);
    const TensorId pooled = net.build.max_pool("pool", x, {.kernel = 3, .stride = 2, .pad = 1});
    x = net.dequantize("d2", net.quantize("q2", pooled, other, 9), other, 9);
    const TensorId flat = net.build.flatten("flat", x);
    net.graph.add_output(net.quantize("q3", flat, other, 9));
    const TensorId mean = net.build.global_average_pool("mean", x);
    net.graph.add_output(net.quantize("q4", mean, 0.013F, 30));
    const Prepared prepared = prepare(net.graph, whole(net.graph));
    CHECK(has_step(prepared, "da+db+joined+q1") == same_scale);
    CHECK(has_step(prepared, "d1+pool+q2") == same_scale);
    CHECK(has_step(prepared, "d2+mean+q4"));
    CHECK(!has_step(prepared, "flat"));
    CHECK(steps_from_reference(net.graph) <= (same_scale ? 0 : 1));
    CHECK(steps_from_reference(net.graph, PrepareOptions::none()) == 0);
  }
}

TEST_CASE("quantised: a product of one row is exact for all weights, on any processor") {
  for (const bool transposed : {true, false}) {
    CAPTURE(transposed);
    ByteNet net;
    const TensorId x = net.graph.add_input("x", {DataType::uint8, {1, 300}}, DataType::uint8);
    Attributes attributes;
    attributes.set("transB", std::int64_t{transposed});
    const Shape shape = transposed ? Shape{40, 300} : Shape{300, 40};
    const TensorId w = net.grid("w", shape, transposed ? 0.0003F : 0.00001F);
    TensorId y = net.layer("Gemm", "fc",
                           {net.dequantize("d", x, 0.02F, 101), w, net.parameter("b", {40}, -1, 1)},
                           attributes);
    y = net.build.relu6("limit", y);
    net.graph.add_output(net.quantize("q", y, 0.03F, 17));
    if (transposed) {
      CHECK(has_step(prepare(net.graph, whole(net.graph)), "d+fc+limit+q"));
    }
    CHECK(steps_from_reference(net.graph) <= 1);
  }
}

TEST_CASE("quantised: a sum is one call") {
  ByteNet net;
  const TensorId a = net.graph.add_input("a", {DataType::uint8, {3, 50}}, DataType::uint8);
  const TensorId b = net.graph.add_input("b", {DataType::uint8, {3, 50}}, DataType::uint8);
  const TensorId sum = net.build.add("sum", net.dequantize("da", a, 0.037F, 12),
                                     net.dequantize("db", b, 0.011F, 250));
  net.graph.add_output(net.quantize("q", sum, 0.029F, 77));
  CHECK(has_step(prepare(net.graph, whole(net.graph)), "da+db+sum+q"));
  CHECK(steps_from_reference(net.graph) <= 1);
}

TEST_CASE("quantised: weights that lie on no grid stay float32") {
  ByteNet net;
  const TensorId x = net.graph.add_input("x", {DataType::uint8, {1, 3, 5, 5}}, DataType::uint8);
  const TensorId w = net.parameter("w", {4, 3, 1, 1}, -1, 0.77F);
  const TensorId y = net.layer("Conv", "conv", {net.dequantize("d", x, 0.02F, 100), w});
  net.graph.add_output(net.quantize("q", y, 0.02F, 128));
  const Prepared prepared = prepare(net.graph, whole(net.graph));
  CHECK(has_step(prepared, "conv"));
  CHECK(steps_from_reference(net.graph) <= 1);
}

TEST_CASE("quantised: integer convolutions and products are exact") {
  for (const std::int64_t groups : {1, 2}) {
    for (const int zero : {0, 7, 128}) {
      CAPTURE(groups);
      CAPTURE(zero);
      ByteNet net;
      const TensorId x = net.graph.add_input("x", {DataType::uint8, {2, 4, 6, 5}}, DataType::uint8);
      const TensorId from = net.graph.add_input("zero", {DataType::uint8, {}}, DataType::uint8);
      const std::int64_t in = 4 / groups;
      const TensorId w = net.bytes<std::uint8_t>(
          "w", {6, in, 3, 2}, drawn_bytes("w", static_cast<std::size_t>(36 * in)));
      const TensorId weight_zero = net.bytes<std::uint8_t>(
          "wz", {6}, std::vector<std::uint8_t>(6, static_cast<std::uint8_t>(zero)));
      Attributes attributes;
      attributes.set("group", groups);
      attributes.set("pads", Integers{1, 0, 2, 1});
      attributes.set("strides", Integers{1, 2});
      net.graph.add_output(net.layer("ConvInteger", "conv", {x, w, from, weight_zero}, attributes));
      const TensorId rows = net.graph.add_input("r", {DataType::uint8, {2, 3, 9}}, DataType::uint8);
      const TensorId matrix = net.bytes<std::uint8_t>("m", {9, 5}, drawn_bytes("m", 45));
      const TensorId column_zero = net.bytes<std::uint8_t>(
          "mz", {5},
          {static_cast<std::uint8_t>(zero), 1, 128, 255, static_cast<std::uint8_t>(zero)});
      net.graph.add_output(
          net.layer("MatMulInteger", "product", {rows, matrix, from, column_zero}));
      const Segment all = whole(net.graph);
      const TensorMap inputs = random_inputs(net.graph, all);
      // The reference operators have tests of their own against float convolutions and by hand.
      CHECK(same_bits(prepare(net.graph, all).run(inputs), run(net.graph, all, inputs)));
    }
  }
}

}  // namespace offcut::exec::quantized_test
