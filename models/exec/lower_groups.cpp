// Kernels of our own for what groups of layers come to.

#include <Eigen/Core>
#include <algorithm>
#include <functional>

#include "models/exec/gemm.h"
#include "models/exec/lowering.h"
#include "models/ops/broadcast.h"
#include "models/ops/walk.h"

namespace offcut {
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
  for (std::size_t at = 0; at < y.size(); at += static_cast<std::size_t>(width)) {
    const ConstRow from(x + at, width);
    Row to(y.data() + at, width);
    to = from - from.mean();
    const float deviation = std::sqrt(to.square().mean() + epsilon);
    to = to / deviation * factors + offsets;
  }
}

void softmax(float* x, std::int64_t count) {
  Row row(x, count);
  row = (row - row.maxCoeff()).exp();
  row /= row.sum();
}

void mask_row(const Attention& how, const float* added, const std::byte* chosen, std::int64_t step,
              std::span<float> scores) {
  for (std::size_t i = 0; i < scores.size(); ++i) {
    const std::size_t at = i * static_cast<std::size_t>(step);
    if (how.mask == Attention::Mask::added) {
      scores[i] += added[at];
    } else if (chosen[at] == std::byte{0}) {
      scores[i] = how.fill;
    }
  }
}

/// The last two axes of a strided tensor as a matrix that begins at `data`.
MatrixView matrix_at(const float* data, const Shape& shape, const Strided& view) {
  const std::size_t rank = shape.size();
  return {data, shape[rank - 2], shape[rank - 1], view.steps[rank - 2], view.steps[rank - 1]};
}

bool is_matrix(const Strided& view) {
  const std::size_t rank = view.steps.size();
  return view.steps[rank - 1] == 1 || view.steps[rank - 2] == 1;
}

/// How far a tensor moves along the axes of `shape`, to which it is broadcast.
std::vector<std::int64_t> broadcast_steps(const Shape& own, const Shape& shape) {
  std::vector<std::int64_t> steps(shape.size(), 0);
  const std::vector<std::int64_t> dense = row_major_steps(own);
  for (std::size_t i = 0; i < own.size(); ++i) {
    steps[i + shape.size() - own.size()] = own[i] == 1 ? 0 : dense[i];
  }
  return steps;
}

/// One call of attention: everything but the buffers' addresses.
struct AttentionStep {
  Attention how;
  std::optional<Activation> activation;
  Shape q_shape, k_shape, v_shape;
  Strided q, k, v, y;
  std::optional<BufferId> mask_buffer;
  Tensor mask_constant;
  std::vector<std::int64_t> mask_steps;
  BufferId scores = 0;

  void operator()(BufferTable& buffers) const {
    const std::size_t rank = q_shape.size();
    std::vector<WalkAxis<5>> axes;  // q, k, v, y, mask
    for (std::size_t i = 0; i + 2 < rank; ++i) {
      axes.push_back({q_shape[i],
                      {q.steps[i], k.steps[i], v.steps[i], y.steps[i],
                       mask_steps.empty() ? 0 : mask_steps[i]}});
    }
    axes.push_back({});  // one place, where there are no stacks
    const std::byte* mask = mask_buffer               ? buffers.data(*mask_buffer)
                            : !mask_constant.absent() ? mask_constant.bytes().data()
                                                      : nullptr;
    const Walk<5> walk(axes);
    walk.for_each_run([&](const Walk<5>::Offsets& start, std::int64_t length) {
      for (std::int64_t i = 0; i < length; ++i) {
        Walk<5>::Offsets at = start;
        for (std::size_t t = 0; t < at.size(); ++t) {
          at[t] += i * walk.step()[t];
        }
        one(buffers, at, mask);
      }
    });
  }

