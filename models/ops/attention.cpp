// Multi-head attention in Eigen, one head after the other, and the masks of ONNX Runtime's
// operators. The largest score of a query is subtracted before the exponential, so none overflows.

#include "models/ops/attention.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <stdexcept>

#include "models/ops/arguments.h"
#include "models/ops/matrix.h"

namespace offcut::ops {
namespace {

constexpr float kMaskedScore = -10000;  // The operators' own default.

void softmax_of_rows(Matrix& scores) {
  for (Eigen::Index row = 0; row < scores.rows(); ++row) {
    auto line = scores.row(row).array();
    line = (line - line.maxCoeff()).exp();
    line /= line.sum();
  }
}

/// Returns whether the key takes part, for each form of a mask.
bool is_kept(std::span<const std::int32_t> mask, const Shape& shape, const AttentionSizes& sizes,
             std::int64_t batch, std::int64_t query, std::int64_t key) {
  const auto at = [&](std::int64_t index) { return mask[static_cast<std::size_t>(index)]; };
  if (shape.size() == 1) {
    const bool has_starts = shape[0] == 2 * sizes.batch;
    return key < at(batch) && (!has_starts || key >= at(sizes.batch + batch));
  }
  return at(shape.size() == 2 ? batch * sizes.keys + key
                              : (batch * sizes.queries + query) * sizes.keys + key) > 0;
}

bool fits_mask(const Shape& shape, const AttentionSizes& s) {
  return shape == Shape{s.batch} || shape == Shape{2 * s.batch} ||
         shape == Shape{s.batch, s.keys} || shape == Shape{s.batch, s.queries, s.keys};
}

}  // namespace

double AttentionSizes::macs() const {
  return static_cast<double>(batch * heads) * static_cast<double>(queries) *
         static_cast<double>(keys) * static_cast<double>(head_size + value_size);
}

void attend(const AttentionSizes& s, const AttentionOperands& operands, float scale,
            const ScoreBias& bias, std::span<float> y) {
  if (s.keys == 0) {
    return;  // No score, and no sum.
  }
  Matrix scores(s.queries, s.keys);
  Matrix result(s.queries, s.value_size);
  for (std::int64_t batch = 0; batch < s.batch; ++batch) {
    for (std::int64_t head = 0; head < s.heads; ++head) {
      const std::int64_t pair = batch * s.heads + head;
      const ConstMatrixMap q(operands.q.data() + pair * s.queries * s.head_size, s.queries,
                             s.head_size);
      const ConstMatrixMap k(operands.k.data() + pair * s.keys * s.head_size, s.keys, s.head_size);
      const ConstMatrixMap v(operands.v.data() + pair * s.keys * s.value_size, s.keys,
                             s.value_size);
      scores.noalias() = scale * (q * k.transpose());
      for (std::int64_t query = 0; query < s.queries; ++query) {
        for (std::int64_t key = 0; key < s.keys; ++key) {
          scores(query, key) += bias(batch, head, query, key);
        }
      }
      softmax_of_rows(scores);
      result.noalias() = scores * v;
      for (std::int64_t query = 0; query < s.queries; ++query) {
        const std::int64_t row = (batch * s.queries + query) * s.heads + head;
        std::copy_n(result.data() + query * s.value_size, s.value_size,
                    y.begin() + row * s.value_size);
      }
    }
  }
}

void split_heads(const HeadLayout& at, const float* from, const float* bias, float* to) {
  for (std::int64_t batch = 0; batch < at.batch; ++batch) {
    for (std::int64_t row = 0; row < at.rows; ++row, from += at.stride) {
      for (std::int64_t head = 0; head < at.heads; ++head) {
        const std::int64_t line = (batch * at.heads + head) * at.all_rows + at.first + row;
        for (std::int64_t i = 0; i < at.size; ++i) {
          const std::int64_t column = head * at.size + i;
          to[line * at.size + i] = from[column] + (bias == nullptr ? 0 : bias[column]);
        }
      }
    }
  }
}

void copy_heads(const HeadLayout& at, const float* from, float* to) {
  for (std::int64_t pair = 0; pair < at.batch * at.heads; ++pair) {
    std::copy_n(from + pair * at.rows * at.size, at.rows * at.size,
                to + (pair * at.all_rows + at.first) * at.size);
  }
}

void require_mask(const Call& call, const AttentionSizes& s, const AttentionMask& mask) {
  if (call.has(mask.mask) &&
      (call.inputs[mask.mask].type != DataType::int32 || !fits_mask(call.shape(mask.mask), s))) {
    throw std::invalid_argument(fmt::format("the mask is {}, which does not fit {} keys",
                                            to_text(call.inputs[mask.mask]), s.keys));
  }
  if (call.has(mask.bias)) {
    const Shape& bias = float_shape(call, mask.bias);
    const bool fits = bias.size() == 4 && (bias[0] == 1 || bias[0] == s.batch) &&
                      (bias[1] == 1 || bias[1] == s.heads) && bias[2] == s.queries &&
                      bias[3] == s.keys;
    if (!fits) {
      throw std::invalid_argument(fmt::format("the bias {} of the scores does not fit {}",
                                              to_text(bias),
                                              to_text(Shape{s.batch, s.heads, s.queries, s.keys})));
    }
  }
  call.attributes.number("mask_filter_value", kMaskedScore);
}

ScoreBias score_bias(const Call& call, std::span<const Tensor> inputs, const AttentionSizes& s,
                     const AttentionMask& mask) {
  const Tensor kept = call.has(mask.mask) ? inputs[mask.mask] : Tensor();
  const Tensor bias = call.has(mask.bias) ? inputs[mask.bias] : Tensor();
  const float masked = call.attributes.number("mask_filter_value", kMaskedScore);
  return [=, causal = mask.causal](std::int64_t batch, std::int64_t head, std::int64_t query,
                                   std::int64_t key) {
    float sum = 0;
    if (causal && key > s.past + query) {
      return std::numeric_limits<float>::lowest();
    }
    if (!kept.absent() &&
        !is_kept(kept.values<std::int32_t>(), kept.shape(), s, batch, query, key)) {
      sum += masked;
    }
    if (!bias.absent()) {
      const Shape& shape = bias.shape();
      const std::int64_t pair = (shape[0] == 1 ? 0 : batch) * shape[1] + (shape[1] == 1 ? 0 : head);
      sum +=
          bias.values<float>()[static_cast<std::size_t>((pair * s.queries + query) * s.keys + key)];
    }
    return sum;
  };
}

}  // namespace offcut::ops
