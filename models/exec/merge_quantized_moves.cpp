// Layers between DequantizeLinear and QuantizeLinear whose results are elements of their inputs:
// with one scale on both sides, they are the same on the integers. A global average becomes a mean
// of integers, rounded once.

#include <algorithm>
#include <array>

#include "models/exec/passes.h"
#include "models/exec/pattern.h"

namespace offcut::exec {
namespace {

/// Returns how many inputs of the operation are dequantised if it can work on integers, else 0.
std::size_t moved_inputs(const Program& program, const Operation& operation) {
  if (operation.group.index() != 0 || operation.residual || operation.activation ||
      operation.outputs.size() != 1 || operation.inputs.empty()) {
    return 0;
  }
  const Layer& layer = program.layer(operation);
  const bool takes_one = layer.op_name == "MaxPool" || layer.op_name == "GlobalAveragePool" ||
                         layer.work.kind == LayerKind::view;
  return layer.op_name == "Concat" ? operation.inputs.size() : takes_one ? 1 : 0;
}

void merge_move(Program& program, std::size_t last) {
  const auto output = scale_of(program, program[last]);
  const auto core = output ? program.sole_producer(program[last].inputs[0]) : std::nullopt;
  const std::size_t count = core ? moved_inputs(program, program[*core]) : 0;
  if (count == 0) {
    return;
  }
  const bool averages = program.has_op(program[*core], "GlobalAveragePool");
  Quantized group{.output = *output, .moves = !averages, .averages = averages};
  Operation rewritten = program[*core];
  std::vector<Operation> parts;
  std::vector<std::size_t> sources;
  for (std::size_t i = 0; i < count; ++i) {
    const auto source = dequantized(program, rewritten.inputs[i]);
    const bool is_same = source && source->scale == *output &&
                         program.type(source->integers).type ==
                             program.type({.id = program[last].outputs.front()}).type;
    if (!source || (!averages && !is_same)) {
      return;
    }
    group.inputs.push_back(source->scale);
    rewritten.inputs[i] = source->integers;
    if (std::find(sources.begin(), sources.end(), source->operation) == sources.end()) {
      sources.push_back(source->operation);
      parts.push_back(program[source->operation]);
    }
  }
  parts.push_back(program[*core]);
  parts.push_back(program[last]);
  group.parts = std::make_shared<const std::vector<Operation>>(std::move(parts));
  rewritten.group = std::move(group);
  program.merge({*core, last}, std::move(rewritten));
  std::for_each(sources.rbegin(), sources.rend(),
                [&](std::size_t source) { program.absorb_unread(source, last); });
}

}  // namespace

void merge_quantized_moves(Program& program) {
  for (std::size_t i = 0; i < program.size(); ++i) {
    if (!program.merged_away(i) && program.has_op(program[i], "QuantizeLinear") &&
        is_float(program, program[i].inputs[0])) {
      merge_move(program, i);
    }
  }
}

}  // namespace offcut::exec
