// com.microsoft Attention: the projections of the input to Q, K and V by one matrix, and multi-head
// attention of these. Inputs: input, weights, bias, mask, past keys and values, a bias of the
// scores. The second output is the keys and values, the past included.

#include <fmt/format.h>

#include <cmath>
#include <stdexcept>

#include "models/ops/arguments.h"
#include "models/ops/attention.h"
#include "models/ops/matrix.h"

namespace offcut::ops {
namespace {

enum SelfAttentionInput : std::size_t {
  kHidden,
  kProjection,
  kProjectionBias,
  kSelfMask,
  kPast,
  kScoreBias
};

AttentionMask self_attention_mask(const Call& call) {
  return {kSelfMask, kScoreBias, call.attributes.integer("unidirectional", 0) != 0};
}

/// Returns the columns of Q, K and V in the weights.
std::vector<std::int64_t> projected_sizes(const Call& call) {
  const Shape& weights = float_shape(call, kProjection);
  if (weights.size() != 2 || weights[0] != call.shape(kHidden).back()) {
    throw std::invalid_argument(fmt::format("weights {} do not fit an input of {}",
                                            to_text(weights), to_text(call.shape(kHidden))));
  }
  const std::int64_t third = weights[1] / 3;
  std::vector<std::int64_t> sizes =
      call.attributes.integers("qkv_hidden_sizes", {third, third, third});
  if (sizes.size() != 3 || sizes[0] < 1 || sizes[0] != sizes[1] || sizes[2] < 1 ||
      sizes[0] > weights[1] || sizes[2] > weights[1] || 2 * sizes[0] + sizes[2] != weights[1]) {
    throw std::invalid_argument(
        fmt::format("weights {} are not those of Q, K and V", to_text(weights)));
  }
  return sizes;
}

AttentionSizes self_attention_sizes(const Call& call) {
  require_inputs(call, 2, 6);
  const Shape& x = float_shape(call, kHidden);
  const std::int64_t heads = call.attributes.integer("num_heads", 0);
  if (x.size() != 3) {
    throw std::invalid_argument(
        fmt::format("input {}: expected batch, sequence and hidden size", to_text(x)));
  }
  const auto sizes = projected_sizes(call);
  if (heads < 1 || sizes[0] % heads != 0 || sizes[2] % heads != 0) {
    throw std::invalid_argument(
        fmt::format("{} heads do not divide {} and {}", heads, sizes[0], sizes[2]));
  }
  if (call.attributes.integer("do_rotary", 0) != 0 ||
      call.attributes.integer("past_present_share_buffer", 0) != 0) {
    throw std::invalid_argument("do_rotary and past_present_share_buffer are not supported");
  }
  AttentionSizes s{.batch = x[0],
                   .heads = heads,
                   .queries = x[1],
                   .past = 0,
                   .keys = x[1],
                   .head_size = sizes[0] / heads,
                   .value_size = sizes[2] / heads};
  if (call.has(kPast)) {
    const Shape& past = float_shape(call, kPast);
    if (past.size() != 5 || past[0] != 2 || past[1] != s.batch || past[2] != heads ||
        past[4] != s.head_size || s.value_size != s.head_size) {
      throw std::invalid_argument(fmt::format("the past of {} does not fit", to_text(past)));
    }
    s.past = past[3];
    s.keys += past[3];
  }
  return s;
}

std::vector<TensorType> infer_microsoft_attention(const Call& call) {
  const AttentionSizes s = self_attention_sizes(call);
  const std::int64_t columns = call.shape(kProjection)[1];
  if (call.has(kProjectionBias) && float_shape(call, kProjectionBias) != Shape{columns}) {
    throw std::invalid_argument(fmt::format("bias {} does not fit {} columns",
                                            to_text(call.shape(kProjectionBias)), columns));
  }
  call.attributes.number("scale", 0);
  output_type(DataType::float32, {s.batch, s.heads, s.queries, s.keys});  // The scores.
  require_mask(call, s, self_attention_mask(call));
  std::vector<TensorType> types = {
      output_type(DataType::float32, {s.batch, s.queries, s.heads * s.value_size})};
  if (s.value_size == s.head_size) {
    types.push_back(output_type(DataType::float32, {2, s.batch, s.heads, s.keys, s.head_size}));
  }
  return types;
}

double macs_microsoft_attention(const Call& call, std::span<const TensorType>) {
  const AttentionSizes s = self_attention_sizes(call);
  const Shape& weights = call.shape(kProjection);
  return s.macs() + static_cast<double>(s.batch * s.queries) * static_cast<double>(weights[0]) *
                        static_cast<double>(weights[1]);
}

AttentionOperands project(const Call& call, std::span<const Tensor> inputs,
                          const AttentionSizes& s) {
  const Shape& weights = call.shape(kProjection);
  const std::int64_t rows = s.batch * s.queries;
  Matrix projected =
      ConstMatrixMap(inputs[kHidden].values<float>().data(), rows, weights[0]) *
      ConstMatrixMap(inputs[kProjection].values<float>().data(), weights[0], weights[1]);
  const float* const bias =
      call.has(kProjectionBias) ? inputs[kProjectionBias].values<float>().data() : nullptr;
  const std::int64_t hidden = s.heads * s.head_size;
  AttentionOperands made;
  made.q.resize(static_cast<std::size_t>(rows * hidden));
  made.k.resize(static_cast<std::size_t>(s.batch * s.keys * hidden));
  made.v.resize(static_cast<std::size_t>(s.batch * s.keys * s.heads * s.value_size));
  HeadLayout at{s.batch, s.heads, s.queries, s.head_size, weights[1], 0, s.queries};
  split_heads(at, projected.data(), bias, made.q.data());
  at.first = s.past;
  at.all_rows = s.keys;
  split_heads(at, projected.data() + hidden, bias == nullptr ? nullptr : bias + hidden,
              made.k.data());
  at.size = s.value_size;
  split_heads(at, projected.data() + 2 * hidden, bias == nullptr ? nullptr : bias + 2 * hidden,
              made.v.data());
  if (call.has(kPast)) {
    const HeadLayout old{s.batch, s.heads, s.past, s.head_size, 0, 0, s.keys};
    const float* const past = inputs[kPast].values<float>().data();
    copy_heads(old, past, made.k.data());
    copy_heads(old, past + inputs[kPast].size() / 2, made.v.data());
  }
  return made;
}

std::vector<Tensor> forward_microsoft_attention(const Call& call, std::span<const Tensor> inputs) {
  const AttentionSizes s = self_attention_sizes(call);
  std::vector<Tensor> outputs;
  for (const TensorType& type : infer_microsoft_attention(call)) {
    outputs.emplace_back(type);
  }
  const AttentionOperands operands = project(call, inputs, s);
  const float given = call.attributes.number("scale", 0);
  const float scale = given == 0 ? 1 / std::sqrt(static_cast<float>(s.head_size)) : given;
  attend(s, operands, scale, score_bias(call, inputs, s, self_attention_mask(call)),
         outputs[0].values<float>());
  if (outputs.size() > 1) {
    const auto present = outputs[1].values<float>();
    std::copy(operands.v.begin(), operands.v.end(),
              std::copy(operands.k.begin(), operands.k.end(), present.begin()));
  }
  return outputs;
}

}  // namespace

void register_microsoft_attention(Registry<Operator>& registry) {
  registry.add({.name = "com.microsoft.Attention",
                .doc = "multi-head attention of an input that one matrix projects to Q, K and V",
                .kind = always<LayerKind::dense>,
                .infer = infer_microsoft_attention,
                .macs = macs_microsoft_attention,
                .forward = forward_microsoft_attention});
}

}  // namespace offcut::ops
