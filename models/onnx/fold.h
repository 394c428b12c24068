#pragma once

#include <memory>
#include <vector>

#include "models/onnx/weights.h"
#include "models/ops/operator.h"

namespace onnx {
class TensorProto;
}

namespace offcut::onnx {

/// A tensor that does not depend on the inputs. No parameter: there is no such tensor.
struct Constant {
  TensorType type;
  std::shared_ptr<const Parameter> parameter;
  int depth = 0;  // how many layers must be computed one after the other to make it
};

/// How much the constant layers of one model may make and compute: a small file must not take all
/// memory, or hours.
class FoldBudget {
 public:
  /// Throws std::invalid_argument where it is used up.
  void spend(std::int64_t bytes_read, std::int64_t bytes_made, double macs);

 private:
  std::int64_t bytes_ = 0;
  double macs_ = 0;
};

Constant constant(Tensor value);

/// Takes the tensor's data out of the model; they are decoded, or read from their file, when first
/// needed, and the encoded ones freed. REQUIRES: check_constants() accepts it.
Constant initialiser(::onnx::TensorProto& proto, Weights& weights);

/// What a Shape layer makes of a tensor of that shape: its extents, from opset 15 on those from
/// `start` to before `end`.
Constant extents(const Attributes& attributes, const Shape& shape);

/// The outputs of a layer whose inputs are constants, computed when first needed. Throws
/// std::invalid_argument where the operator refuses them, or the budget does not allow them.
/// REQUIRES: `op` outlives the constants.
std::vector<Constant> fold(const ops::Operator& op, Attributes attributes, int opset,
                           std::vector<Constant> inputs, std::size_t outputs, FoldBudget& budget);

}  // namespace offcut::onnx
