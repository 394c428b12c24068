#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <limits>

#include "models/ops/convert.h"
#include "tests/models/ops/one_layer.h"

// Elements of other types than float32: floats of 16 bits and of 64, and integers in products.

namespace offcut::ops::element_types_test {
namespace {

template <class T>
Tensor typed(Shape shape, const std::vector<T>& elements) {
  return Tensor(std::move(shape), std::span<const T>(elements));
}
Tensor halves(Shape shape, const std::vector<float>& numbers) {
  return convert(floats(std::move(shape), numbers), DataType::float16);
}
std::vector<float> as_floats(const Tensor& tensor) {
  return values(convert(tensor, DataType::float32));
}

}  // namespace

TEST_CASE("float16 and bfloat16: bit patterns of the standards") {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  const std::vector<float> numbers = {1, -2, 65504, 65520, 5.9604645e-8F, 0.1F, kInfinity};
  // IEEE 754: 1 = 3c00, the largest 7bff, the smallest denormal 0001, 0.1 = 2e66 (0.09998).
  const std::vector<unsigned> binary16 = {0x3c00, 0xc000, 0x7bff, 0x7c00, 0x0001, 0x2e66, 0x7c00};
  // The upper half of float32, rounded to even: 65504 and 65520 become 65536, 0.1 = 3dcd.
  const std::vector<unsigned> brain16 = {0x3f80, 0xc000, 0x4780, 0x4780, 0x3380, 0x3dcd, 0x7f80};
  const Tensor x = floats({7}, numbers);
  const Tensor half = convert(x, DataType::float16);
  const Tensor brain = convert(x, DataType::bfloat16);
  CHECK(half.type().bytes() == 14);
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    CAPTURE(numbers[i]);
    CHECK(unsigned(half.values<Float16>()[i]) == binary16[i]);
    CHECK(unsigned(brain.values<BFloat16>()[i]) == brain16[i]);
  }
  CHECK(as_floats(half)[5] == 0.0999755859375F);
  CHECK(as_floats(brain)[5] == 0.10009765625F);
  CHECK(std::isnan(as_floats(convert(floats({1}, {NAN}), DataType::float16))[0]));
  CHECK(convert(half, DataType::float64).values<double>()[2] == 65504);
  CHECK(convert(halves({2}, {-3.75F, 2}), DataType::int32).values<std::int32_t>()[0] == -3);
}

TEST_CASE("float16: layers compute in float32 and round once") {
  // 2048 + 1 + 1: in binary16 2048 + 1 is 2048 (ties to even), but a sum in float32 is 2050.
  const Tensor row = halves({1, 3}, {2048, 1, 1});
  const Tensor ones = halves({3, 1}, {1, 1, 1});
  const Tensor product = OneLayer("MatMul").run({row, ones});
  CHECK(product.type() == TensorType{DataType::float16, {1, 1}});
  CHECK(as_floats(product) == std::vector<float>{2050});
  CHECK(OneLayer("Relu").run({halves({2}, {-1, 2})}).type().type == DataType::float16);
  const Tensor brain = convert(floats({2}, {-1, 2}), DataType::bfloat16);
  CHECK(OneLayer("Relu").run({brain}).type().type == DataType::bfloat16);
  // Integers stay integers, and so do booleans.
  CHECK(OneLayer("ArgMax").run({halves({3}, {1, 3, 2})}).type().type == DataType::int64);
  CHECK(OneLayer("Greater").run({row, row}).type().type == DataType::boolean);
  // A constant limit is converted, too.
  CHECK(as_floats(OneLayer("Clip", {1, 2}).run({row, halves({}, {0}), halves({}, {6})})) ==
        std::vector<float>{6, 1, 1});
}

TEST_CASE("float16: casts, and weights that are 16 bits until a cast") {
  const OneLayer to_half("Cast", {}, {{"to", std::int64_t{10}}});
  CHECK(to_half.run({floats({2}, {1, 2})}).type().type == DataType::float16);
  const OneLayer to_float("Cast", {}, {{"to", std::int64_t{1}}});
  CHECK(values(to_float.run({halves({2}, {0.5F, -2})})) == std::vector<float>{0.5F, -2});
  const OneLayer like("CastLike", {}, {}, 15);
  CHECK(like.run({floats({1}, {1}), halves({1}, {0})}).type().type == DataType::float16);
}

TEST_CASE("float16: the bytes of costs") {
  Registry<Operator> operators;
  register_operators(operators);
  Graph graph("halves");
  const Tensor weights = halves({4, 5}, std::vector<float>(20, 1));
  const TensorId x = graph.add_input("x", {DataType::float16, {3, 4}}, DataType::float16);
  const TensorId w = graph.add_parameter(
      "w", weights.type(), std::make_shared<Parameter>([weights] { return weights; }));
  const LayerId id = apply(
      graph, operators, {.name = "it", .op_name = "MatMul", .opset = 13, .inputs = {x, w}}, {"y"});
  const LayerWork& work = graph.layer(id).work;
  CHECK(work.macs == 60);
  CHECK(work.parameter_bytes == 40);
  CHECK(work.activation_bytes == 24 + 30);
  CHECK(graph.wire_bytes(*graph.find_tensor("y")) == 30);
}

TEST_CASE("float64 and integers: matrix products, exact where float32 is not") {
  // 2^30 + 1 needs 31 binary digits.
  const double large = 1073741825;
  const auto product =
      OneLayer("MatMul").run({typed<double>({1, 2}, {large, 1}), typed<double>({2, 1}, {1, 0.5})});
  CHECK(product.values<double>()[0] == large + 0.5);
  const auto counts = OneLayer("MatMul").run(
      {typed<std::int32_t>({1, 2}, {1073741825, 3}), typed<std::int32_t>({2, 1}, {1, -2})});
  CHECK(counts.values<std::int32_t>()[0] == 1073741819);
  const auto wide = OneLayer("MatMul").run(
      {typed<std::int64_t>({1}, {std::int64_t{1} << 40}), typed<std::int64_t>({1, 1}, {3})});
  CHECK(wide.values<std::int64_t>()[0] == 3 * (std::int64_t{1} << 40));
  const OneLayer gemm("Gemm", {}, {{"transB", std::int64_t{1}}, {"beta", 2.0F}});
  const auto sum = gemm.run({typed<double>({1, 2}, {large, 1}), typed<double>({1, 2}, {1, 0.5}),
                             typed<double>({1}, {0.25})});
  CHECK(sum.values<double>()[0] == large + 1);
  CHECK_THROWS_WITH(OneLayer("MatMul").run({floats({1, 1}, {1}), typed<double>({1, 1}, {1})}),
                    "layer 'it' (MatMul): input 0 is float32 and input 1 is float64");
}

TEST_CASE("float64: layers that only know float32 keep the type, and its accuracy") {
  const Tensor x = typed<double>({2}, {0.5, -0.5});
  const Tensor y = OneLayer("Tanh").run({x});
  REQUIRE(y.type() == TensorType{DataType::float64, {2}});
  CHECK(y.values<double>()[0] == doctest::Approx(0.46211715726).epsilon(1e-6));
  CHECK(y.values<double>()[1] == doctest::Approx(-0.46211715726).epsilon(1e-6));
}

}  // namespace offcut::ops::element_types_test
