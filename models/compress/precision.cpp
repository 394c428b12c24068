// Writes the network anew: a layer that runs in integers reads what DequantizeLinear makes, and
// QuantizeLinear follows its result. The float tensor before it is T/real, so that T itself is what
// the layers after it read.
#include "models/compress/precision.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "models/compress/integer_plan.h"
#include "models/compress/rewriter.h"
#include "models/compress/scales.h"
#include "models/exec/activation.h"
#include "models/graph/parameter_value.h"

namespace offcut::compress {
namespace {

using Role = IntegerPlan::Role;

Tensor scalar_of(float value) { return Tensor({}, std::span<const float>(&value, 1)); }

Tensor zero_point_of(const TensorScale& scale) {
  Tensor zero(TensorType{scale.type, {}});
  zero.bytes()[0] = static_cast<std::byte>(scale.zero);
  return zero;
}

/// Weights and bias of a product, with a BatchNormalization folded in: with f = scale /
/// sqrt(variance
/// + epsilon) per channel, (W x + b - mean) f + shift = (f W) x + ((b - mean) f + shift).
struct ProductWeights {
  Tensor weights;
  Tensor bias;  // Absent if there is none.
};

ProductWeights folded_weights(const Graph& graph, const Layer& layer, const Layer* norm) {
  ProductWeights own{read_parameter(graph.tensor(layer.inputs[1])), {}};
  const bool has_bias = layer.inputs.size() > 2 && layer.inputs[2] != kAbsent;
  if (has_bias) {
    own.bias = read_parameter(graph.tensor(layer.inputs[2]));
  }
  if (norm == nullptr) {
    return own;
  }
  const auto statistic = [&](std::size_t input) {
    return read_parameter(graph.tensor(norm->inputs[input]));
  };
  const Tensor scale = statistic(1);
  const Tensor shift = statistic(2);
  const Tensor mean = statistic(3);
  const Tensor variance = statistic(4);
  const double epsilon = norm->attributes.number("epsilon", 1e-5F);
  const auto channels = static_cast<std::size_t>(scale.size());
  const std::size_t row = static_cast<std::size_t>(own.weights.size()) / channels;
  Tensor weights(own.weights.type());
  Tensor bias(TensorType{DataType::float32, {scale.size()}});
  for (std::size_t c = 0; c < channels; ++c) {
    const double factor =
        scale.values<float>()[c] / std::sqrt(variance.values<float>()[c] + epsilon);
    const double old = has_bias ? own.bias.values<float>()[c] : 0;
    bias.values<float>()[c] =
        static_cast<float>((old - mean.values<float>()[c]) * factor + shift.values<float>()[c]);
    for (std::size_t i = c * row; i < (c + 1) * row; ++i) {
      weights.values<float>()[i] = static_cast<float>(own.weights.values<float>()[i] * factor);
    }
  }
  return {std::move(weights), std::move(bias)};
}

class PrecisionWriter {
 public:
  PrecisionWriter(const Graph& graph, const std::set<LayerId>& layers, const Ranges& ranges,
                  const PrecisionOptions& options, const Registry<ops::Operator>& operators)
      : graph_(graph),
        options_(options),
        plan_(plan_integers(graph, layers)),
        scales_(graph, plan_, ranges, options),
        rewriter_(graph, operators),
        integers_(graph.tensor_count(), kAbsent),
        inside_(graph.tensor_count(), kAbsent) {}

  MixedPrecision run() {
    for (LayerId id = 0; id < graph_.layer_count(); ++id) {
      write(id);
    }
    for (const TensorId output : graph_.outputs()) {
      read_outside(output, graph_.tensor(output).producer.value_or(0));
    }
    result_.graph = rewriter_.finish();
    return std::move(result_);
  }

 private:
  void write(LayerId id) {
    const Layer& layer = graph_.layer(id);
    switch (plan_.roles[id]) {
      case Role::folded:
        return;
      case Role::real:
        for (const TensorId input : layer.inputs) {
          read_outside(input, id);
        }
        rewriter_.copy(id);
        result_.origin.push_back(id);
        return;
      case Role::product:
        write_product(id);
        return;
      case Role::follower:
        write_follower(id);
        return;
      case Role::sum:
      case Role::move:
      case Role::average:
        write_on_integers(id);
        return;
    }
  }

