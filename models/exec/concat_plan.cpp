// Plans the memory of concatenations. The operations are visited from last to first, so that the
// place of a result is known before its parts are given places inside it.

#include "models/exec/concat_plan.h"

#include <algorithm>
#include <optional>

#include "models/ops/arguments.h"

namespace offcut::exec {
namespace {

constexpr std::int64_t kConcatBlock = 16;

bool can_place(const Program& program, const Operation& operation) {
  if (!program.has_op(operation, "Concat")) {
    return false;
  }
  const TensorType& y = program.graph().tensor(operation.outputs.front()).type;
  const std::size_t rank = y.shape.size();
  if (y.type != DataType::float32 || rank < 3 || rank > 4 || y.shape[0] != 1 ||
      ops::axis_in(program.layer(operation).attributes.integer("axis", 1), rank) != 1) {
    return false;
  }
  return std::all_of(operation.inputs.begin(), operation.inputs.end(), [&](const Operand& input) {
    return !program.is_constant(input) && elements(program.type(input).shape) > 0;
  });
}

bool in_blocks(const Program& program, const Operation& operation) {
  return std::all_of(operation.inputs.begin(), operation.inputs.end(), [&](const Operand& input) {
    const Shape shape = program.type(input).shape;
    return shape.size() == 4 && shape[1] % kConcatBlock == 0;
  });
}

/// Returns the first part's place if the operation's parts lie side by side in one memory.
std::optional<Placement> side_by_side(const Program& program, const Operation& operation,
                                      const std::map<TensorId, Placement>& places) {
  const auto first = places.find(operation.inputs.front().id);
  if (first == places.end()) {
    return std::nullopt;
  }
  std::int64_t channel = first->second.channel;
  for (const Operand& input : operation.inputs) {
    const auto place = places.find(input.id);
    if (place == places.end() || place->second.whole != first->second.whole ||
        place->second.channel != channel) {
      return std::nullopt;
    }
    channel += program.type(input).shape[1];
  }
  return first->second;
}

}  // namespace

std::map<TensorId, Placement> place_concats(const Program& program) {
  std::map<TensorId, Placement> places;
  // For each result of a concatenation, whether it lies in blocks.
  std::map<TensorId, bool> blocks;
  for (std::size_t i = 0; i < program.size(); ++i) {
    if (!program.merged_away(i) && can_place(program, program[i])) {
      blocks[program[i].outputs.front()] = in_blocks(program, program[i]);
    }
  }
  for (std::size_t i = program.size(); i-- > 0;) {
    if (program.merged_away(i) || !blocks.contains(program[i].outputs.front())) {
      continue;
    }
    const TensorId result = program[i].outputs.front();
    const bool own_blocks = blocks.at(result);
    if (!places.contains(result)) {
      const auto shared = side_by_side(program, program[i], places);
      if (shared && shared->in_blocks == own_blocks) {
        places[result] = *shared;
        continue;
      }
      places[result] = {result, 0, own_blocks};
    }
    const Placement whole = places.at(result);
    std::int64_t channel = whole.channel;
    for (const Operand& input : program[i].inputs) {
      const auto nested = blocks.find(input.id);
      if (!places.contains(input.id) &&
          (nested == blocks.end() || nested->second == whole.in_blocks)) {
        places[input.id] = {whole.whole, channel, whole.in_blocks};
      }
      channel += program.type(input).shape[1];
    }
  }
  return places;
}

}  // namespace offcut::exec
