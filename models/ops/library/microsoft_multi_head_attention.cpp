// com.microsoft MultiHeadAttention: attention of queries, keys and values that are projected
// already. Keys and values may have their heads apart (batch x heads x T x size), as for
// cross-attention. Inputs: query, key, value, bias, mask of keys, a bias of the scores, past keys,
// past values. The second and third outputs are keys and values, the past included.

#include <fmt/format.h>

#include <cmath>
#include <stdexcept>

#include "models/ops/arguments.h"
#include "models/ops/attention.h"

namespace offcut::ops {
namespace {

enum MultiHeadInput : std::size_t {
  kQuery,
  kKey,
  kValue,
  kHeadBias,
  kKeyMask,
  kHeadScoreBias,
  kPastKey,
  kPastValue
};

AttentionMask multi_head_mask(const Call& call) {
  return {kKeyMask, kHeadScoreBias, call.attributes.integer("unidirectional", 0) != 0};
}

/// Returns the rows and the head's size of keys or values, in either form.
std::pair<std::int64_t, std::int64_t> rows_and_size(const Call& call, std::size_t input,
                                                    std::int64_t batch, std::int64_t heads) {
  const Shape& shape = float_shape(call, input);
  const bool apart = shape.size() == 4 && shape[1] == heads;
  if (!(shape.size() == 3 || apart) || shape[0] != batch || (!apart && shape.back() % heads != 0)) {
    throw std::invalid_argument(
        fmt::format("input {} is {}, expected {} x T x hidden size or {} x {} x T x size", input,
                    to_text(call.inputs[input]), batch, batch, heads));
  }
  return {shape[shape.size() - 2], apart ? shape[3] : shape[2] / heads};
}

void read_past(const Call& call, AttentionSizes& s) {
  if (!call.has(kPastKey) && !call.has(kPastValue)) {
    return;
  }
  const Shape& key = float_shape(call, kPastKey);
  const Shape& value = float_shape(call, kPastValue);
  const bool fits = key.size() == 4 && value.size() == 4 && key[2] == value[2] &&
                    key == Shape{s.batch, s.heads, key[2], s.head_size} &&
                    value == Shape{s.batch, s.heads, key[2], s.value_size};
  if (!fits) {
    throw std::invalid_argument(
        fmt::format("the past of {} and {} does not fit", to_text(key), to_text(value)));
  }
  s.past = key[2];
  s.keys += key[2];
}

AttentionSizes multi_head_sizes(const Call& call) {
  require_inputs(call, 3, 8);
  const Shape& q = float_shape(call, kQuery);
  const std::int64_t heads = call.attributes.integer("num_heads", 0);
  if (q.size() != 3 || heads < 1 || q[2] % heads != 0) {
    throw std::invalid_argument(fmt::format(
        "query {}: expected batch, sequence and hidden size for {} heads", to_text(q), heads));
  }
  AttentionSizes s{.batch = q[0],
                   .heads = heads,
                   .queries = q[1],
                   .past = 0,
                   .keys = 0,
                   .head_size = q[2] / heads,
                   .value_size = 0};
  const auto [keys, key_size] = rows_and_size(call, kKey, s.batch, heads);
  const auto [values, value_size] = rows_and_size(call, kValue, s.batch, heads);
  if (keys != values || key_size != s.head_size) {
    throw std::invalid_argument(fmt::format("query {}, key {} and value {} do not fit", to_text(q),
                                            to_text(call.shape(kKey)),
                                            to_text(call.shape(kValue))));
  }
  s.keys = keys;
  s.value_size = value_size;
  read_past(call, s);
  return s;
}

std::vector<TensorType> infer_microsoft_multi_head_attention(const Call& call) {
  const AttentionSizes s = multi_head_sizes(call);
  const Shape bias = {s.heads * (2 * s.head_size + s.value_size)};
  if (call.has(kHeadBias) && float_shape(call, kHeadBias) != bias) {
    throw std::invalid_argument(fmt::format("bias {} does not fit, expected {}",
                                            to_text(call.shape(kHeadBias)), to_text(bias)));
  }
  call.attributes.number("scale", 0);
  output_type(DataType::float32, {s.batch, s.heads, s.queries, s.keys});  // The scores.
  require_mask(call, s, multi_head_mask(call));
  return {output_type(DataType::float32, {s.batch, s.queries, s.heads * s.value_size}),
          output_type(DataType::float32, {s.batch, s.heads, s.keys, s.head_size}),
          output_type(DataType::float32, {s.batch, s.heads, s.keys, s.value_size})};
}

double macs_microsoft_multi_head_attention(const Call& call, std::span<const TensorType>) {
  return multi_head_sizes(call).macs();
}

/// Puts keys or values and their past in place. `bias` is their part of it, or null.
void place_heads(const Call& call, std::span<const Tensor> inputs, const AttentionSizes& s,
                 std::size_t input, const float* bias, std::span<float> to) {
  const std::int64_t size = input == kKey ? s.head_size : s.value_size;
  const HeadLayout own{s.batch, s.heads, s.keys - s.past, size, s.heads * size, s.past, s.keys};
  const float* const from = inputs[input].values<float>().data();
  if (call.shape(input).size() == 3) {
    split_heads(own, from, bias, to.data());
  } else {
    copy_heads(own, from, to.data());  // Keys and values of this form have no bias.
  }
  if (s.past > 0) {
    const std::size_t past = input == kKey ? kPastKey : kPastValue;
    copy_heads({s.batch, s.heads, s.past, size, 0, 0, s.keys}, inputs[past].values<float>().data(),
               to.data());
  }
}

std::vector<Tensor> forward_microsoft_multi_head_attention(const Call& call,
                                                           std::span<const Tensor> inputs) {
  const AttentionSizes s = multi_head_sizes(call);
  std::vector<Tensor> outputs;
  for (const TensorType& type : infer_microsoft_multi_head_attention(call)) {
    outputs.emplace_back(type);
  }
  const std::int64_t hidden = s.heads * s.head_size;
  const float* const bias =
      call.has(kHeadBias) ? inputs[kHeadBias].values<float>().data() : nullptr;
  AttentionOperands operands;
  operands.q.resize(static_cast<std::size_t>(s.batch * s.queries * hidden));
  split_heads({s.batch, s.heads, s.queries, s.head_size, hidden, 0, s.queries},
              inputs[kQuery].values<float>().data(), bias, operands.q.data());
  place_heads(call, inputs, s, kKey, bias == nullptr ? nullptr : bias + hidden,
              outputs[1].values<float>());
  place_heads(call, inputs, s, kValue, bias == nullptr ? nullptr : bias + 2 * hidden,
              outputs[2].values<float>());
  operands.k.assign(outputs[1].values<float>().begin(), outputs[1].values<float>().end());
  operands.v.assign(outputs[2].values<float>().begin(), outputs[2].values<float>().end());
  const float given = call.attributes.number("scale", 0);
  const float scale = given == 0 ? 1 / std::sqrt(static_cast<float>(s.head_size)) : given;
  attend(s, operands, scale, score_bias(call, inputs, s, multi_head_mask(call)),
         outputs[0].values<float>());
  return outputs;
}

}  // namespace

void register_microsoft_multi_head_attention(Registry<Operator>& registry) {
  registry.add({.name = "com.microsoft.MultiHeadAttention",
                .doc = "multi-head attention of projected queries, keys and values",
                .kind = always<LayerKind::dense>,
                .infer = infer_microsoft_multi_head_attention,
                .macs = macs_microsoft_multi_head_attention,
                .forward = forward_microsoft_multi_head_attention});
}

}  // namespace offcut::ops
