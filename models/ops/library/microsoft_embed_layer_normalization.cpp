// com.microsoft EmbedLayerNormalization: the sum of the word, position and segment embeddings of
// each token, and its LayerNormalization over the last axis. Inputs: input_ids, segment_ids,
// word_embedding, position_embedding, segment_embedding, gamma, beta, mask, position_ids. The
// second output counts the mask's ones in each sentence, the third is the sum.

#include <fmt/format.h>

#include <stdexcept>

#include "models/ops/arguments.h"
#include "models/ops/row_norm.h"

namespace offcut::ops {
namespace {

enum EmbedInput : std::size_t {
  kTokens,
  kSegments,
  kWordTable,
  kPositionTable,
  kSegmentTable,
  kGamma,
  kBeta,
  kTokenMask,
  kPositions
};

void require_table(const Call& call, std::size_t table, std::int64_t columns) {
  const Shape& shape = float_shape(call, table);
  if (shape.size() != 2 || (columns > 0 && shape[1] != columns)) {
    throw std::invalid_argument(
        fmt::format("input {} is {}, expected a table of vectors of one length", table,
                    to_text(call.inputs[table])));
  }
}

/// REQUIRES: the input holds int32, in the tokens' shape (or for positions one row for all).
void require_indices(const Call& call, std::size_t input, const Shape& tokens) {
  const bool one_row = input == kPositions && call.shape(input) == Shape{1, tokens[1]};
  if (call.inputs[input].type != DataType::int32 || (call.shape(input) != tokens && !one_row)) {
    throw std::invalid_argument(fmt::format("input {} is {}, expected int32 {}", input,
                                            to_text(call.inputs[input]), to_text(tokens)));
  }
}

std::vector<TensorType> infer_microsoft_embed(const Call& call) {
  require_inputs(call, 1, 9);
  const Shape& tokens = call.shape(kTokens);
  for (const std::size_t input : {kWordTable, kPositionTable, kGamma, kBeta}) {
    call.shape(input);
  }
  if (tokens.size() != 2) {
    throw std::invalid_argument(
        fmt::format("input_ids are {}, expected sentences of tokens", to_text(tokens)));
  }
  for (const std::size_t input : {kTokens, kSegments, kTokenMask, kPositions}) {
    if (call.has(input)) {
      require_indices(call, input, tokens);
    }
  }
  require_table(call, kWordTable, 0);
  const std::int64_t length = call.shape(kWordTable)[1];
  require_table(call, kPositionTable, length);
  if (call.has(kSegments)) {
    require_table(call, kSegmentTable, length);
  }
  const TensorType sum = output_type(DataType::float32, {tokens[0], tokens[1], length});
  require_rows(call, sum.shape, kGamma, kBeta + 1);
  call.attributes.number("epsilon", 0);
  return {sum, {DataType::int32, {tokens[0]}}, sum};
}

std::span<const float> table_row(const Tensor& table, std::int64_t row) {
  if (row < 0 || row >= table.shape()[0]) {
    throw std::invalid_argument(
        fmt::format("index {} is out of range for {} rows", row, table.shape()[0]));
  }
  const auto length = static_cast<std::size_t>(table.shape()[1]);
  return table.values<float>().subspan(static_cast<std::size_t>(row) * length, length);
}

/// Adds each token's row of the table to the sums.
template <class RowOf>
void add_rows(const Tensor& table, RowOf row_of, std::span<float> sums) {
  const auto length = static_cast<std::size_t>(table.shape()[1]);
  for (std::size_t token = 0; token * length < sums.size(); ++token) {
    const auto row = table_row(table, row_of(token));
    for (std::size_t i = 0; i < length; ++i) {
      sums[token * length + i] += row[i];
    }
  }
}

std::vector<Tensor> forward_microsoft_embed(const Call& call, std::span<const Tensor> inputs) {
  const std::vector<TensorType> types = infer_microsoft_embed(call);
  Tensor y(types[0]);
  Tensor counts(types[1]);
  Tensor sum(types[2]);
  const auto sums = sum.values<float>();
  const auto sentence = static_cast<std::size_t>(call.shape(kTokens)[1]);
  const auto number = [&](std::size_t input, std::size_t token) {
    const auto numbers = inputs[input].values<std::int32_t>();
    return static_cast<std::int64_t>(numbers[token % numbers.size()]);
  };
  add_rows(
      inputs[kWordTable], [&](std::size_t i) { return number(kTokens, i); }, sums);
  add_rows(
      inputs[kPositionTable],
      [&](std::size_t i) {
        return call.has(kPositions) ? number(kPositions, i)
                                    : static_cast<std::int64_t>(i % sentence);
      },
      sums);
  if (call.has(kSegments)) {
    add_rows(
        inputs[kSegmentTable], [&](std::size_t i) { return number(kSegments, i); }, sums);
  }
  const RowNorm norm{.scale = inputs[kGamma].values<float>(),
                     .shift = inputs[kBeta].values<float>(),
                     .epsilon = call.attributes.number("epsilon", 1e-12F)};
  const std::size_t length = norm.scale.size();
  for (std::size_t start = 0; start < sums.size(); start += length) {
    normalize_row(sums.subspan(start, length), norm, y.values<float>().subspan(start, length));
  }
  for (std::size_t token = 0; call.has(kTokenMask) && token * length < sums.size(); ++token) {
    counts.values<std::int32_t>()[token / sentence] += number(kTokenMask, token) == 1 ? 1 : 0;
  }
  return {y, counts, sum};
}

}  // namespace

void register_microsoft_embed_layer_normalization(Registry<Operator>& registry) {
  registry.add({.name = "com.microsoft.EmbedLayerNormalization",
                .doc = "LayerNormalization of the sum of a token's embeddings",
                .kind = always<LayerKind::normalization>,
                .infer = infer_microsoft_embed,
                .macs = no_macs,
                .forward = forward_microsoft_embed});
}

}  // namespace offcut::ops
