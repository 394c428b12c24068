// LSTM and GRU with constant weights and their default functions run in a kernel of their own.
// Peepholes, lengths, clipping and other functions are left to the reference operators.

#include <algorithm>
#include <memory>

#include "models/exec/lowering.h"
#include "models/exec/recurrent_kernel.h"

namespace offcut::exec {
namespace {

constexpr std::size_t kInitialCell = 6;
constexpr std::size_t kPeepholes = 7;

bool is_given(const Program& program, const Operation& operation, std::size_t input) {
  return input < operation.inputs.size() && program.type(operation.inputs[input]) != TensorType{};
}

/// Returns whether all functions are the defaults, and none of the rarer attributes is set.
bool is_common(const Layer& layer, bool lstm) {
  const std::vector<std::string> once = lstm ? std::vector<std::string>{"Sigmoid", "Tanh", "Tanh"}
                                             : std::vector<std::string>{"Sigmoid", "Tanh"};
  const std::vector<std::string> functions = layer.attributes.texts("activations", once);
  for (std::size_t i = 0; i < functions.size(); ++i) {
    if (functions[i] != once[i % once.size()]) {
      return false;
    }
  }
  return !layer.attributes.has("clip") && layer.attributes.integer("input_forget", 0) == 0 &&
         layer.attributes.integer("layout", 0) == 0;
}

bool has_kernel(const Program& program, const Operation& operation) {
  const bool lstm = program.has_op(operation, "LSTM");
  if ((!lstm && !program.has_op(operation, "GRU")) || operation.residual || operation.activation ||
      !is_common(program.layer(operation), lstm) || is_given(program, operation, ops::kLengths) ||
      is_given(program, operation, kPeepholes)) {
    return false;
  }
  const auto& inputs = operation.inputs;
  const auto is_weight = [&](std::size_t input) { return program.is_constant(inputs[input]); };
  return !is_weight(ops::kSequence) && program.type(inputs[0]).type == DataType::float32 &&
         is_weight(ops::kWeights) && is_weight(ops::kRecurrentWeights) &&
         (!is_given(program, operation, ops::kBiases) || is_weight(ops::kBiases)) &&
         elements(program.graph().tensor(operation.outputs.front()).type.shape) > 0;
}

ops::Recurrence recurrence(const Program& program, const Operation& operation) {
  const Layer& layer = program.layer(operation);
  std::vector<TensorType> types;
  for (const Operand& input : operation.inputs) {
    types.push_back(program.type(input));
  }
  const std::vector<const Parameter*> known(types.size());
  const bool lstm = layer.op_name == "LSTM";
  return ops::recurrence_of({layer.attributes, layer.opset, types, known}, lstm ? 4 : 3,
                            lstm ? 8 : 6,
                            lstm ? std::vector<std::string>{"Sigmoid", "Tanh", "Tanh"}
                                 : std::vector<std::string>{"Sigmoid", "Tanh"});
}

/// A state before the first step: a constant, a buffer, or nothing.
struct FirstState {
  Tensor constant;
  std::optional<BufferId> buffer;

  const float* at(BufferTable& buffers) const {
    return buffer              ? buffers.floats(*buffer)
           : constant.absent() ? nullptr
                               : constant.values<float>().data();
  }
};

}  // namespace

bool Lowering::lower_recurrent(const Operation& operation) {
  if (!has_kernel(program_, operation)) {
    return false;
  }
  const Layer& layer = program_.layer(operation);
  const bool lstm = layer.op_name == "LSTM";
  const RecurrentForm form = lstm ? RecurrentForm::lstm
                             : layer.attributes.integer("linear_before_reset", 0) != 0
                                 ? RecurrentForm::gru_linear
                                 : RecurrentForm::gru;
  const auto& inputs = operation.inputs;
  const bool has_bias = is_given(program_, operation, ops::kBiases);
  const auto kernel = std::make_shared<const RecurrentKernel>(
      recurrence(program_, operation), form, program_.constant(inputs[ops::kWeights]),
      program_.constant(inputs[ops::kRecurrentWeights]),
      has_bias ? program_.constant(inputs[ops::kBiases]) : Tensor());
  count_weights(kernel->weight_bytes());
  Step step{.name = operation.name, .kernel = "recurrent", .reads = {plain(inputs[0].id)}};
  const auto first_state = [&](std::size_t input) {
    FirstState state;
    if (!is_given(program_, operation, input)) {
      return state;
    }
    if (program_.is_constant(inputs[input])) {
      state.constant = program_.constant(inputs[input]);
    } else {
      state.buffer = plain(inputs[input].id);
      step.reads.push_back(*state.buffer);
    }
    return state;
  };
  const FirstState hidden = first_state(ops::kInitialHidden);
  const FirstState cell = lstm ? first_state(kInitialCell) : FirstState();
  std::vector<std::size_t> sizes = {kernel->sequence_floats(), kernel->state_floats(),
                                    kernel->state_floats(), kernel->scratch_floats()};
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    step.writes.push_back(schedule_.add_scratch(sizes[i] * sizeof(float)));
    if (i + 1 < sizes.size() && i < operation.outputs.size()) {
      set_plain(operation.outputs[i], step.writes.back());
    }
  }
  step.run = [kernel, hidden, cell, x = step.reads.front(),
              to = step.writes](BufferTable& buffers) {
    kernel->run(buffers.floats(x), {hidden.at(buffers), cell.at(buffers)}, buffers.floats(to[3]),
                {buffers.floats(to[0]), buffers.floats(to[1]), buffers.floats(to[2])});
  };
  schedule_.add_step(std::move(step));
  return true;
}

}  // namespace offcut::exec
