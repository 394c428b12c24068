// The graph of a network. Layers are only ever added, each after those that it reads from, so their
// ids are a topological order; indices by name and Boost.Graph's edges are kept up to date on the
// way. Attribute getters, which the operators use, are here, too.
#include "models/graph/graph.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <stdexcept>

#include "models/graph/layer_dag.h"

namespace offcut {
namespace {

template <class T>
const T* get(const std::map<std::string, AttributeValue, std::less<>>& values,
             std::string_view name, std::string_view expected) {
  const auto it = values.find(name);
  if (it == values.end()) {
    return nullptr;
  }
  if (const T* value = std::get_if<T>(&it->second)) {
    return value;
  }
  throw std::invalid_argument(fmt::format("attribute '{}' is not {}", name, expected));
}

}  // namespace

std::string_view to_text(LayerKind kind) {
  // In the order of the enumeration.
  constexpr std::array<std::string_view, kLayerKinds> kNames = {
      "convolution",   "depthwise-convolution", "dense", "pooling", "elementwise",
      "normalization", "data-movement",         "view",  "table"};
  return kNames.at(static_cast<std::size_t>(kind));
}

std::int64_t Attributes::integer(std::string_view name, std::int64_t fallback) const {
  const auto* value = get<std::int64_t>(values_, name, "an integer");
  return value != nullptr ? *value : fallback;
}

float Attributes::number(std::string_view name, float fallback) const {
  const auto* value = get<float>(values_, name, "a float");
  return value != nullptr ? *value : fallback;
}

std::string Attributes::text(std::string_view name, std::string_view fallback) const {
  const auto* value = get<std::string>(values_, name, "a string");
  return value != nullptr ? *value : std::string(fallback);
}

std::vector<std::int64_t> Attributes::integers(std::string_view name,
                                               std::vector<std::int64_t> fallback) const {
  const auto* value = get<std::vector<std::int64_t>>(values_, name, "a list of integers");
  return value != nullptr ? *value : std::move(fallback);
}

std::vector<std::string> Attributes::texts(std::string_view name,
                                           std::vector<std::string> fallback) const {
  const auto* value = get<std::vector<std::string>>(values_, name, "a list of strings");
  return value != nullptr ? *value : std::move(fallback);
}

std::vector<float> Attributes::numbers(std::string_view name, std::vector<float> fallback) const {
  const auto* value = get<std::vector<float>>(values_, name, "a list of floats");
  return value != nullptr ? *value : std::move(fallback);
}

std::optional<Tensor> Attributes::tensor(std::string_view name) const {
  const auto* value = get<Tensor>(values_, name, "a tensor");
  return value != nullptr ? std::optional(*value) : std::nullopt;
}

const Tensor& Parameter::value() const {
  const std::lock_guard lock(mutex_);
  if (value_.absent()) {
    const std::optional<Tensor> in_use = last_read_.lock();
    value_ = in_use ? *in_use : make_();
    make_ = nullptr;  // Frees the data that the function owns.
  }
  return value_;
}

Tensor Parameter::read() const {
  constexpr std::size_t kSmall = 64 * 1024;
  if (source_ == Source::once) {
    return value();
  }
  const std::lock_guard lock(mutex_);
  if (!value_.absent()) {
    return value_;
  }
  if (const std::optional<Tensor> in_use = last_read_.lock()) {
    return *in_use;
  }
  Tensor made = make_();
  if (made.bytes().size() <= kSmall) {
    value_ = made;
  } else {
    last_read_ = WeakTensor(made);
  }
  return made;
}

TensorId Graph::add_tensor(TensorNode node) {
  const TensorId id = tensors_.size();
  if (!tensor_by_name_.emplace(node.name, id).second) {
    throw std::invalid_argument(fmt::format("two tensors are named '{}'", node.name));
  }
  tensors_.push_back(std::move(node));
  return id;
}

Graph::OwnedDag::OwnedDag() : dag_(std::make_unique<LayerDag>()) {}
Graph::OwnedDag::OwnedDag(const OwnedDag& other) : dag_(std::make_unique<LayerDag>(*other.dag_)) {}
Graph::OwnedDag::OwnedDag(OwnedDag&& other) noexcept = default;
Graph::OwnedDag& Graph::OwnedDag::operator=(OwnedDag other) noexcept {
  dag_ = std::move(other.dag_);
  return *this;
}
Graph::OwnedDag::~OwnedDag() = default;

TensorId Graph::add_input(std::string name, TensorType type, DataType wire) {
  const TensorId id = add_tensor({.name = std::move(name), .type = std::move(type)});
  inputs_.push_back(id);
  wire_[id] = wire;
  return id;
}

TensorId Graph::add_parameter(std::string name, TensorType type,
                              std::shared_ptr<const Parameter> parameter) {
  return add_tensor(
      {.name = std::move(name), .type = std::move(type), .parameter = std::move(parameter)});
}

void Graph::check_new(const Layer& layer, const std::vector<TensorNode>& outputs) const {
  if (layer_by_name_.contains(layer.name)) {
    throw std::invalid_argument(fmt::format("two layers are named '{}'", layer.name));
  }
  for (const TensorId input : layer.inputs) {
    if (input != kAbsent && input >= tensors_.size()) {
      throw std::invalid_argument(
          fmt::format("layer '{}' reads tensor {}, which does not exist", layer.name, input));
    }
  }
  std::set<std::string_view> names;
  for (const TensorNode& output : outputs) {
    if (tensor_by_name_.contains(output.name) || !names.insert(output.name).second) {
      throw std::invalid_argument(fmt::format("two tensors are named '{}'", output.name));
    }
  }
}

LayerId Graph::add_layer(Layer layer, std::vector<TensorNode> outputs) {
  check_new(layer, outputs);
  const LayerId id = layer_count();
  layer_by_name_.emplace(layer.name, id);
  layer.outputs.clear();
  for (TensorNode& output : outputs) {
    output.producer = id;
    layer.outputs.push_back(add_tensor(std::move(output)));
  }
  const std::set<TensorId> read(layer.inputs.begin(), layer.inputs.end());
  layers_.push_back(std::move(layer));
  boost::add_vertex(*dag_);
  for (const TensorId input : read) {
    if (input == kAbsent) {
      continue;
    }
    TensorNode& tensor = tensors_[input];
    tensor.consumers.push_back(id);
    if (tensor.producer) {
      boost::add_edge(*tensor.producer, id, DagEdge{input}, *dag_);
    }
  }
  return id;
}

void Graph::add_output(TensorId tensor) {
  if (std::find(outputs_.begin(), outputs_.end(), tensor) == outputs_.end()) {
    outputs_.push_back(tensor);
  }
}

DataType Graph::wire_type(TensorId input) const { return wire_.at(input); }

void Graph::set_wire_type(TensorId input, DataType wire) { wire_.at(input) = wire; }

double Graph::wire_bytes(TensorId id) const {
  const TensorNode& node = tensor(id);
  const auto wire = wire_.find(id);
  const DataType type = wire == wire_.end() ? node.type.type : wire->second;
  return static_cast<double>(elements(node.type.shape)) * static_cast<double>(element_bytes(type));
}

LayerWork Graph::total_work() const {
  LayerWork total;
  std::set<TensorId> counted;
  for (LayerId id = 0; id < layer_count(); ++id) {
    const LayerWork& work = layer(id).work;
    total.macs += work.macs;
    total.activation_bytes += work.activation_bytes;
    // Weights that several layers share are stored once.
    bool shared = false;
    for (const TensorId input : layer(id).inputs) {
      if (input != kAbsent && tensor(input).is_parameter()) {
        shared = true;
        if (counted.insert(input).second) {
          total.parameters += static_cast<double>(elements(tensor(input).type.shape));
          total.parameter_bytes += static_cast<double>(tensor(input).type.bytes());
        }
      }
    }
    if (!shared) {
      total.parameters += work.parameters;
      total.parameter_bytes += work.parameter_bytes;
    }
  }
  return total;
}

std::optional<LayerId> Graph::find_layer(std::string_view name) const {
  const auto it = layer_by_name_.find(name);
  return it == layer_by_name_.end() ? std::nullopt : std::optional(it->second);
}

std::optional<TensorId> Graph::find_tensor(std::string_view name) const {
  const auto it = tensor_by_name_.find(name);
  return it == tensor_by_name_.end() ? std::nullopt : std::optional(it->second);
}

}  // namespace offcut
