// Products of one row and a constant matrix: fully connected layers at batch 1.

#include <algorithm>

#include "models/exec/gemv.h"
#include "models/exec/lowering.h"

namespace offcut::exec {
namespace {

/// Checks for a convolution whose input has one place, which the window covers: a fully connected
/// layer over the channels. With padding, the only window may lie beside that place.
bool is_convolution_of_a_point(const Program& program, const Operation& operation) {
  const auto is_point = [&](const Shape& shape) {
    return std::all_of(shape.begin() + 2, shape.end(), [](auto extent) { return extent == 1; });
  };
  const std::vector<std::int64_t> pads = program.layer(operation).attributes.integers("pads", {});
  const bool is_padded = std::any_of(pads.begin(), pads.end(), [](auto pad) { return pad != 0; });
  return program.has_op(operation, "Conv") && !operation.residual && !is_padded &&
         program.layer(operation).attributes.integer("group", 1) == 1 &&
         is_point(program.type(operation.inputs[0]).shape) &&
         is_point(program.type(operation.inputs[1]).shape) &&
         is_point(program.graph().tensor(operation.outputs.front()).type.shape);
}

/// Checks for y = x B + c with one row x, constants B and c, and no scale: a fully connected layer
/// at batch 1.
bool is_vector_product(const Program& program, const Operation& operation) {
  const Layer& layer = program.layer(operation);
  const bool plain_gemm =
      program.has_op(operation, "Gemm") && layer.attributes.integer("transA", 0) == 0 &&
      layer.attributes.number("alpha", 1) == 1 && layer.attributes.number("beta", 1) == 1;
  if (!plain_gemm && !is_convolution_of_a_point(program, operation)) {
    return false;
  }
  const auto& inputs = operation.inputs;
  const TensorType y = program.graph().tensor(operation.outputs.front()).type;
  const bool plain_bias =
      inputs.size() < 3 || program.type(inputs[2]) == TensorType{} ||
      (program.is_constant(inputs[2]) && elements(program.type(inputs[2]).shape) == y.shape[1]);
  return y.shape[0] == 1 && !program.is_constant(inputs[0]) && program.is_constant(inputs[1]) &&
         plain_bias;
}

Tensor transposed(const Tensor& matrix) {
  const auto rows = static_cast<std::size_t>(matrix.shape()[0]);
  const auto columns = static_cast<std::size_t>(matrix.shape()[1]);
  Tensor result(TensorType{DataType::float32, {matrix.shape()[1], matrix.shape()[0]}});
  const std::span<const float> from = matrix.values<float>();
  const std::span<float> to = result.values<float>();
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t c = 0; c < columns; ++c) {
      to[c * rows + r] = from[r * columns + c];
    }
  }
  return result;
}

}  // namespace

bool Lowering::lower_vector_product(const Operation& operation) {
  if (!is_vector_product(program_, operation)) {
    return false;
  }
  const bool is_transposed = program_.has_op(operation, "Conv") ||
                             program_.layer(operation).attributes.integer("transB", 0) != 0;
  Tensor stored = program_.constant(operation.inputs[1]);
  stored = stored.reshaped({stored.shape()[0], stored.shape()[1]});
  const Tensor matrix = is_transposed ? stored : transposed(stored);
  count_weights(is_transposed ? 0 : matrix.bytes().size());
  const bool has_bias =
      operation.inputs.size() > 2 && program_.type(operation.inputs[2]) != TensorType{};
  const Tensor bias = has_bias ? program_.constant(operation.inputs[2])
                               : Tensor(TensorType{DataType::float32, {matrix.shape()[0]}});
  const BufferId x = plain(operation.inputs[0].id);
  const BufferId y = schedule_.add_scratch(bias.bytes().size());
  set_plain(operation.outputs.front(), y);
  schedule_.add_step(
      {.name = operation.name,
       .kernel = "vector product",
       .reads = {x},
       .writes = {y},
       .run = [matrix, bias, x, y, activation = operation.activation](BufferTable& buffers) {
         const std::span<const float> start = bias.values<float>();
         const std::span<float> to(buffers.floats(y), start.size());
         std::copy(start.begin(), start.end(), to.begin());
         add_product(matrix.values<float>().data(),
                     {buffers.floats(x), static_cast<std::size_t>(matrix.shape()[1])}, to);
         if (activation) {
           activate_fast(*activation, to);
         }
       }});
  return true;
}

}  // namespace offcut::exec
