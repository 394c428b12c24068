#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "models/graph/ids.h"
#include "models/graph/tensor.h"

namespace offcut::ops {
struct Operator;  // models/ops/operator.h
}  // namespace offcut::ops

namespace offcut {

/// In Layer::inputs: an optional input that was left out.
inline constexpr TensorId kAbsent = static_cast<TensorId>(-1);

/// What a layer is to a cost model: kinds differ in how much of a device's peak they reach.
enum class LayerKind {
  convolution,
  depthwise_convolution,  // one filter per channel: little reuse, far from peak
  dense,                  // matrix products
  pooling,
  elementwise,
  normalization,
  data_movement,  // copies bytes, computes nothing
  view,           // changes nothing but the shape: free
  table,          // from a layer table, times given
};
inline constexpr std::size_t kLayerKinds = 9;
std::string_view to_text(LayerKind kind);

/// What a layer does, as the cost models see it. One multiply-accumulate counts once (two FLOP).
struct LayerWork {
  LayerKind kind = LayerKind::table;
  double macs = 0;
  double parameter_bytes = 0;   // weights that it reads
  double parameters = 0;        // how many numbers that are
  double activation_bytes = 0;  // tensors that it reads and writes
};

/// An ONNX attribute's value.
using AttributeValue = std::variant<std::int64_t, float, std::string, std::vector<std::int64_t>,
                                    std::vector<float>, std::vector<std::string>, Tensor>;

/// A layer's attributes by name. Getters take the operator's default and throw
/// std::invalid_argument where the attribute has another type; the importer adds the layer's name
/// to that.
class Attributes {
 public:
  void set(std::string name, AttributeValue value) { values_[std::move(name)] = std::move(value); }
  bool has(std::string_view name) const { return values_.find(name) != values_.end(); }

  std::int64_t integer(std::string_view name, std::int64_t fallback) const;
  float number(std::string_view name, float fallback) const;
  std::string text(std::string_view name, std::string_view fallback) const;
  std::vector<std::int64_t> integers(std::string_view name,
                                     std::vector<std::int64_t> fallback) const;
  std::vector<float> numbers(std::string_view name, std::vector<float> fallback) const;
  std::vector<std::string> texts(std::string_view name, std::vector<std::string> fallback) const;
  std::optional<Tensor> tensor(std::string_view name) const;

  /// Names and values, in alphabetical order.
  auto begin() const { return values_.begin(); }
  auto end() const { return values_.end(); }

 private:
  std::map<std::string, AttributeValue, std::less<>> values_;
};

/// A constant tensor (weights, a shape) that is made when it is first needed and kept from then on.
class Parameter {
 public:
  explicit Parameter(std::function<Tensor()> make) : make_(std::move(make)) {}
  const Tensor& value() const;
  bool made() const { return !value_.absent(); }

 private:
  mutable std::function<Tensor()> make_;  // empty once it was called
  mutable std::once_flag once_;
  mutable Tensor value_;
};

/// A tensor of the graph: made by one layer, or a graph input, or a parameter.
struct TensorNode {
  std::string name;
  TensorType type;
  std::optional<LayerId> producer;
  std::vector<LayerId> consumers;  // ascending, each once
  std::shared_ptr<const Parameter> parameter;

  bool is_parameter() const { return parameter != nullptr; }
};

/// An operator node. `op` is null in graphs from a layer table: they have costs, but no math.
struct Layer {
  std::string name;
  const ops::Operator* op = nullptr;
  std::string op_name;
  int opset = 0;  // of the ONNX operator set that gives the attributes their meaning
  Attributes attributes;
  std::vector<TensorId> inputs;  // kAbsent where an optional one is left out
  std::vector<TensorId> outputs;
  LayerWork work;
};

struct LayerDag;  // models/graph/layer_dag.h

/// A network: layers, and the tensors that they pass on.
///
/// Invariants:
/// 1. Layer ids are a topological order: a layer is added after the layers whose tensors it reads.
/// 2. Layer names are unique; tensor names are unique.
/// 3. Types are complete: every extent is known.
class Graph {
 public:
  explicit Graph(std::string name) : name_(std::move(name)) {}

  /// `wire` is the element type that the input really has where it arises: an image is uint8,
  /// whatever the first layer reads. It decides how many bytes the input counts when it crosses a
  /// cut.
  TensorId add_input(std::string name, TensorType type, DataType wire);
  TensorId add_parameter(std::string name, TensorType type,
                         std::shared_ptr<const Parameter> parameter);

  /// Adds the layer and its output tensors (fills layer.outputs).
  /// REQUIRES: its inputs exist; names are new (std::invalid_argument otherwise, and the graph is
  /// as it was).
  LayerId add_layer(Layer layer, std::vector<TensorNode> outputs);
  void add_output(TensorId tensor);

  const std::string& name() const { return name_; }
  const LayerDag& dag() const { return *dag_; }
  std::size_t layer_count() const { return layers_.size(); }
  const Layer& layer(LayerId id) const { return layers_[id]; }
  std::size_t tensor_count() const { return tensors_.size(); }
  const TensorNode& tensor(TensorId id) const { return tensors_.at(id); }
  const std::vector<TensorId>& inputs() const { return inputs_; }
  const std::vector<TensorId>& outputs() const { return outputs_; }
  DataType wire_type(TensorId input) const;

  /// Bytes of the tensor as it crosses a cut uncoded: an input with its wire type.
  double wire_bytes(TensorId id) const;

  LayerWork total_work() const;

  void set_wire_type(TensorId input, DataType wire);

  std::optional<LayerId> find_layer(std::string_view name) const;
  std::optional<TensorId> find_tensor(std::string_view name) const;

 private:
  /// A LayerDag that is copied and moved with the graph. REQUIRES: not used after it was moved
  /// from.
  class OwnedDag {
   public:
    OwnedDag();
    OwnedDag(const OwnedDag& other);
    OwnedDag(OwnedDag&& other) noexcept;
    OwnedDag& operator=(OwnedDag other) noexcept;
    ~OwnedDag();
    LayerDag& operator*() const { return *dag_; }

   private:
    std::unique_ptr<LayerDag> dag_;
  };

  void check_new(const Layer& layer, const std::vector<TensorNode>& outputs) const;
  TensorId add_tensor(TensorNode node);

  std::string name_;
  std::vector<Layer> layers_;
  OwnedDag dag_;
  std::vector<TensorNode> tensors_;
  std::vector<TensorId> inputs_;
  std::vector<TensorId> outputs_;
  std::map<TensorId, DataType> wire_;
  std::map<std::string, LayerId, std::less<>> layer_by_name_;
  std::map<std::string, TensorId, std::less<>> tensor_by_name_;
};

}  // namespace offcut
