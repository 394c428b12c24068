#pragma once

#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "models/ops/operator.h"

namespace offcut::codec {

/// Adds the layers to a graph that encode or decode one tensor. Their names begin with the
/// tensor's.
class StepWriter {
 public:
  /// The oldest operator set in which Clip has its limits as inputs.
  static constexpr int kLeastOpset = 11;

  /// `tensor` is the name of the encoded or decoded tensor. REQUIRES: opset >= kLeastOpset; the
  /// graph and the operators outlive this object.
  StepWriter(Graph& graph, const Registry<ops::Operator>& operators, int opset, std::string tensor)
      : graph_(graph), operators_(operators), opset_(opset), tensor_(std::move(tensor)) {}

  /// Adds a layer with one output, which is named "<tensor>.<name>", or like the tensor itself if
  /// `name` is empty. Throws std::invalid_argument if the name is taken.
  TensorId layer(const std::string& op, std::vector<TensorId> inputs, const std::string& name,
                 Attributes attributes = {});
  TensorId cast(TensorId x, DataType type, const std::string& name);
  TensorId reshape(TensorId x, const Shape& shape, const std::string& name);

  /// Adds a layer whose output is float16 in the file, although it is float32 in this graph.
  TensorId half(TensorId x, const std::string& name);
  /// Returns the names of tensors that are float16 in the file (see ExportOptions).
  const std::set<std::string>& halves() const { return halves_; }

  template <class T>
  TensorId constant(const Shape& shape, std::span<const T> values, const std::string& name) {
    return constant(Tensor(shape, values), name);
  }
  template <class T>
  TensorId scalar(T value, const std::string& name) {
    return constant(Tensor({}, std::span<const T>(&value, 1)), name);
  }

  int opset() const { return opset_; }
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

/// A codec's steps as layers of ONNX operators, for float32 tensors that are not empty. encode()
/// and decode() together give the same tensor as the codec. There is no header: its facts are in
/// the files.
class CodecSteps {
 public:
  virtual ~CodecSteps() = default;

  /// Adds the layers that encode `x`, and returns the tensors to send.
  virtual std::vector<TensorId> encode(StepWriter& writer, TensorId x) const = 0;

  /// Adds the layers that restore the tensor with this shape and its own name from `sent`, which
  /// encode() returned.
  virtual TensorId decode(StepWriter& writer, std::span<const TensorId> sent,
                          const Shape& shape) const = 0;
};

}  // namespace offcut::codec