 private:
  void one(BufferTable& buffers, const Walk<5>::Offsets& at, const std::byte* mask) const {
    const std::size_t rank = q_shape.size();
    const std::int64_t rows = q_shape[rank - 2];
    const std::int64_t keys = k_shape[rank - 1];
    float* const score = buffers.floats(scores);
    const auto matrix = [&](const Strided& view, const Shape& shape, std::int64_t offset) {
      return matrix_at(buffers.floats(view.buffer) + view.offset + offset, shape, view);
    };
    multiply(how.scale, matrix(q, q_shape, at[0]), matrix(k, k_shape, at[1]), score, keys);
    for (std::int64_t row = 0; row < rows; ++row) {
      float* const own = score + row * keys;
      if (mask != nullptr) {
        const std::int64_t offset = at[4] + row * mask_steps[rank - 2];
        const auto* const numbers = reinterpret_cast<const float*>(mask);
        mask_row(how, numbers + offset, mask + offset, mask_steps[rank - 1],
                 {own, static_cast<std::size_t>(keys)});
      }
      softmax(own, keys);
    }
    float* const to = buffers.floats(y.buffer) + y.offset + at[3];
    multiply(1, {score, rows, keys, keys, 1}, matrix(v, v_shape, at[2]), to, y.steps[rank - 2]);
    for (std::int64_t row = 0; activation && row < rows; ++row) {
      activate_fast(*activation,
                    {to + row * y.steps[rank - 2], static_cast<std::size_t>(v_shape[rank - 1])});
    }
  }
};

}  // namespace

void Lowering::lower_group(const Operation& operation) {
  if (std::holds_alternative<Linear>(operation.group)) {
    lower_linear(operation);
  } else if (std::holds_alternative<LayerNorm>(operation.group)) {
    lower_layer_norm(operation);
  } else if (std::holds_alternative<Attention>(operation.group)) {
    lower_attention(operation);
  } else {
    lower_elementwise(operation);
  }
}

void Lowering::lower_elementwise(const Operation& operation) {
  const TensorId result = operation.outputs.front();
  const auto count = static_cast<std::size_t>(elements(type(result).shape));
  const BufferId x = plain(operation.inputs[0].id);
  const BufferId y = schedule_.add_scratch(count * sizeof(float));
  set_plain(result, y);
  schedule_.add_step({.name = operation.name,
                      .kernel = "elementwise",
                      .reads = {x},
                      .writes = {y},
                      .run = [x, y, count, f = *operation.activation](BufferTable& buffers) {
                        std::copy_n(buffers.floats(x), count, buffers.floats(y));
                        activate_fast(f, {buffers.floats(y), count});
                      }});
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
  const TensorId result = operation.outputs.front();
  const auto count = static_cast<std::size_t>(elements(type(result).shape));
  const BufferId x = plain(operation.inputs[0].id);
  const BufferId y = schedule_.add_scratch(count * sizeof(float));
  set_plain(result, y);
  schedule_.add_step({.name = operation.name,
                      .kernel = "layer norm",
                      .reads = {x},
                      .writes = {y},
                      .run = [x, y, count, scale = program_.constant(operation.inputs[1]),
                              shift = program_.constant(operation.inputs[2]),
                              epsilon = std::get<LayerNorm>(operation.group).epsilon,
                              f = operation.activation](BufferTable& buffers) {
                        const std::span<float> to(buffers.floats(y), count);
                        normalize(buffers.floats(x), scale, shift, epsilon, to);
                        finish(f, nullptr, to);
                      }});
}

Strided Lowering::attention_output(TensorId output) {
  // The layer that puts the heads side by side again mostly follows: then they are made there.
  const Shape& shape = type(output).shape;
  Strided view{.buffer = schedule_.add_scratch(static_cast<std::size_t>(type(output).bytes())),
               .steps = row_major_steps(shape)};
  const auto last = last_read_.find(output);
  if (last == last_read_.end() || last->second == kLeaves ||
      !program_.is(program_[last->second], "Transpose")) {
    return view;
  }
  const auto order = program_.layer(program_[last->second]).attributes.integers("perm", {});
  if (order.size() != shape.size() || order.back() != static_cast<std::int64_t>(shape.size()) - 1) {
    return view;  // rows would have gaps
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
    return is_matrix(view) ? view
                           : Strided{.buffer = plain(id), .steps = row_major_steps(type(id).shape)};
  };
  AttentionStep step{.how = std::get<Attention>(operation.group),
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

}  // namespace offcut
