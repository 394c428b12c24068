#pragma once

#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "models/ops/operator.h"

namespace offcut::codec {

/// Adds layers to a graph that encode or decode one tensor. Their names begin with the tensor's.
class StepWriter {
 public:
  /// Reductions take their axes as attributes and clipping its limits as inputs since this one.
  static constexpr int kLeastOpset = 11;

  /// `tensor` is the name of what is encoded or decoded. REQUIRES: opset >= kLeastOpset; both
  /// outlive this.
  StepWriter(Graph& graph, const Registry<ops::Operator>& operators, int opset, std::string tensor)
      : graph_(graph), operators_(operators), opset_(opset), tensor_(std::move(tensor)) {}

  /// A layer with one output, which is called "<tensor>.<name>", or as the tensor itself where
  /// `name` is empty. Throws std::invalid_argument where the graph has such a name.
  TensorId layer(const std::string& op, std::vector<TensorId> inputs, const std::string& name,
                 Attributes attributes = {});
  TensorId cast(TensorId x, DataType to, const std::string& name);
  TensorId reshape(TensorId x, const Shape& shape, const std::string& name);

  /// A layer whose output is float16 in the file, though this graph knows it as float32.
  TensorId half(TensorId x, const std::string& name);
  /// The names of tensors that are float16 in the file (see ExportOptions).
  const std::set<std::string>& halves() const { return halves_; }

  template <class T>
  TensorId constant(const Shape& shape, std::span<const T> values, const std::string& name) {
    return constant(Tensor(shape, values), name);
  }
  template <class T>
  TensorId scalar(T value, const std::string& name) {
    return constant(Tensor({}, std::span<const T>(&value, 1)), name);
  }

  const Shape& shape_of(TensorId id) const { return graph_.tensor(id).type.shape; }

 private:
  TensorId constant(Tensor value, const std::string& name);
  std::string full_name(const std::string& name) const {
    return name.empty() ? tensor_ : tensor_ + "." + name;
  }

  Graph& graph_;
  const Registry<ops::Operator>& operators_;
  int opset_;
  std::string tensor_;
  std::set<std::string> halves_;
};

/// A codec's steps as layers of ONNX operators, for float32 tensors that have elements: what
/// decode() makes of what encode() sends is what the codec makes of the tensor, but for the header,
/// which the files stand for.
class CodecSteps {
 public:
  virtual ~CodecSteps() = default;

  /// Adds the layers that encode `x`; what they send.
  virtual std::vector<TensorId> encode(StepWriter& writer, TensorId x) const = 0;

  /// Adds the layers that make the tensor again, of this shape, under its own name. `sent` as
  /// encode() gave it.
  virtual TensorId decode(StepWriter& writer, std::span<const TensorId> sent,
                          const Shape& shape) const = 0;
};

}  // namespace offcut::codec
