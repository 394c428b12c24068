#pragma once

#include <string>
#include <vector>

#include "models/graph/graph.h"
#include "models/ops/operator.h"

namespace offcut::compress {

/// Writes a graph after another one, layer by layer. A tensor of the old graph stands for one of
/// the new graph, which may be made otherwise.
class Rewriter {
 public:
  /// Adds the inputs of `from`, which outlives the rewriter, as the operators do.
  Rewriter(const Graph& from, const Registry<ops::Operator>& operators);

  const Graph& from() const { return from_; }
  const Graph& graph() const { return result_; }

  /// Returns the new tensor in the place of an old one; an old parameter is added when it is first
  /// asked for. kAbsent stays. REQUIRES: the layer that makes it is written.
  TensorId at(TensorId old);
  bool has(TensorId old) const { return ids_[old] != kAbsent; }
  void put(TensorId old, TensorId now) { ids_[old] = now; }

  /// Adds a constant under the name, or a longer one if it is taken.
  TensorId constant(const std::string& name, Tensor value);
  /// Adds a constant under the name. REQUIRES: the new graph has no such tensor.
  TensorId named_constant(const std::string& name, Tensor value);

  /// Adds a constant in the place of an old one of this name, or a new one. A name that is taken by
  /// now is made longer.
  TensorId replaced(const std::string& name, Tensor value);

  /// Adds a layer with one output, on new tensors.
  TensorId add(Layer layer, const std::string& output);

  /// Adds the layer of `from` on what its inputs stand for, with the same outputs.
  LayerId copy(LayerId old);

  /// Returns the name, or a longer one, that no tensor and no layer of either graph has.
  std::string unused(std::string name) const;

  /// Adds the outputs, and returns the graph. To be called once.
  Graph finish();

 private:
  const Graph& from_;
  const Registry<ops::Operator>& operators_;
  Graph result_;
  std::vector<TensorId> ids_;
};

/// Returns a parameter that is the tensor.
std::shared_ptr<const Parameter> parameter_of(Tensor value);

}  // namespace offcut::compress
