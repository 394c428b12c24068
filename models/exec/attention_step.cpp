// Attention on the schedule's buffers. A walk visits the stacks of matrices by their strides;
// each matrix is then two products (gemm.h) with the mask and a softmax per row between them.

#include "models/exec/attention_step.h"

#include <Eigen/Core>

#include "models/exec/gemm.h"
#include "models/ops/walk.h"

namespace offcut::exec {
namespace {

void softmax(float* x, std::int64_t count) {
  Eigen::Map<Eigen::ArrayXf> row(x, count);
  row = (row - row.maxCoeff()).exp();
  row /= row.sum();
}

void mask_row(const Attention& attention, const float* added, const std::byte* chosen,
              std::int64_t step, std::span<float> scores) {
  for (std::size_t i = 0; i < scores.size(); ++i) {
    const std::size_t position = i * static_cast<std::size_t>(step);
    if (attention.mask == Attention::Mask::added) {
      scores[i] += added[position];
    } else if (chosen[position] == std::byte{0}) {
      scores[i] = attention.fill;
    }
  }
}

/// Views the last two axes of a strided tensor as a matrix that begins at `data`.
MatrixView matrix_at(const float* data, const Shape& shape, const Strided& view) {
  const std::size_t rank = shape.size();
  return {data, shape[rank - 2], shape[rank - 1], view.steps[rank - 2], view.steps[rank - 1]};
}

}  // namespace

void AttentionStep::operator()(BufferTable& buffers) const {
  const std::size_t rank = q_shape.size();
  std::vector<ops::WalkAxis<5>> axes;  // The axes of q, k, v, y and the mask.
  for (std::size_t i = 0; i + 2 < rank; ++i) {
    axes.push_back(
        {q_shape[i],
         {q.steps[i], k.steps[i], v.steps[i], y.steps[i], mask_steps.empty() ? 0 : mask_steps[i]}});
  }
  axes.push_back({});  // Without stacks there is one matrix.
  const std::byte* mask = mask_buffer               ? buffers.data(*mask_buffer)
                          : !mask_constant.absent() ? mask_constant.bytes().data()
                                                    : nullptr;
  const ops::Walk<5> walk(axes);
  walk.for_each_run([&](const ops::Walk<5>::Offsets& start, std::int64_t length) {
    for (std::int64_t i = 0; i < length; ++i) {
      ops::Walk<5>::Offsets offsets = start;
      for (std::size_t t = 0; t < offsets.size(); ++t) {
        offsets[t] += i * walk.step()[t];
      }
      attend(buffers, offsets, mask);
    }
  });
}

void AttentionStep::attend(BufferTable& buffers, const Offsets& offsets,
                           const std::byte* mask) const {
  const std::size_t rank = q_shape.size();
  const std::int64_t rows = q_shape[rank - 2];
  const std::int64_t keys = k_shape[rank - 1];
  float* const score = buffers.floats(scores);
  const auto matrix = [&](const Strided& view, const Shape& shape, std::int64_t offset) {
    return matrix_at(buffers.floats(view.buffer) + view.offset + offset, shape, view);
  };
  multiply(attention.scale, matrix(q, q_shape, offsets[0]), matrix(k, k_shape, offsets[1]), score,
           keys);
  for (std::int64_t row = 0; row < rows; ++row) {
    float* const own = score + row * keys;
    if (mask != nullptr) {
      const std::int64_t offset = offsets[4] + row * mask_steps[rank - 2];
      const auto* const numbers = reinterpret_cast<const float*>(mask);
      mask_row(attention, numbers + offset, mask + offset, mask_steps[rank - 1],
               {own, static_cast<std::size_t>(keys)});
    }
    softmax(own, keys);
  }
  float* const to = buffers.floats(y.buffer) + y.offset + offsets[3];
  multiply(1, {score, rows, keys, keys, 1}, matrix(v, v_shape, offsets[2]), to, y.steps[rank - 2]);
  for (std::int64_t row = 0; activation && row < rows; ++row) {
    activate_fast(*activation,
                  {to + row * y.steps[rank - 2], static_cast<std::size_t>(v_shape[rank - 1])});
  }
}

}  // namespace offcut::exec
