#include <doctest/doctest.h>

#include <array>
#include <random>

#include "tests/models/ops/one_layer.h"

namespace offcut::ops::quantized_test {
namespace {

using Attributed = std::vector<std::pair<std::string, AttributeValue>>;

template <class T>
Tensor tensor(Shape shape, const std::vector<T>& elements) {
  return Tensor(std::move(shape), std::span<const T>(elements));
}
template <class T>
Tensor scalar(T value) {
  return tensor<T>({}, {value});
}
template <class T>
std::vector<int> numbers(const Tensor& tensor) {
  return {tensor.values<T>().begin(), tensor.values<T>().end()};
}

Tensor random_bytes(Shape shape, unsigned seed) {
  std::mt19937 random(seed);
  Tensor made(TensorType{DataType::uint8, std::move(shape)});
  for (auto& x : made.values<std::uint8_t>()) {
    x = static_cast<std::uint8_t>(random());
  }
  return made;
}

}  // namespace

TEST_CASE("quantize: halves go to the even integer, and limits hold") {
  const OneLayer layer("QuantizeLinear");
  const Tensor x = floats({6}, {0.5F, 1.5F, -0.5F, 2.5F, 1000, -1000});
  CHECK(numbers<std::uint8_t>(layer.run({x, scalar(1.0F), scalar<std::uint8_t>(10)})) ==
        std::vector<int>{10, 12, 10, 12, 255, 0});
  CHECK(numbers<std::int8_t>(layer.run({x, scalar(1.0F), scalar<std::int8_t>(-1)})) ==
        std::vector<int>{-1, 1, -1, 1, 127, -128});
  CHECK(numbers<std::uint8_t>(layer.run({x, scalar(0.5F)})) ==
        std::vector<int>{1, 3, 0, 5, 255, 0});
}

TEST_CASE("quantize and dequantize: one scale per channel, and back") {
  const Tensor x = floats({2, 2}, {1, 2, 3, 4});
  const Tensor scales = floats({2}, {1, 0.5F});
  const Tensor zeros = tensor<std::uint8_t>({2}, {0, 100});
  const Tensor y = OneLayer("QuantizeLinear").run({x, scales, zeros});
  CHECK(numbers<std::uint8_t>(y) == std::vector<int>{1, 104, 3, 108});
  CHECK(values(OneLayer("DequantizeLinear").run({y, scales, zeros})) == values(x));
  const Attributed rows = {{"axis", std::int64_t{0}}};
  CHECK(numbers<std::uint8_t>(OneLayer("QuantizeLinear", {}, rows).run({x, scales, zeros})) ==
        std::vector<int>{1, 2, 106, 108});
  CHECK_THROWS_WITH(OneLayer("QuantizeLinear").run({x, floats({3}), zeros}),
                    "layer 'it' (QuantizeLinear): input 1 of 3 does not fit 2x2");
  CHECK_THROWS_WITH(OneLayer("QuantizeLinear", {}, {}, 10).run({x, scales, zeros}),
                    "layer 'it' (QuantizeLinear): input 1 is float32 2, expected one scale");
}

TEST_CASE("dequantize: int32, the type of biases") {
  const Tensor x = tensor<std::int32_t>({2}, {-300, 70000});
  CHECK(values(OneLayer("DequantizeLinear").run({x, scalar(0.5F)})) ==
        std::vector<float>{-150, 35000});
}

TEST_CASE("dynamic quantize: all three outputs, with zero in the range") {
  const Graph graph = [] {
    static Registry<Operator> operators;
    register_operators(operators);
    Graph built("dynamic");
    const TensorId x = built.add_input("x", {DataType::float32, {3}}, DataType::float32);
    apply(built, operators,
          {.name = "q", .op_name = "DynamicQuantizeLinear", .opset = 11, .inputs = {x}},
          {"y", "scale", "zero"});
    apply(built, operators,
          {.name = "d", .op_name = "DequantizeLinear", .opset = 11, .inputs = {1, 2, 3}}, {"back"});
    built.add_output(*built.find_tensor("back"));
    return built;
  }();
  const std::vector<float> x = {0, 255, -255};
  // The graph as a whole, and cut between the two layers: three tensors cross.
  const exec::TensorMap given = {{0, floats({3}, x)}};
  const Tensor back = exec::run(graph, exec::whole(graph), given).at(4);
  const exec::TensorMap crossing = exec::run(graph, exec::segment_of(graph, {0}), given);
  CHECK(crossing.size() == 3);
  CHECK(crossing.at(2).values<float>()[0] == 2);
  CHECK(numbers<std::uint8_t>(crossing.at(3)) == std::vector<int>{128});
  CHECK(values(exec::run(graph, exec::segment_of(graph, {1}), crossing).at(4)) == values(back));
  CHECK(values(back) == std::vector<float>{0, 254, -256});
}

TEST_CASE("integer products: by hand, with zero points per row and column") {
  const Tensor a = tensor<std::uint8_t>({2, 2}, {1, 2, 3, 4});
  const Tensor b = tensor<std::int8_t>({2, 2}, {1, -1, 2, 0});
  const OneLayer layer("MatMulInteger");
  CHECK(numbers<std::int32_t>(layer.run({a, b})) == std::vector<int>{5, -1, 11, -3});
  CHECK(numbers<std::int32_t>(layer.run(
            {a, b, tensor<std::uint8_t>({2}, {1, 3}), tensor<std::int8_t>({2}, {1, -1})})) ==
        std::vector<int>{1, 1, 1, 1});
  CHECK(layer.work({a, b}).macs == 8);
}

TEST_CASE("quantised products: scaled once, rounded to even") {
  const Tensor a = tensor<std::uint8_t>({1, 2}, {3, 5});
  const Tensor b = tensor<std::uint8_t>({2, 2}, {1, 2, 1, 2});
  const Tensor y =
      OneLayer("QLinearMatMul")
          .run({a, scalar(0.5F), scalar<std::uint8_t>(0), b, floats({2}, {1, 2}),
                tensor<std::uint8_t>({2}, {0, 1}), scalar(8.0F), scalar<std::uint8_t>(7)});
  // 8 * 0.5 / 8 = 0.5, which goes to 0; 8 * 0.5 * 2 / 8 = 1.
  CHECK(numbers<std::uint8_t>(y) == std::vector<int>{7, 8});
}

TEST_CASE("integer convolutions agree with float ones, grouped, dilated and padded") {
  const Attributed attributes = {{"group", std::int64_t{2}},
                                 {"dilations", std::vector<std::int64_t>{2, 1}},
                                 {"strides", std::vector<std::int64_t>{1, 2}},
                                 {"pads", std::vector<std::int64_t>{1, 0, 2, 1}}};
  const Tensor x = random_bytes({2, 4, 6, 5}, 1);
  const Tensor w = random_bytes({6, 2, 3, 2}, 2);
  const auto as_floats = [](const Tensor& bytes, float zero) {
    Tensor made(TensorType{DataType::float32, bytes.shape()});
    for (std::size_t i = 0; i < bytes.values<std::uint8_t>().size(); ++i) {
      made.values<float>()[i] = static_cast<float>(bytes.values<std::uint8_t>()[i]) - zero;
    }
    return made;
  };
  const Tensor expected =
      OneLayer("Conv", {}, attributes).run({as_floats(x, 100), as_floats(w, 7)});
  const Tensor sums = OneLayer("ConvInteger", {}, attributes)
                          .run({x, w, scalar<std::uint8_t>(100), scalar<std::uint8_t>(7)});
  REQUIRE(sums.shape() == expected.shape());
  for (std::size_t i = 0; i < values(expected).size(); ++i) {
    CHECK(static_cast<float>(sums.values<std::int32_t>()[i]) == values(expected)[i]);
  }
  const Tensor scaled =
      OneLayer("QLinearConv", {}, attributes)
          .run({x, scalar(0.25F), scalar<std::uint8_t>(100), w, floats({6}, {1, 1, 1, 1, 1, 2}),
                scalar<std::uint8_t>(7), scalar(64.0F), scalar<std::int8_t>(3),
                tensor<std::int32_t>({6}, {0, 0, 0, 0, 0, 256})});
  CHECK(scaled.type().type == DataType::int8);
  const std::size_t plane = values(expected).size() / 12;
  for (std::size_t i = 0; i < values(expected).size(); ++i) {
    const bool last = i / plane % 6 == 5;
    const float real = (values(expected)[i] + (last ? 256.0F : 0)) * (last ? 2.0F : 1) / 256;
    CHECK(scaled.values<std::int8_t>()[i] == std::clamp(std::nearbyint(real) + 3, -128.0F, 127.0F));
  }
}

}  // namespace offcut::ops::quantized_test
