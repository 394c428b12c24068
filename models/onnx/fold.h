#pragma once

#include <memory>
#include <vector>

#include "models/onnx/weights.h"
#include "models/ops/operator.h"

namespace onnx {
class TensorProto;
}

namespace offcut::onnx {

/// A tensor that does not depend on the inputs. A null parameter stands for no tensor.
struct Constant {
  TensorType type;
  std::shared_ptr<const Parameter> parameter;
  int depth = 0;  // The longest chain of layers that must be computed to make it.
};

/// Limits the memory and computation of all constant layers of a model: a small file must not take
/// all memory, or hours. Values are computed on first use, and so many a large one never is, but
/// all of them together must fit into half of the memory that tensors may take (--max-memory), or
/// into 256 MiB.
class FoldBudget {
 public:
  FoldBudget();

  /// Throws std::invalid_argument if the budget is exhausted.
  void spend(std::int64_t bytes_read, std::int64_t bytes_made, double macs);

 private:
  std::int64_t most_bytes_;
  std::int64_t bytes_ = 0;
  double macs_ = 0;
};

Constant constant(Tensor value);

/// Moves the tensor's data out of the model. On first use, they are decoded, or read from their
/// file, and the encoded data are freed. REQUIRES: check_constants() accepts the tensor.
Constant initialiser(::onnx::TensorProto& proto, Weights& weights);

/// Returns the output of a Shape layer for a tensor of this shape: its extents, or since opset 15
/// those from `start` to before `end`.
Constant extents(const Attributes& attributes, const Shape& shape);

/// Returns the outputs of a layer with constant inputs, which are computed on first use. Throws
/// std::invalid_argument if the operator refuses the inputs or the budget is exhausted.
/// REQUIRES: `op` outlives the constants.
std::vector<Constant> fold(const ops::Operator& op, Attributes attributes, int opset,
                           std::vector<Constant> inputs, std::size_t outputs, FoldBudget& budget);

}  // namespace offcut::onnx
