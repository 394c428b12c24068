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
struct Operator;  // See models/ops/operator.h.
}  // namespace offcut::ops

namespace offcut {

/// Stands for an omitted optional input in Layer::inputs.
inline constexpr TensorId kAbsent = static_cast<TensorId>(-1);

/// The kind of a layer for cost models: kinds differ in how much of a device's peak they reach.
enum class LayerKind {
  convolution,
  depthwise_convolution,  // One filter per channel: little reuse, far from peak.
  dense,                  // Matrix products.
  pooling,
  elementwise,
  normalization,
  data_movement,  // Copies bytes and computes nothing.
  view,           // Changes only the shape, at no cost.
  table,          // From a layer table, with given times.
};
inline constexpr std::size_t kLayerKinds = 9;
std::string_view to_text(LayerKind kind);

/// The work of a layer for cost models. One multiply-accumulate counts once (two FLOP).
struct LayerWork {
  LayerKind kind = LayerKind::table;
  double macs = 0;
  double parameter_bytes = 0;   // Bytes of the weights that the layer reads.
  double parameters = 0;        // The number of these weights.
  double activation_bytes = 0;  // Bytes of the tensors that the layer reads and writes.
};

/// The value of an ONNX attribute.
using AttributeValue = std::variant<std::int64_t, float, std::string, std::vector<std::int64_t>,
                                    std::vector<float>, std::vector<std::string>, Tensor>;

/// The attributes of a layer by name. Getters take the operator's default and throw
/// std::invalid_argument if the attribute has another type; the importer adds the layer's name to
/// the message.
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

  /// Iterates over names and values in alphabetical order.
  auto begin() const { return values_.begin(); }
  auto end() const { return values_.end(); }

 private:
  std::map<std::string, AttributeValue, std::less<>> values_;
};

/// A constant tensor (weights, a shape) that is made on first use. Several threads may use it.
class Parameter {
 public:
  enum class Source {
    once,       // Made once and kept.
    rereadable  // Made again at little cost, as from a file: read() does not keep it.
  };
  explicit Parameter(std::function<Tensor()> make, Source source = Source::once)
      : make_(std::move(make)), source_(source) {}

  /// Returns the value, which is kept from then on.
  const Tensor& value() const;

  /// Returns the value for a single use, such as laying weights out for a kernel. It lasts as long
  /// as its handles, unless it is small, can be made only once, or has been kept before.
  Tensor read() const;

  /// Returns whether the value is kept.
  bool made() const { return !value_.absent(); }

 private:
  mutable std::function<Tensor()> make_;  // Empty after its only call.
  Source source_;
  mutable std::mutex mutex_;
  mutable Tensor value_;
  mutable WeakTensor last_read_;
};

/// A tensor of the graph: the output of a layer, a graph input, or a parameter.
struct TensorNode {
  std::string name;
  TensorType type;
  std::optional<LayerId> producer;
  std::vector<LayerId> consumers;  // Ascending and distinct.
  std::shared_ptr<const Parameter> parameter;

  bool is_parameter() const { return parameter != nullptr; }
};

/// An operator node. `op` is null in graphs from a layer table, which have costs but no math.
struct Layer {
  std::string name;
  const ops::Operator* op = nullptr;
  std::string op_name;
  int opset = 0;  // The version of the ONNX operator set that defines the attributes.
  Attributes attributes;
  std::vector<TensorId> inputs;  // An omitted optional input is kAbsent.
  std::vector<TensorId> outputs;
  LayerWork work;
};

struct LayerDag;  // See models/graph/layer_dag.h.

/// A network: its layers and the tensors between them.
///
/// Invariants:
/// 1. Layer ids are a topological order: each layer is added after the layers whose tensors it
///    reads.
/// 2. Layer names are unique; tensor names are unique.
/// 3. Types are complete: every extent is known.
class Graph {
 public:
  explicit Graph(std::string name) : name_(std::move(name)) {}

  /// `wire` is the element type that the input has at its source, and so its size when it crosses a
  /// cut: an image is uint8, whatever type the first layer reads.
  TensorId add_input(std::string name, TensorType type, DataType wire);
  TensorId add_parameter(std::string name, TensorType type,
                         std::shared_ptr<const Parameter> parameter);

  /// Adds the layer and its output tensors, and fills layer.outputs.
  /// REQUIRES: its inputs exist and all names are new (std::invalid_argument otherwise, and the
  /// graph is unchanged).
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

  /// Returns the bytes of the tensor when it crosses a cut uncoded; an input has its wire type.
  double wire_bytes(TensorId id) const;

  LayerWork total_work() const;

  void set_wire_type(TensorId input, DataType wire);

  std::optional<LayerId> find_layer(std::string_view name) const;
  std::optional<TensorId> find_tensor(std::string_view name) const;

 private:
  /// A LayerDag that is copied and moved with the graph. REQUIRES: no use after a move from it.
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
