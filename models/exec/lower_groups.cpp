// Our own kernels for groups of layers that passes have merged: activations, products with constant
// matrices, layer normalisation and attention. They run where no library's kernel does.

#include <Eigen/Core>
#include <algorithm>
#include <functional>

#include "models/exec/attention_step.h"
#include "models/exec/gemm.h"
#include "models/exec/lowering.h"
#include "models/ops/walk.h"

namespace offcut::exec {
namespace {

using Row = Eigen::Map<Eigen::ArrayXf>;
using ConstRow = Eigen::Map<const Eigen::ArrayXf>;

void finish(const std::optional<Activation>& activation, const float* residual,
            std::span<float> y) {
  if (residual != nullptr) {
    std::transform(y.begin(), y.end(), residual, y.begin(), std::plus<>());
  }
  if (activation) {
    activate_fast(*activation, y);
  }
}

void normalize(const float* x, const Tensor& scale, const Tensor& shift, float epsilon,
               std::span<float> y) {
  const auto width = static_cast<Eigen::Index>(scale.values<float>().size());
  const ConstRow factors(scale.values<float>().data(), width);
  const ConstRow offsets(shift.values<float>().data(), width);
  for (std::size_t start = 0; start < y.size(); start += static_cast<std::size_t>(width)) {
    const ConstRow from(x + start, width);
    Row to(y.data() + start, width);
    to = from - from.mean();
    const float deviation = std::sqrt(to.square().mean() + epsilon);
    to = to / deviation * factors + offsets;
  }
}

bool is_matrix(const Strided& view) {
  const std::size_t rank = view.steps.size();
  return view.steps[rank - 1] == 1 || view.steps[rank - 2] == 1;
}

/// Returns how far a tensor moves along the axes of `shape`, to which it is broadcast.
std::vector<std::int64_t> broadcast_steps(const Shape& own, const Shape& shape) {
  std::vector<std::int64_t> steps(shape.size(), 0);
  const std::vector<std::int64_t> dense = ops::row_major_steps(own);
  for (std::size_t i = 0; i < own.size(); ++i) {
    steps[i + shape.size() - own.size()] = own[i] == 1 ? 0 : dense[i];
  }
  return steps;
}

}  // namespace

void Lowering::lower_group(const Operation& operation) {
  if (std::holds_alternative<Linear>(operation.group)) {
    lower_linear(operation);
  } else if (std::holds_alternative<LayerNorm>(operation.group)) {
    lower_layer_norm(operation);
  } else if (std::holds_alternative<Attention>(operation.group)) {
    lower_attention(operation);
  } else if (std::holds_alternative<Quantized>(operation.group)) {
    lower_quantized(operation);
  } else {
    lower_elementwise(operation);
  }
}

void Lowering::add_unary(const Operation& operation, const std::string& kernel,
                         UnaryFunction compute) {
  const TensorId result = operation.outputs.front();
  const auto count = static_cast<std::size_t>(elements(type(result).shape));
  const BufferId x = plain(operation.inputs[0].id);
  const BufferId y = schedule_.add_scratch(count * sizeof(float));
  set_plain(result, y);
  schedule_.add_step({.name = operation.name,
                      .kernel = kernel,
                      .reads = {x},
                      .writes = {y},
                      .run = [x, y, count, compute = std::move(compute),
                              f = operation.activation](BufferTable& buffers) {
                        const std::span<float> to(buffers.floats(y), count);
                        compute(buffers.floats(x), to);
                        finish(f, nullptr, to);
                      }});
}

void Lowering::lower_elementwise(const Operation& operation) {
  add_unary(operation, "elementwise",
            [](const float* x, std::span<float> y) { std::copy_n(x, y.size(), y.begin()); });
}

void Lowering::lower_linear(const Operation& operation) {
  const TensorId result = operation.outputs.front();
  const Tensor w = program_.constant(operation.inputs[1]);
  const std::int64_t columns = w.shape()[1];
  const auto count = static_cast<std::size_t>(elements(type(result).shape));
  const std::int64_t rows = columns == 0 ? 0 : elements(type(result).shape) / columns;
  const Tensor bias =
      operation.inputs.size() > 2 ? program_.constant(operation.inputs[2]) : Tensor();
  const BufferId x = plain(operation.inputs[0].id);
  std::vector<BufferId> reads = {x};
  if (operation.residual) {
    reads.push_back(plain(*operation.residual));
  }
  const BufferId y = schedule_.add_scratch(count * sizeof(float));
  set_plain(result, y);
  schedule_.add_step(
      {.name = operation.name,
       .kernel = "product",
       .reads = reads,
       .writes = {y},
       .run = [=, f = operation.activation](BufferTable& buffers) {
         const std::int64_t depth = w.shape()[0];
         float* const to = buffers.floats(y);
         multiply(1, {buffers.floats(x), rows, depth, depth, 1},
                  {w.values<float>().data(), depth, columns, columns, 1}, to, columns);
         for (std::int64_t row = 0; row < rows && !bias.absent(); ++row) {
           Row(to + row * columns, columns) += ConstRow(bias.values<float>().data(), columns);
         }
         finish(f, reads.size() > 1 ? buffers.floats(reads[1]) : nullptr, {to, count});
       }});
}

void Lowering::lower_layer_norm(const Operation& operation) {
  add_unary(operation, "layer norm",
            [scale = program_.constant(operation.inputs[1]),
             shift = program_.constant(operation.inputs[2]),
             epsilon = std::get<LayerNorm>(operation.group).epsilon](
                const float* x, std::span<float> y) { normalize(x, scale, shift, epsilon, y); });
}

Strided Lowering::attention_output(TensorId output) {
  // A layer that puts the heads side by side again usually follows; then they are made in its
  // order.
  const Shape& shape = type(output).shape;
  Strided view{.buffer = schedule_.add_scratch(static_cast<std::size_t>(type(output).bytes())),
               .steps = ops::row_major_steps(shape)};
  const auto last = last_read_.find(output);
  if (last == last_read_.end() || last->second == kLeaves ||
      !program_.has_op(program_[last->second], "Transpose")) {
    return view;
  }
  const auto order = program_.layer(program_[last->second]).attributes.integers("perm", {});
  if (order.size() != shape.size() || order.back() != static_cast<std::int64_t>(shape.size()) - 1) {
    return view;  // The rows would have gaps.
  }
  std::int64_t step = 1;
  for (std::size_t i = shape.size(); i-- > 0;) {
    const auto axis = static_cast<std::size_t>(order[i]);
    view.steps[axis] = step;
    step *= shape[axis];
  }
  return view;
}

void Lowering::lower_attention(const Operation& operation) {
  const TensorId result = operation.outputs.front();
  const auto matrices = [&](std::size_t input) {
    const TensorId id = operation.inputs[input].id;
    const Strided view = strided(id);
    return is_matrix(view)
               ? view
               : Strided{.buffer = plain(id), .steps = ops::row_major_steps(type(id).shape)};
  };
  AttentionStep step{.attention = std::get<Attention>(operation.group),
                     .activation = operation.activation,
                     .q_shape = program_.type(operation.inputs[0]).shape,
                     .k_shape = program_.type(operation.inputs[1]).shape,
                     .v_shape = program_.type(operation.inputs[2]).shape,
                     .q = matrices(0),
                     .k = matrices(1),
                     .v = matrices(2)};
  Step added{.name = operation.name,
             .kernel = "attention",
             .reads = {step.q.buffer, step.k.buffer, step.v.buffer}};
  Shape scores = step.q_shape;
  scores.back() = step.k_shape.back();
  if (operation.inputs.size() > 3) {
    const Operand& mask = operation.inputs[3];
    step.mask_steps = broadcast_steps(program_.type(mask).shape, scores);
    if (program_.is_constant(mask)) {
      step.mask_constant = program_.constant(mask);
    } else {
      step.mask_buffer = plain(mask.id);
      added.reads.push_back(*step.mask_buffer);
    }
  }
  const std::size_t rank = scores.size();
  step.scores = schedule_.add_scratch(
      static_cast<std::size_t>(scores[rank - 2] * scores[rank - 1]) * sizeof(float));
  step.y = attention_output(result);
  set_strided(result, step.y);
  added.writes = {step.scores, step.y.buffer};
  added.run = std::move(step);
  schedule_.add_step(std::move(added));
}

}  // namespace offcut::exec
