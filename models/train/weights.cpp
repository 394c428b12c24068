// Decides which parameters are weights, and holds their values. The trained graph has the same
// layers and tensors in the same order, with other parameters.

#include "models/train/weights.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "models/base/error.h"
#include "models/base/patterns.h"
#include "models/graph/parameter_value.h"
#include "models/graph/replace.h"

namespace offcut::train {
namespace {

bool is_weight(const Graph& graph, TensorId id, const Registry<Gradient>& gradients) {
  const TensorNode& tensor = graph.tensor(id);
  if (!tensor.is_parameter() || tensor.type.type != DataType::float32 ||
      tensor.type.shape.empty()) {
    return false;
  }
  for (const LayerId reader : tensor.consumers) {
    const Layer& layer = graph.layer(reader);
    const Gradient* const gradient = gradients.find(layer.op_name);
    for (std::size_t i = 0; gradient != nullptr && i < layer.inputs.size(); ++i) {
      if (layer.inputs[i] == id && gradient->weights.has(i)) {
        return true;
      }
    }
  }
  return false;
}

void check_patterns(const std::vector<std::string>& patterns,
                    const std::vector<std::string>& names) {
  for (const std::string& pattern : patterns) {
    if (std::none_of(names.begin(), names.end(),
                     [&](const std::string& name) { return matches_any({pattern}, name); })) {
      throw std::invalid_argument(
          fmt::format("no weight matches {}{}", in_quotes(pattern), suggestion(pattern, names)));
    }
  }
}

Tensor copied(const Tensor& tensor) {
  Tensor copy(tensor.type());
  std::copy(tensor.bytes().begin(), tensor.bytes().end(), copy.bytes().begin());
  return copy;
}

}  // namespace

Weights::Weights(const Graph& graph, const Registry<Gradient>& gradients,
                 const WeightChoice& choice) {
  std::vector<TensorId> found;
  std::vector<std::string> all;
  for (TensorId id = 0; id < graph.tensor_count(); ++id) {
    if (is_weight(graph, id, gradients)) {
      found.push_back(id);
      all.push_back(graph.tensor(id).name);
    }
  }
  check_patterns(choice.only, all);
  check_patterns(choice.freeze, all);
  for (const TensorId id : found) {
    const std::string& name = graph.tensor(id).name;
    if ((!choice.only.empty() && !matches_any(choice.only, name)) ||
        matches_any(choice.freeze, name)) {
      continue;
    }
    weight_of_[name] = values_.size();
    names_.push_back(name);
    values_.push_back(copied(read_parameter(graph.tensor(id))));
  }
  if (values_.empty()) {
    throw std::invalid_argument(
        all.empty() ? fmt::format("'{}' has no weights", graph.name())
                    : fmt::format("all {} weights of '{}' are frozen", all.size(), graph.name()));
  }
}

std::int64_t Weights::elements() const {
  std::int64_t sum = 0;
  for (const Tensor& value : values_) {
    sum += value.size();
  }
  return sum;
}

std::optional<std::size_t> Weights::find(const std::string& parameter) const {
  const auto it = weight_of_.find(parameter);
  return it == weight_of_.end() ? std::nullopt : std::optional(it->second);
}

Tensor Weights::of(const TensorNode& parameter) const {
  if (const auto weight = find(parameter.name)) {
    return values_[*weight];
  }
  const auto it = statistics_.find(parameter.name);
  return it == statistics_.end() ? parameter_value(parameter) : it->second;
}

std::vector<Tensor*> Weights::pointers() {
  std::vector<Tensor*> all;
  for (Tensor& value : values_) {
    all.push_back(&value);
  }
  return all;
}

void Weights::set(const std::string& parameter, Tensor value) {
  if (const auto weight = find(parameter)) {
    values_[*weight] = copied(value);
  } else {
    statistics_[parameter] = std::move(value);
  }
}

Graph Weights::applied_to(const Graph& graph) const {
  return with_parameters(graph, [&](const TensorNode& tensor) {
    const bool changes = find(tensor.name) || statistics_.contains(tensor.name);
    return changes ? std::optional(copied(of(tensor))) : std::nullopt;
  });
}

}  // namespace offcut::train
