// BatchNormalization after a Conv or Gemm with weights W and bias b: with f = scale / sqrt(variance
// + epsilon) per channel, (W x + b - mean) f + shift = (f W) x + ((b - mean) f + shift). The new
// weights are computed in double, so that folding adds only the rounding of its results.

#include <algorithm>
#include <cmath>

#include "models/exec/finite.h"
#include "models/exec/passes.h"
#include "models/ops/batch_norm.h"

namespace offcut::exec {
namespace {

constexpr std::size_t kWeights = 1;
constexpr std::size_t kBias = 2;

/// Conv's weights, and Gemm's if B is transposed, have one row for each channel.
bool has_row_per_channel(const Layer& layer) {
  const Attributes& a = layer.attributes;
  return layer.op_name == "Conv" || (layer.op_name == "Gemm" && a.integer("transB", 0) != 0 &&
                                     a.number("alpha", 1) == 1 && a.number("beta", 1) == 1);
}

/// Returns the bias of `operation` (zeros if it has none), or none if it is not one number per
/// channel.
std::optional<std::vector<double>> bias_of(const Program& program, const Operation& operation,
                                           std::size_t channels) {
  if (operation.inputs.size() <= kBias || program.type(operation.inputs[kBias]) == TensorType{}) {
    return std::vector<double>(channels, 0);
  }
  const Operand& bias = operation.inputs[kBias];
  if (!program.is_constant(bias) ||
      program.type(bias).shape != Shape{static_cast<std::int64_t>(channels)}) {
    return std::nullopt;
  }
  const Tensor values = program.constant(bias);
  return std::vector<double>(values.values<float>().begin(), values.values<float>().end());
}

Tensor scaled_rows(const Tensor& weights, const std::vector<double>& factors) {
  Tensor scaled(weights.type());
  const std::span<const float> from = weights.values<float>();
  const std::span<float> to = scaled.values<float>();
  const std::size_t row = from.size() / factors.size();
  for (std::size_t i = 0; i < to.size(); ++i) {
    to[i] = static_cast<float>(from[i] * factors[i / row]);
  }
  return scaled;
}

/// Returns the element of each scaled row that has the largest absolute value, or one that is not
/// finite.
Tensor largest_of_rows(const Tensor& weights, const std::vector<double>& factors) {
  Tensor largest(TensorType{DataType::float32, {static_cast<std::int64_t>(factors.size())}});
  const std::span<const float> from = weights.values<float>();
  const std::size_t row = from.size() / factors.size();
  for (std::size_t i = 0; i < factors.size(); ++i) {
    float most = 0;
    for (const float weight : from.subspan(i * row, row)) {
      most = std::isnan(most) || std::abs(weight) <= most ? most : std::abs(weight);
    }
    largest.values<float>()[i] = static_cast<float>(most * factors[i]);
  }
  return largest;
}

bool can_fold(const Program& program, const Operation& product, const Operation& norm) {
  return has_row_per_channel(program.layer(product)) && !product.residual && !product.activation &&
         program.is_constant(product.inputs[kWeights]) &&
         std::all_of(norm.inputs.begin() + 1, norm.inputs.end(),
                     [&](const Operand& operand) { return program.is_constant(operand); });
}

/// Returns `product` with `norm` folded in, or none if that is impossible.
std::optional<Operation> folded(const Program& program, const Operation& product,
                                const Operation& norm) {
  if (!can_fold(program, product, norm)) {
    return std::nullopt;
  }
  const Tensor weights = program.constant(product.inputs[kWeights]);
  const auto channels = static_cast<std::size_t>(weights.shape().front());
  auto bias = bias_of(program, product, channels);
  if (!bias) {
    return std::nullopt;
  }
  const auto statistic = [&](std::size_t input) { return program.constant(norm.inputs[input]); };
  const double epsilon = program.layer(norm).attributes.number("epsilon", 1e-5F);
  const ops::ChannelAffine affine =
      ops::batch_norm_affine(statistic(1), statistic(2), statistic(3), statistic(4), epsilon);
  Tensor new_bias(TensorType{DataType::float32, {weights.shape().front()}});
  for (std::size_t c = 0; c < channels; ++c) {
    new_bias.values<float>()[c] = static_cast<float>(affine(c, (*bias)[c]));
  }
  if (!all_finite(largest_of_rows(weights, affine.factors)) || !all_finite(new_bias)) {
    return std::nullopt;  // The layers by themselves may still give finite results.
  }
  Operation result = product;
  result.inputs.resize(kBias + 1);
  result.inputs[kWeights].constant = {};
  result.inputs[kWeights].make = [&graph = program.graph(), source = product.inputs[kWeights],
                                  factors = affine.factors] {
    return scaled_rows(constant_of(graph, source), factors);
  };
  result.inputs[kBias].constant = new_bias;
  return result;
}

}  // namespace

void fold_batch_norm(Program& program) {
  for (std::size_t i = 0; i < program.size(); ++i) {
    if (program.merged_away(i) || program.layer(program[i]).op_name != "BatchNormalization") {
      continue;
    }
    const auto producer = program.sole_producer(program[i].inputs.front());
    if (!producer) {
      continue;
    }
    if (auto result = folded(program, program[*producer], program[i])) {
      program.merge({*producer, i}, std::move(*result));
    }
  }
}

}  // namespace offcut::exec
