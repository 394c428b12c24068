#pragma once

#include <map>
#include <vector>

#include "models/exec/program.h"
#include "models/exec/schedule.h"

namespace offcut::exec {

/// Computes an operation with its reference operator, then adds the residual and applies the
/// activation. Reads and makes tensors.
class ReferenceStep {
 public:
  ReferenceStep(const Program& program, const Operation& operation);

  void read(TensorId tensor, BufferId from) { buffer_[tensor] = from; }
  void read_residual(BufferId from) { residual_ = from; }
  void write(std::vector<BufferId> to) { outputs_ = std::move(to); }

  void operator()(BufferTable& buffers) const;

 private:
  std::vector<Tensor> arguments(BufferTable& buffers) const;
  std::vector<Tensor> compute(const std::vector<Tensor>& arguments) const;

  const Layer& layer_;
  std::vector<Operand> inputs_;
  std::vector<TensorType> types_;
  std::vector<const Parameter*> known_;
  std::vector<TensorType> output_types_;
  std::map<TensorId, BufferId> buffer_;
  std::optional<BufferId> residual_;
  std::optional<Activation> activation_;
  std::vector<BufferId> outputs_;
};

}  // namespace offcut::exec
