#include "models/exec/program.h"

namespace offcut {

Program::Program(const Graph& graph, const Segment& segment) : graph_(graph), segment_(segment) {
  for (const LayerId id : segment.layers) {
    const Layer& layer = graph.layer(id);
    Operation operation{.layer = id, .outputs = layer.outputs, .name = layer.name};
    for (const TensorId input : layer.inputs) {
      operation.inputs.push_back({.id = input});
      ++readers_[input];
    }
    for (const TensorId output : layer.outputs) {
      producer_[output] = operations_.size();
    }
    operations_.push_back(std::move(operation));
  }
  for (const TensorId id : segment.leaves) {
    ++readers_[id];
  }
}

std::optional<std::size_t> Program::sole_producer(const Operand& tensor) const {
  const auto made = producer_.find(tensor.id);
  if (!tensor.constant.absent() || made == producer_.end() || readers_.at(tensor.id) != 1 ||
      operations_[made->second].outputs.size() != 1) {
    return std::nullopt;
  }
  return made->second;
}

void Program::merge(std::size_t producer, std::size_t reader, Operation rewritten) {
  rewritten.outputs = operations_[reader].outputs;
  rewritten.name += "+" + operations_[reader].name;
  producer_.erase(operations_[producer].outputs.front());
  operations_[producer] = {};
  operations_[reader] = std::move(rewritten);
}

bool Program::is_constant(const Operand& operand) const {
  return !operand.constant.absent() ||
         (operand.id != kAbsent && graph_.tensor(operand.id).is_parameter());
}

Tensor Program::constant(const Operand& operand) const {
  return operand.constant.absent() ? graph_.tensor(operand.id).parameter->value()
                                   : operand.constant;
}

TensorType Program::type(const Operand& operand) const {
  if (!operand.constant.absent()) {
    return operand.constant.type();
  }
  return operand.id == kAbsent ? TensorType{} : graph_.tensor(operand.id).type;
}

}  // namespace offcut
