// Runs an operation's reference operator as one step of a schedule. Residual and activation are
// applied to the result with the same roundings as by layers of their own.

#include "models/exec/reference_step.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <stdexcept>

#include "models/ops/call_forward.h"

namespace offcut::exec {

ReferenceStep::ReferenceStep(const Program& program, const Operation& operation)
    : layer_(program.layer(operation)),
      inputs_(operation.inputs),
      activation_(operation.activation) {
  if (layer_.op == nullptr) {
    throw std::invalid_argument(
        fmt::format("layer '{}' comes from a table and has no math", layer_.name));
  }
  for (Operand& input : inputs_) {
    types_.push_back(program.type(input));
    const bool own = input.id != kAbsent && input.is_own();
    known_.push_back(own ? program.graph().tensor(input.id).parameter.get() : nullptr);
    if (program.is_constant(input)) {
      input = {.id = input.id, .constant = program.constant(input)};
    }
  }
  for (const TensorId output : operation.outputs) {
    output_types_.push_back(program.graph().tensor(output).type);
  }
}

void ReferenceStep::operator()(BufferTable& buffers) const {
  std::vector<Tensor> results = compute(arguments(buffers));
  if (residual_) {
    const Tensor& residual = buffers.tensor(*residual_);
    const std::span<float> sum = results.front().values<float>();
    std::transform(sum.begin(), sum.end(), residual.values<float>().begin(), sum.begin(),
                   std::plus<>());
  }
  if (activation_) {
    activate(*activation_, results.front().values<float>());
  }
  for (std::size_t i = 0; i < outputs_.size(); ++i) {
    buffers.tensor(outputs_[i]) = std::move(results[i]);
  }
}

std::vector<Tensor> ReferenceStep::arguments(BufferTable& buffers) const {
  std::vector<Tensor> values;
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    const auto buffer = buffer_.find(inputs_[i].id);
    // A buffer may hold the tensor under another shape, if it is a view.
    values.push_back(!inputs_[i].constant.absent() || buffer == buffer_.end()
                         ? inputs_[i].constant
                         : buffers.tensor(buffer->second).reshaped(types_[i].shape));
  }
  return values;
}

std::vector<Tensor> ReferenceStep::compute(const std::vector<Tensor>& arguments) const {
  const bool empty = !output_types_.empty() &&
                     std::all_of(output_types_.begin(), output_types_.end(),
                                 [](const auto& type) { return elements(type.shape) == 0; });
  if (empty) {
    return {output_types_.begin(), output_types_.end()};
  }
  return ops::call_forward(
      layer_, {layer_.attributes, layer_.opset, types_, known_, output_types_.size()}, arguments);
}

}  // namespace offcut::exec
