// MatMulInteger: the matrix product of (a - zero point) and (b - zero point), of uint8 or int8,
// summed exactly as int32. There is one zero point for all, or one per row of A and column of B.

#include "models/ops/integer_math.h"
#include "models/ops/quantized.h"

namespace offcut::ops {
namespace {

/// Returns the zero points of A by rows or of B by columns; a vector has neither.
Granularity zero_points(const Call& call, std::size_t input) {
  const Shape& shape = call.shape(input);
  const std::size_t from_end = input == 0 ? 2 : 1;
  const std::size_t axis = shape.size() < 2 ? shape.size() : shape.size() - from_end;
  return call.has(input + 2) ? granularity_of(call, input + 2, shape, axis) : Granularity{};
}

MatrixProduct matmul_integer_product(const Call& call) {
  require_inputs(call, 2, 4);
  const MatrixProduct p = matrix_product_of(call.shape(0), call.shape(1));
  for (std::size_t input = 0; input < 2; ++input) {
    require_bytes(call, input);
    if (call.has(input + 2)) {
      require_same_type(call, input, input + 2);
      zero_points(call, input);
    }
  }
  return p;
}

std::vector<TensorType> infer_matmul_integer(const Call& call) {
  return {output_type(DataType::int32, matmul_integer_product(call).shape)};
}

double macs_matmul_integer(const Call& call, std::span<const TensorType>) {
  return matmul_integer_product(call).macs();
}

std::vector<Tensor> forward_matmul_integer(const Call& call, std::span<const Tensor> inputs) {
  const auto moved = [&](std::size_t input) {
    return above_zero_point(inputs[input], call.has(input + 2) ? inputs[input + 2] : Tensor(),
                            zero_points(call, input));
  };
  return {as_int32(multiplied(matmul_integer_product(call), moved(0), moved(1)),
                   infer_matmul_integer(call).front())};
}

}  // namespace

void register_matmul_integer(Registry<Operator>& registry) {
  registry.add({.name = "MatMulInteger",
                .doc = "matrix product of uint8 or int8, exact in int32",
                .kind = always<LayerKind::dense>,
                .infer = infer_matmul_integer,
                .macs = macs_matmul_integer,
                .forward = forward_matmul_integer});
}

}  // namespace offcut::ops
