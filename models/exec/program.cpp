// The operations of a segment and the bookkeeping that passes need to rewrite them: for each
// tensor its producer and the number of its readers. A merge empties the merged operations and
// keeps their indices, so that indices stay valid.

#include "models/exec/program.h"

#include <algorithm>

#include "models/graph/parameter_value.h"

namespace offcut::exec {

Program::Program(const Graph& graph, const Segment& segment) : graph_(graph), segment_(segment) {
  for (const LayerId id : segment.layers) {
    const Layer& layer = graph.layer(id);
    Operation operation{.layer = id, .outputs = layer.outputs, .name = layer.name, .layers = {id}};
    for (const TensorId input : layer.inputs) {
      operation.inputs.push_back({.id = input});
    }
    count_reads(operation, 1);
    for (const TensorId output : layer.outputs) {
      producer_[output] = operations_.size();
    }
    operations_.push_back(std::move(operation));
  }
  for (const TensorId id : segment.leaves) {
    ++readers_[id];
  }
}

void Program::count_reads(const Operation& operation, int by) {
  for (const Operand& input : operation.inputs) {
    readers_[input.id] += by;
  }
  if (operation.residual) {
    readers_[*operation.residual] += by;
  }
}

std::optional<std::size_t> Program::producer(const Operand& tensor) const {
  const auto made = producer_.find(tensor.id);
  return !tensor.is_own() || made == producer_.end() ? std::nullopt : std::optional(made->second);
}

std::optional<std::size_t> Program::sole_producer(const Operand& tensor) const {
  const auto made = producer(tensor);
  return made && readers_.at(tensor.id) == 1 && operations_[*made].outputs.size() == 1
             ? made
             : std::nullopt;
}

bool Program::closed(const std::vector<std::size_t>& operations) const {
  std::map<TensorId, int> reads;
  for (const std::size_t i : operations) {
    for (const Operand& input : operations_[i].inputs) {
      ++reads[input.id];
    }
    if (operations_[i].residual) {
      ++reads[*operations_[i].residual];
    }
  }
  return std::all_of(operations.begin(), operations.end() - 1, [&](std::size_t i) {
    return std::all_of(operations_[i].outputs.begin(), operations_[i].outputs.end(),
                       [&](TensorId output) {
                         const auto all = readers_.find(output);
                         return all == readers_.end() || all->second == reads[output];
                       });
  });
}

void Program::merge(const std::vector<std::size_t>& operations, Operation rewritten) {
  rewritten.outputs = operations_[operations.back()].outputs;
  rewritten.name.clear();
  rewritten.layers.clear();
  for (const std::size_t i : operations) {
    rewritten.name += (rewritten.name.empty() ? "" : "+") + operations_[i].name;
    rewritten.layers.insert(rewritten.layers.end(), operations_[i].layers.begin(),
                            operations_[i].layers.end());
    count_reads(operations_[i], -1);
    for (const TensorId output : operations_[i].outputs) {
      producer_.erase(output);
    }
    operations_[i] = {};
  }
  count_reads(rewritten, 1);
  for (const TensorId output : rewritten.outputs) {
    producer_[output] = operations.back();
  }
  operations_[operations.back()] = std::move(rewritten);
}

void Program::absorb_unread(std::size_t operation, std::size_t reader) {
  Operation& unread = operations_[operation];
  const bool is_read = std::any_of(unread.outputs.begin(), unread.outputs.end(), [&](TensorId id) {
    const auto readers = readers_.find(id);
    return readers != readers_.end() && readers->second > 0;
  });
  if (is_read || unread.outputs.empty()) {
    return;
  }
  count_reads(unread, -1);
  for (const TensorId output : unread.outputs) {
    producer_.erase(output);
  }
  Operation& heir = operations_[reader];
  heir.name = unread.name + "+" + heir.name;
  heir.layers.insert(heir.layers.begin(), unread.layers.begin(), unread.layers.end());
  unread = {};
}

bool Program::is_constant(const Operand& operand) const {
  return !operand.is_own() || (operand.id != kAbsent && graph_.tensor(operand.id).is_parameter());
}

Tensor constant_of(const Graph& graph, const Operand& operand) {
  if (operand.make) {
    return operand.make();
  }
  return operand.constant.absent() ? read_parameter(graph.tensor(operand.id)) : operand.constant;
}

Tensor Program::constant(const Operand& operand) const { return constant_of(graph_, operand); }

TensorType Program::type(const Operand& operand) const {
  if (!operand.constant.absent()) {
    return operand.constant.type();
  }
  return operand.id == kAbsent ? TensorType{} : graph_.tensor(operand.id).type;
}

}  // namespace offcut::exec