  /// Adds a layer in the place of an old one.
  TensorId add(Layer layer, const std::string& output, LayerId origin) {
    const TensorId made = rewriter_.add(std::move(layer), output);
    result_.origin.push_back(origin);
    return made;
  }

  Layer new_layer(const std::string& op, const std::string& name, std::vector<TensorId> inputs) {
    return {.name = rewriter_.unused(name),
            .op_name = op,
            .opset = graph_.layer(0).opset,
            .inputs = std::move(inputs)};
  }

  const std::string& name(TensorId id) const { return graph_.tensor(id).name; }

  /// Returns the name of the floats that a layer makes for an old tensor.
  std::string float_name(TensorId id) const {
    return plan_.quantised[id] ? rewriter_.unused(name(id) + "/real") : name(id);
  }

  /// Returns the tensor's integers; those of a float tensor are made beside its first reader.
  TensorId integers(TensorId id, LayerId reader) {
    if (integers_[id] == kAbsent) {
      integers_[id] = quantize(id, rewriter_.at(id), reader);
    }
    return integers_[id];
  }

  TensorId quantize(TensorId id, TensorId floats, LayerId origin) {
    const TensorScale& scale = scales_.of(id);
    const std::string& base = name(id);
    scale_[id] = rewriter_.constant(base + "/scale", scalar_of(scale.scale));
    zero_[id] = rewriter_.constant(base + "/zero", zero_point_of(scale));
    return add(new_layer("QuantizeLinear", base + "/quantize", {floats, scale_[id], zero_[id]}),
               rewriter_.unused(base + "/integers"), origin);
  }

  TensorId dequantize(TensorId id, const std::string& output, LayerId origin) {
    return add(new_layer("DequantizeLinear", name(id) + "/dequantize",
                         {integers_[id], scale_.at(id), zero_.at(id)}),
               output, origin);
  }

  /// Returns what an integer layer reads.
  TensorId read_inside(TensorId id, LayerId reader) {
    if (inside_[id] == kAbsent) {
      const LayerId maker = plan_.quantised[id] ? maker_.at(id) : reader;
      integers(id, reader);
      const bool keeps_name = plan_.quantised[id] && !options_.integer_crossings;
      if (keeps_name && rewriter_.has(id)) {
        return rewriter_.at(id);
      }
      inside_[id] = dequantize(
          id, keeps_name ? name(id) : rewriter_.unused(name(id) + "/dequantized"), maker);
      if (keeps_name) {
        rewriter_.put(id, inside_[id]);
      }
    }
    return inside_[id];
  }

  /// Makes the tensor of the old name for a float layer.
  void read_outside(TensorId id, LayerId reader) {
    if (id == kAbsent || !plan_.quantised[id] || rewriter_.has(id)) {
      return;
    }
    const LayerId origin = options_.integer_crossings ? reader : maker_.at(id);
    rewriter_.put(id, dequantize(id, name(id), origin));
    if (!options_.integer_crossings) {
      inside_[id] = rewriter_.at(id);
    }
  }

  /// Ends a chain of merged layers: limits the floats where integers are fewer than the type's, and
  /// quantises them.
  void finish(TensorId id, TensorId floats, bool is_limited, LayerId origin) {
    if (!plan_.quantised[id]) {
      rewriter_.put(id, floats);
      return;
    }
    if (scales_.of(id).is_narrow() && !is_limited) {
      const TensorRange limits = scales_.of(id).range();
      floats = add(new_layer("Clip", name(id) + "/saturate",
                             {floats, rewriter_.constant(name(id) + "/low", scalar_of(limits.low)),
                              rewriter_.constant(name(id) + "/high", scalar_of(limits.high))}),
                   rewriter_.unused(name(id) + "/saturated"), origin);
    }
    maker_[id] = origin;
    integers_[id] = quantize(id, floats, origin);
  }

