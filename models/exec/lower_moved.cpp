// Layers that move no element: they transpose, split, pick one element along an axis, or change the
// shape. Their result is a strided view until an operation needs it row by row.

#include <numeric>

#include "models/exec/lowering.h"
#include "models/ops/arguments.h"
#include "models/ops/walk.h"

namespace offcut::exec {

void Lowering::lower_view(TensorId from, TensorId to) {
  const auto view = is_strided(from) ? reshaped(type(from).shape, strided_.at(from), type(to).shape)
                                     : std::nullopt;
  if (view) {
    set_strided(to, *view);
  } else {
    set_plain(to, plain(from));
  }
}

bool Lowering::lower_moved(const Operation& operation) {
  const Layer& layer = program_.layer(operation);
  const bool is_movable = !operation.inputs.empty() && !program_.is_constant(operation.inputs[0]) &&
                          program_.type(operation.inputs[0]).type == DataType::float32;
  if (!is_movable) {
    return false;
  }
  const TensorId x = operation.inputs[0].id;
  const std::size_t rank = type(x).shape.size();
  if (layer.op_name == "Transpose") {
    Strided moved = strided(x);
    const std::vector<std::int64_t> steps = moved.steps;
    std::vector<std::int64_t> order(rank);
    std::iota(order.rbegin(), order.rend(), 0);
    order = layer.attributes.integers("perm", order);
    for (std::size_t i = 0; i < rank; ++i) {
      moved.steps[i] = steps[static_cast<std::size_t>(order[i])];
    }
    set_strided(operation.outputs.front(), moved);
    return true;
  }
  if (layer.op_name == "Split") {
    const std::size_t axis = ops::axis_in(layer.attributes.integer("axis", 0), rank);
    Strided part = strided(x);
    part.whole = false;
    for (const TensorId output : operation.outputs) {
      set_strided(output, part);
      part.offset += type(output).shape[axis] * part.steps[axis];
    }
    return true;
  }
  if (layer.op_name == "Gather" && program_.is_constant(operation.inputs[1]) &&
      program_.type(operation.inputs[1]) == TensorType{DataType::int64, {}}) {
    const std::size_t axis = ops::axis_in(layer.attributes.integer("axis", 0), rank);
    const std::int64_t index = program_.constant(operation.inputs[1]).values<std::int64_t>()[0];
    const std::int64_t extent = type(x).shape[axis];
    if (index < -extent || index >= extent) {
      return false;  // The operator reports the error.
    }
    Strided one = strided(x);
    one.whole = false;
    one.offset += (index < 0 ? index + extent : index) * one.steps[axis];
    one.steps.erase(one.steps.begin() + static_cast<std::ptrdiff_t>(axis));
    set_strided(operation.outputs.front(), one);
    return true;
  }
  return false;
}

BufferId Lowering::plain(TensorId tensor) {
  if (!has_plain(tensor)) {
    const Strided view = strided_.at(tensor);
    const TensorType own = type(tensor);
    const BufferId copy = schedule_.add_scratch(static_cast<std::size_t>(own.bytes()));
    schedule_.add_step({.name = program_.graph().tensor(tensor).name,
                        .kernel = "move",
                        .reads = {view.buffer},
                        .writes = {copy},
                        .run = [view, shape = own.shape, copy](BufferTable& buffers) {
                          copy_dense(shape, view, buffers.floats(view.buffer),
                                     buffers.floats(copy));
                        }});
    set_plain(tensor, copy);
  }
  return plain_.at(tensor);
}

Strided Lowering::strided(TensorId tensor) {
  return is_strided(tensor)
             ? strided_.at(tensor)
             : Strided{.buffer = plain(tensor), .steps = ops::row_major_steps(type(tensor).shape)};
}

void Lowering::set_strided(TensorId tensor, const Strided& view) {
  if (is_dense(type(tensor).shape, view)) {
    set_plain(tensor, view.buffer);
  } else {
    strided_[tensor] = view;
    note_holder(tensor, view.buffer);
  }
}

}  // namespace offcut::exec
