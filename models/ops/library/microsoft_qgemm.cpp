// com.microsoft QGemm: alpha * A' * B' + C of quantised A and B, where A' and B' are A and B or
// their transposes, and C is int32 with the scale alpha * a_scale * b_scale. With a scale of Y, Y
// is quantised, otherwise float32. Scales and zero points of B may be one per column. Inputs: A,
// its scale and zero point, the same of B, C, and the scale and zero point of Y.

#include <fmt/format.h>

#include <stdexcept>
#include <utility>

#include "models/ops/broadcast.h"
#include "models/ops/integer_math.h"
#include "models/ops/quantized.h"

namespace offcut::ops {
namespace {

enum QgemmInput : std::size_t {
  kQgemmA,
  kQgemmAScale,
  kQgemmAZero,
  kQgemmB,
  kQgemmBScale,
  kQgemmBZero,
  kQgemmC,
  kQgemmYScale,
  kQgemmYZero
};

Shape qgemm_shape(const Call& call, std::size_t input, const char* transposed) {
  Shape shape = call.shape(input);
  if (shape.size() != 2) {
    throw std::invalid_argument(
        fmt::format("input {} is {}, expected a matrix", input, to_text(call.inputs[input])));
  }
  if (call.attributes.integer(transposed, 0) != 0) {
    std::swap(shape[0], shape[1]);
  }
  return shape;
}

/// Returns the axis of B's columns as B is stored.
std::size_t qgemm_columns(const Call& call) {
  return call.attributes.integer("transB", 0) != 0 ? 0 : 1;
}

MatrixProduct qgemm_product(const Call& call) {
  require_inputs(call, 6, 9);
  require_bytes(call, kQgemmA);
  require_bytes(call, kQgemmB);
  require_one_scale(call, kQgemmAScale);
  require_zero_points(call, kQgemmAZero, kQgemmA, {});
  float_shape(call, kQgemmBScale);
  require_same_type(call, kQgemmB, kQgemmBZero);
  call.attributes.number("alpha", 1);
  const MatrixProduct p =
      matrix_product_of(qgemm_shape(call, kQgemmA, "transA"), qgemm_shape(call, kQgemmB, "transB"));
  granularity_of(call, kQgemmBScale, call.shape(kQgemmB), qgemm_columns(call));
  granularity_of(call, kQgemmBZero, call.shape(kQgemmB), qgemm_columns(call));
  if (call.has(kQgemmC) && (call.inputs[kQgemmC].type != DataType::int32 ||
                            Broadcast(call.shape(kQgemmC), p.shape).shape() != p.shape)) {
    throw std::invalid_argument(fmt::format("C is {}, expected int32 that fits {}",
                                            to_text(call.inputs[kQgemmC]), to_text(p.shape)));
  }
  return p;
}

std::vector<TensorType> infer_microsoft_qgemm(const Call& call) {
  const MatrixProduct p = qgemm_product(call);
  if (!call.has(kQgemmYScale)) {
    return {output_type(DataType::float32, p.shape)};
  }
  require_one_scale(call, kQgemmYScale);
  if (!call.has(kQgemmYZero)) {
    return {output_type(call.inputs[kQgemmA].type, p.shape)};
  }
  require_bytes(call, kQgemmYZero);
  require_zero_points(call, kQgemmYZero, kQgemmYZero, {});
  return {output_type(call.inputs[kQgemmYZero].type, p.shape)};
}

double macs_microsoft_qgemm(const Call& call, std::span<const TensorType>) {
  return qgemm_product(call).macs();
}

/// Returns the elements above their zero points, transposed if the attribute says so.
std::vector<std::uint32_t> qgemm_operand(const Call& call, std::span<const Tensor> inputs,
                                         std::size_t input, const char* transposed,
                                         Granularity zero_points) {
  std::vector<std::uint32_t> stored =
      above_zero_point(inputs[input], inputs[input + 2], zero_points);
  if (call.attributes.integer(transposed, 0) == 0) {
    return stored;
  }
  const auto rows = static_cast<std::size_t>(call.shape(input)[0]);
  const auto columns = static_cast<std::size_t>(call.shape(input)[1]);
  std::vector<std::uint32_t> turned(stored.size());
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t column = 0; column < columns; ++column) {
      turned[column * rows + row] = stored[row * columns + column];
    }
  }
  return turned;
}

std::vector<std::uint32_t> qgemm_sums(const Call& call, std::span<const Tensor> inputs,
                                      const MatrixProduct& p) {
  const Granularity zeros =
      granularity_of(call, kQgemmBZero, call.shape(kQgemmB), qgemm_columns(call));
  std::vector<std::uint32_t> sums =
      multiplied(p, qgemm_operand(call, inputs, kQgemmA, "transA", {}),
                 qgemm_operand(call, inputs, kQgemmB, "transB", zeros));
  if (call.has(kQgemmC)) {
    const Broadcast pairs(call.shape(kQgemmC), p.shape);
    const auto c = inputs[kQgemmC].values<std::int32_t>();
    pairs.for_each_run([&](std::int64_t from, std::int64_t, std::int64_t start, std::int64_t n) {
      for (std::int64_t i = 0; i < n; ++i) {
        sums[static_cast<std::size_t>(start + i)] +=
            static_cast<std::uint32_t>(c[static_cast<std::size_t>(from + i * pairs.a_step())]);
      }
    });
  }
  return sums;
}

std::vector<Tensor> forward_microsoft_qgemm(const Call& call, std::span<const Tensor> inputs) {
  const MatrixProduct p = qgemm_product(call);
  const TensorType type = infer_microsoft_qgemm(call).front();
  const std::vector<std::uint32_t> sums = qgemm_sums(call, inputs, p);
  const float alpha = call.attributes.number("alpha", 1);
  std::vector<float> factors;
  for (const float scale : inputs[kQgemmBScale].values<float>()) {
    factors.push_back(alpha * inputs[kQgemmAScale].values<float>().front() * scale);
  }
  const Granularity columns{static_cast<std::int64_t>(factors.size()), 1};
  if (call.has(kQgemmYScale)) {
    for (float& factor : factors) {
      factor /= inputs[kQgemmYScale].values<float>().front();
    }
    const Tensor zero =
        call.has(kQgemmYZero) ? inputs[kQgemmYZero] : Tensor(TensorType{type.type, {}});
    return {requantized(sums, type.shape, factors, columns, zero)};
  }
  Tensor y(type);
  const auto to = y.values<float>();
  for (std::size_t i = 0; i < to.size(); ++i) {
    to[i] = static_cast<float>(static_cast<std::int32_t>(sums[i])) * factors[columns(i)];
  }
  return {y};
}

}  // namespace

void register_microsoft_qgemm(Registry<Operator>& registry) {
  registry.add({.name = "com.microsoft.QGemm",
                .doc = "alpha * A * B + C of quantised matrices, quantised or as float32",
                .kind = always<LayerKind::dense>,
                .infer = infer_microsoft_qgemm,
                .macs = macs_microsoft_qgemm,
                .forward = forward_microsoft_qgemm});
}

}  // namespace offcut::ops