  void write_product(LayerId id) {
    Layer layer = graph_.layer(id);
    const auto fold = plan_.folds[id];
    const Layer* const norm = fold ? &graph_.layer(*fold) : nullptr;
    const TensorId output = (norm != nullptr ? *norm : layer).outputs.front();
    ProductWeights own = folded_weights(graph_, layer, norm);
    const TensorId x = read_inside(layer.inputs[0], id);
    Grid grid = weight_grid(own.weights, channel_axis_of(layer),
                            plan_.reaches_first[id] || plan_.reaches_last[id], options_);
    const TensorId old_bias = layer.inputs.size() > 2 ? layer.inputs[2] : kAbsent;
    const TensorId old_weights = layer.inputs[1];
    layer.inputs = {x, kAbsent};
    layer.outputs.clear();
    std::optional<Grid> on_bias;
    if (!own.bias.absent()) {
      on_bias = bias_grid(own.bias, scales_.of(graph_.layer(id).inputs[0]).scale, grid);
    }
    layer.inputs[1] = rounded(name(old_weights), own.weights, grid);
    if (on_bias) {
      layer.inputs.push_back(
          rounded(old_bias == kAbsent ? layer.name + "/bias" : name(old_bias), own.bias, *on_bias));
    }
    finish(output, add(std::move(layer), float_name(output), id), false, id);
  }

  /// Adds a parameter, under its old name if that is free.
  TensorId rounded(const std::string& wanted, const Tensor& values, const Grid& grid) {
    const std::string own =
        rewriter_.graph().find_tensor(wanted) ? rewriter_.unused(wanted) : wanted;
    result_.grids[own] = grid;
    return rewriter_.named_constant(own, rounded_to(grid, values));
  }

  void write_follower(LayerId id) {
    Layer layer = graph_.layer(id);
    const TensorId output = layer.outputs.front();
    const auto activation = exec::activation_of(graph_, id);
    layer.outputs.clear();
    for (TensorId& input : layer.inputs) {
      input = rewriter_.at(input);
    }
    const bool limits = activation && plan_.quantised[output] && scales_.of(output).is_narrow();
    if (limits) {
      limit(layer, *activation, output);
    }
    finish(output, add(std::move(layer), float_name(output), id), limits, id);
  }

  /// Turns Relu or Clip into the Clip that also saturates.
  void limit(Layer& layer, const exec::Activation& activation, TensorId output) {
    TensorRange range = scales_.of(output).range();
    const bool is_relu = activation.kind == exec::Activation::Kind::relu;
    range.low = std::max(range.low, is_relu ? 0 : activation.low);
    range.high = std::min(range.high, is_relu ? range.high : activation.high);
    layer.op_name = "Clip";
    layer.attributes = {};
    layer.inputs = {layer.inputs[0],
                    rewriter_.constant(name(output) + "/low", scalar_of(range.low)),
                    rewriter_.constant(name(output) + "/high", scalar_of(range.high))};
  }

  void write_on_integers(LayerId id) {
    Layer layer = graph_.layer(id);
    const TensorId output = layer.outputs.front();
    const bool moves = plan_.roles[id] == Role::move;
    layer.outputs.clear();
    for (TensorId& input : layer.inputs) {
      input = input == kAbsent || graph_.tensor(input).is_parameter() ? rewriter_.at(input)
                                                                      : read_inside(input, id);
    }
    finish(output, add(std::move(layer), float_name(output), id), moves, id);
  }

  const Graph& graph_;
  const PrecisionOptions& options_;
  IntegerPlan plan_;
  TensorScales scales_;
  Rewriter rewriter_;
  std::vector<TensorId> integers_;  // By old tensor: its integers.
  std::vector<TensorId> inside_;    // By old tensor: what integer layers read.
  std::map<TensorId, TensorId> scale_, zero_;
  std::map<TensorId, LayerId> maker_;  // The layer at the end of a quantised tensor's chain.
  MixedPrecision result_{Graph(""), {}, {}};
};

}  // namespace

MixedPrecision with_integers(const Graph& graph, const std::set<LayerId>& layers,
                             const Ranges& ranges, const PrecisionOptions& options,
                             const Registry<ops::Operator>& operators) {
  constexpr int kOldestOpset = 13;  // The first with a scale for each place along an axis.
  if (graph.layer_count() > 0 && graph.layer(0).opset < kOldestOpset) {
    throw std::invalid_argument(
        fmt::format("the network has operator set {}, integers need {} or later: export it anew",
                    graph.layer(0).opset, kOldestOpset));
  }
  return PrecisionWriter(graph, layers, ranges, options, operators).run();
}

}  // namespace offcut::compress
