// Folds batch normalisation into the convolution or dense layer before it, for the file: weights
// and bias are f W and f (b - mean) + shift, computed in double. The engine does so for itself when
// it prepares a network; other programs, quantisation and the sizes of files gain.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <stdexcept>

#include "models/base/error.h"
#include "models/compress/pass.h"
#include "models/compress/rewriter.h"
#include "models/graph/parameter_value.h"
#include "models/ops/batch_norm.h"

namespace offcut::compress {
namespace {

constexpr std::size_t kFoldedWeights = 1;
constexpr std::size_t kFoldedBias = 2;

/// A normalisation, and the layer before it that absorbs it.
struct Fold {
  LayerId product;
  LayerId norm;
};

bool is_parameter_input(const Graph& graph, TensorId id) {
  return id != kAbsent && graph.tensor(id).is_parameter();
}

/// Whether output channels are rows of the weights, and the bias has a number for each of them.
bool has_rows(const Graph& graph, const Layer& product) {
  const Attributes& a = product.attributes;
  const bool rows =
      product.op_name == "Conv" || (product.op_name == "Gemm" && a.integer("transB", 0) != 0 &&
                                    a.number("alpha", 1) == 1 && a.number("beta", 1) == 1);
  if (!rows || !is_parameter_input(graph, product.inputs[kFoldedWeights])) {
    return false;
  }
  const std::int64_t channels = graph.tensor(product.inputs[kFoldedWeights]).type.shape[0];
  return product.inputs.size() <= kFoldedBias || product.inputs[kFoldedBias] == kAbsent ||
         (is_parameter_input(graph, product.inputs[kFoldedBias]) &&
          graph.tensor(product.inputs[kFoldedBias]).type.shape == Shape{channels});
}

std::optional<Fold> fold_at(const Graph& graph, LayerId norm) {
  const Layer& layer = graph.layer(norm);
  if (layer.op_name != "BatchNormalization" || layer.outputs.size() != 1 ||
      !std::all_of(layer.inputs.begin() + 1, layer.inputs.end(),
                   [&](TensorId input) { return is_parameter_input(graph, input); })) {
    return std::nullopt;
  }
  const TensorNode& input = graph.tensor(layer.inputs.front());
  const bool is_output =
      std::count(graph.outputs().begin(), graph.outputs().end(), layer.inputs.front()) != 0;
  if (!input.producer || input.consumers.size() != 1 || is_output ||
      !has_rows(graph, graph.layer(*input.producer))) {
    return std::nullopt;
  }
  return Fold{*input.producer, norm};
}

/// Returns the weights and the bias of the product that does both.
std::pair<Tensor, Tensor> folded_weights(const Graph& graph, const Fold& fold) {
  const Layer& product = graph.layer(fold.product);
  const Layer& norm = graph.layer(fold.norm);
  const auto value = [&](const Layer& layer, std::size_t input) {
    return read_parameter(graph.tensor(layer.inputs[input]));
  };
  const ops::ChannelAffine affine =
      ops::batch_norm_affine(value(norm, 1), value(norm, 2), value(norm, 3), value(norm, 4),
                             norm.attributes.number("epsilon", 1e-5F));
  const Tensor old = value(product, kFoldedWeights);
  Tensor weights(old.type());
  const std::size_t row = old.values<float>().size() / affine.factors.size();
  for (std::size_t i = 0; i < old.values<float>().size(); ++i) {
    weights.values<float>()[i] =
        static_cast<float>(old.values<float>()[i] * affine.factors[i / row]);
  }
  const bool has_bias =
      product.inputs.size() > kFoldedBias && product.inputs[kFoldedBias] != kAbsent;
  const Tensor old_bias = has_bias ? value(product, kFoldedBias) : Tensor();
  Tensor bias(TensorType{DataType::float32, {std::ssize(affine.factors)}});
  for (std::size_t c = 0; c < affine.factors.size(); ++c) {
    bias.values<float>()[c] =
        static_cast<float>(affine(c, has_bias ? old_bias.values<float>()[c] : 0));
  }
  return {std::move(weights), std::move(bias)};
}

void check_no_rules(const Network& network, const Fold& fold) {
  for (const LayerId id : {fold.product, fold.norm}) {
    for (const TensorId input : network.graph.layer(id).inputs) {
      const bool is_parameter = is_parameter_input(network.graph, input);
      if (is_parameter && network.rules.count(network.graph.tensor(input).name) != 0) {
        throw std::invalid_argument(
            fmt::format("{} would be scaled, but an earlier pass or the file masks or rounds it: "
                        "fold first, or read the file's weights as floats (offcut compress "
                        "--floats)",
                        in_quotes(network.graph.tensor(input).name)));
      }
    }
  }
}

Network fold_all(const Network& network, const Parameters& /*parameters*/,
                 const Material& material) {
  const Graph& graph = network.graph;
  std::vector<std::optional<Fold>> fold_of(graph.layer_count());  // By the product.
  std::vector<bool> gone(graph.layer_count(), false);             // Normalisations.
  for (LayerId id = 0; id < graph.layer_count(); ++id) {
    if (const auto fold = fold_at(graph, id)) {
      check_no_rules(network, *fold);
      fold_of[fold->product] = fold;
      gone[id] = true;
    }
  }
  Rewriter to(graph, material.libraries.operators);
  for (LayerId id = 0; id < graph.layer_count(); ++id) {
    if (!fold_of[id]) {
      if (!gone[id]) {
        to.copy(id);
      }
      continue;
    }
    const Layer& norm = graph.layer(fold_of[id]->norm);
    auto [weights, bias] = folded_weights(graph, *fold_of[id]);
    Layer layer = graph.layer(id);
    const std::string name = graph.tensor(layer.inputs[kFoldedWeights]).name;
    const bool has_bias = layer.inputs.size() > kFoldedBias && layer.inputs[kFoldedBias] != kAbsent;
    const std::string bias_name =
        has_bias ? graph.tensor(layer.inputs[kFoldedBias]).name : layer.name + ".bias";
    layer.inputs = {to.at(layer.inputs[0]), to.replaced(name, std::move(weights)),
                    to.replaced(bias_name, std::move(bias))};
    layer.outputs.clear();
    to.put(norm.outputs.front(), to.add(std::move(layer), graph.tensor(norm.outputs.front()).name));
  }
  return {.graph = to.finish(), .rules = network.rules, .grids = network.grids};
}

}  // namespace

void register_fold_batch_norm(Registry<Pass>& registry) {
  registry.add({.name = "fold-batch-norm",
                .doc = "batch normalisation becomes part of the weights before it",
                .citation = "Jacob et al., CVPR 2018, section 3.2",
                .apply = fold_all});
}

}  // namespace offcut::compress
