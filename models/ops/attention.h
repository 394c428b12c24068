#pragma once

#include <functional>
#include <vector>

#include "models/ops/operator.h"

namespace offcut::ops {

/// The sizes of a multi-head attention. Queries are S per sentence, keys and values T, of which the
/// first `past` come from earlier calls.
struct AttentionSizes {
  std::int64_t batch = 0;
  std::int64_t heads = 0;
  std::int64_t queries = 0;
  std::int64_t past = 0;
  std::int64_t keys = 0;  // T, the past included.
  std::int64_t head_size = 0;
  std::int64_t value_size = 0;  // A head's part of V.

  /// The products q k' and p v.
  double macs() const;
};

/// Operands with the heads on the second axis: batch x heads x S or T x size.
struct AttentionOperands {
  std::vector<float> q, k, v;
};

/// Returns what is added to a score before the softmax.
using ScoreBias = std::function<float(std::int64_t batch, std::int64_t head, std::int64_t query,
                                      std::int64_t key)>;

/// Computes softmax(scale q k' + bias) v and writes batch x S x (heads * value_size) to y, the
/// heads side by side (Vaswani et al., "Attention Is All You Need", NeurIPS 2017, eq. 1).
void attend(const AttentionSizes& sizes, const AttentionOperands& operands, float scale,
            const ScoreBias& bias, std::span<float> y);

/// Copies batch x rows x (heads * size) elements, which start every `stride` elements, to rows
/// `first` on of batch x heads x all_rows x size, and adds `bias` (heads * size, or none).
struct HeadLayout {
  std::int64_t batch, heads, rows, size, stride, first, all_rows;
};
void split_heads(const HeadLayout& layout, const float* from, const float* bias, float* to);

/// Copies batch x heads x rows x size elements to rows `first` on of such a tensor with `all_rows`.
void copy_heads(const HeadLayout& layout, const float* from, float* to);

/// Terms that com.microsoft's operators add to scores: a mask of keys, a bias, and the future.
struct AttentionMask {
  std::size_t mask = 0;  // The index of the mask among the inputs.
  std::size_t bias = 0;  // The index of the bias.
  bool causal = false;
};

/// REQUIRES: mask and bias, if given, fit: int32 of shape B (the number of keys), 2B (their ends,
/// then their starts), B x T, or B x S x T; float32 of 1 or B x 1 or heads x S x T.
void require_mask(const Call& call, const AttentionSizes& sizes, const AttentionMask& mask);

/// Returns the sum of all: masked keys get attribute `mask_filter_value`, keys after the query (if
/// causal) minus infinity.
ScoreBias score_bias(const Call& call, std::span<const Tensor> inputs, const AttentionSizes& sizes,
                     const AttentionMask& mask);

}  // namespace offcut::ops
