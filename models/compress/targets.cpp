// Finds the weights that passes change: those inputs of operators with multiply-accumulates that
// are matrices or kernels, and tables of embeddings.

#include "models/compress/targets.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <stdexcept>

#include "models/base/error.h"
#include "models/base/patterns.h"

namespace offcut::compress {
namespace {

/// Returns the axis of output channels if this input of the layer is a target.
std::optional<std::size_t> channel_axis(const Layer& layer, std::size_t input, std::size_t rank) {
  const std::string& op = layer.op_name;
  if (rank < 2) {
    return std::nullopt;
  }
  if (op == "Conv" && input == 1) {
    return 0;
  }
  if (op == "ConvTranspose" && input == 1) {
    return 1;
  }
  if (op == "Gemm" && input == 1) {
    return layer.attributes.integer("transB", 0) != 0 ? 0 : 1;
  }
  if (op == "Gemm" && input == 0) {
    return layer.attributes.integer("transA", 0) != 0 ? 1 : 0;
  }
  if (op == "MatMul" && input < 2) {
    return input == 1 ? rank - 1 : rank - 2;
  }
  if ((op == "LSTM" || op == "GRU" || op == "RNN") && (input == 1 || input == 2)) {
    return 1;
  }
  return op == "Gather" && input == 0 ? std::optional<std::size_t>(0) : std::nullopt;
}

std::optional<Target> target_at(const Graph& graph, TensorId id) {
  const TensorNode& tensor = graph.tensor(id);
  if (!tensor.is_parameter() || tensor.type.type != DataType::float32) {
    return std::nullopt;
  }
  for (const LayerId reader : tensor.consumers) {
    const Layer& layer = graph.layer(reader);
    for (std::size_t i = 0; i < layer.inputs.size(); ++i) {
      if (layer.inputs[i] != id) {
        continue;
      }
      if (const auto axis = channel_axis(layer, i, tensor.type.shape.size())) {
        return Target{id, tensor.name, layer.name, *axis};
      }
    }
  }
  return std::nullopt;
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> parts;
  for (std::size_t from = 0; from < text.size();) {
    const std::size_t comma = std::min(text.find(',', from), text.size());
    parts.push_back(text.substr(from, comma - from));
    from = comma + 1;
  }
  return parts;
}

bool matches(const Target& target, const std::vector<std::string>& patterns) {
  return matches_any(patterns, target.name) || matches_any(patterns, target.layer);
}

}  // namespace

std::vector<Target> targets_of(const Graph& graph, const std::string& patterns) {
  std::vector<Target> all;
  std::vector<std::string> layers;
  for (TensorId id = 0; id < graph.tensor_count(); ++id) {
    if (auto target = target_at(graph, id)) {
      layers.push_back(target->layer);
      all.push_back(std::move(*target));
    }
  }
  if (all.empty()) {
    throw std::invalid_argument(
        fmt::format("'{}' has no kernels or matrices in float32", graph.name()));
  }
  const std::vector<std::string> chosen = split(patterns);
  for (const std::string& pattern : chosen) {
    if (std::none_of(all.begin(), all.end(),
                     [&](const Target& target) { return matches(target, {pattern}); })) {
      throw std::invalid_argument(fmt::format("no layer with weights matches {}{}",
                                              in_quotes(pattern), suggestion(pattern, layers)));
    }
  }
  if (!chosen.empty()) {
    std::erase_if(all, [&](const Target& target) { return !matches(target, chosen); });
  }
  return all;
}

ParameterSpec targets_parameter() {
  return {.name = "layers",
          .is_text = true,
          .doc = "patterns of layers or weights, separated by commas: conv*,fc1",
          .example = "conv*",
          .absent = "all kernels and matrices"};
}

}  // namespace offcut::compress
