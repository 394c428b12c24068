#include "models/exec/lowering.h"

#include <algorithm>
#include <numeric>

#include "models/exec/gemv.h"
#include "models/exec/reference_step.h"
#include "models/ops/arguments.h"
#include "models/ops/walk.h"

namespace offcut {
namespace {

bool is_view(const Program& program, const Operation& operation) {
  return program.layer(operation).work.kind == LayerKind::view && operation.outputs.size() == 1 &&
         !program.is_constant(operation.inputs.front());
}

/// A convolution whose input has one place: a fully connected layer over the channels.
bool is_convolution_of_a_point(const Program& program, const Operation& operation) {
  const auto is_point = [&](const Shape& shape) {
    return std::all_of(shape.begin() + 2, shape.end(), [](auto extent) { return extent == 1; });
  };
  return program.is(operation, "Conv") && !operation.residual &&
         program.layer(operation).attributes.integer("group", 1) == 1 &&
         is_point(program.type(operation.inputs[0]).shape) &&
         is_point(program.type(operation.inputs[1]).shape) &&
         is_point(program.graph().tensor(operation.outputs.front()).type.shape);
}

/// y = x B + c for one row x, where B and c are constants and nothing is scaled: what a fully
/// connected layer is at batch 1.
bool is_vector_product(const Program& program, const Operation& operation) {
  const Layer& layer = program.layer(operation);
  const bool plain_gemm =
      program.is(operation, "Gemm") && layer.attributes.integer("transA", 0) == 0 &&
      layer.attributes.number("alpha", 1) == 1 && layer.attributes.number("beta", 1) == 1;
  if (!plain_gemm && !is_convolution_of_a_point(program, operation)) {
    return false;
  }
  const auto& inputs = operation.inputs;
  const TensorType y = program.graph().tensor(operation.outputs.front()).type;
  const bool plain_bias =
      inputs.size() < 3 || program.type(inputs[2]) == TensorType{} ||
      (program.is_constant(inputs[2]) && elements(program.type(inputs[2]).shape) == y.shape[1]);
  return y.shape[0] == 1 && !program.is_constant(inputs[0]) && program.is_constant(inputs[1]) &&
         plain_bias;
}

Tensor transposed(const Tensor& matrix) {
  const auto rows = static_cast<std::size_t>(matrix.shape()[0]);
  const auto columns = static_cast<std::size_t>(matrix.shape()[1]);
  Tensor result(TensorType{DataType::float32, {matrix.shape()[1], matrix.shape()[0]}});
  const std::span<const float> from = matrix.values<float>();
  const std::span<float> to = result.values<float>();
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t c = 0; c < columns; ++c) {
      to[c * rows + r] = from[r * columns + c];
    }
  }
  return result;
}

}  // namespace

Lowering::Lowering(const Program& program, Schedule& schedule, bool fast)
    : program_(program), schedule_(schedule), fast_(fast) {}

void Lowering::lower() {
  find_last_reads();
  for (const TensorId id : program_.segment().enters) {
    enters_.emplace_back(id, schedule_.add_given());
    set_plain(id, enters_.back().second);
  }
  for (current_ = 0; current_ < program_.size(); ++current_) {
    if (!program_.merged_away(current_)) {
      lower(program_[current_]);
      schedule_.attribute_steps(program_[current_].layers);  // laying out what it reads, too
    }
  }
  for (const TensorId id : program_.segment().leaves) {
    leaves_.emplace_back(id, as_tensor(id));
    schedule_.keep(leaves_.back().second);
    if (const auto made = program_.producer({.id = id})) {
      schedule_.attribute_steps(program_[*made].layers);  // nobody inside reads it laid out anew
    }
  }
}

void Lowering::find_last_reads() {
  for (std::size_t i = 0; i < program_.size(); ++i) {
    for (const Operand& input : program_[i].inputs) {
      last_read_[input.id] = i;
    }
    if (program_[i].residual) {
      last_read_[*program_[i].residual] = i;
    }
  }
  for (const TensorId id : program_.segment().leaves) {
    last_read_[id] = kLeaves;
  }
}

void Lowering::lower(const Operation& operation) {
  if (operation.group.index() != 0) {
    if (!fast_ || !can_be_fast(operation) || !lower_with_library(operation)) {
      lower_group(operation);
    }
  } else if (is_view(program_, operation)) {
    lower_view(operation.inputs.front().id, operation.outputs.front());
  } else if (fast_ && lower_moved(operation)) {
    // Steps alone change.
  } else if (!fast_ || !can_be_fast(operation) ||
             (!lower_vector_product(operation) && !lower_with_library(operation))) {
    lower_reference(operation);
  }
}

bool Lowering::can_be_fast(const Operation& operation) const {
  const auto good = [](const TensorType& type) {
    return type.type == DataType::float32 && elements(type.shape) > 0;
  };
  return !operation.inputs.empty() && good(program_.type(operation.inputs.front())) &&
         operation.outputs.size() == 1 && good(type(operation.outputs.front()));
}

bool Lowering::lower_vector_product(const Operation& operation) {
  if (!is_vector_product(program_, operation)) {
    return false;
  }
  const bool is_transposed = program_.is(operation, "Conv") ||
                             program_.layer(operation).attributes.integer("transB", 0) != 0;
  Tensor stored = program_.constant(operation.inputs[1]);
  stored = stored.reshaped({stored.shape()[0], stored.shape()[1]});
  const Tensor matrix = is_transposed ? stored : transposed(stored);
  count_weights(is_transposed ? 0 : matrix.bytes().size());
  const bool has_bias =
      operation.inputs.size() > 2 && program_.type(operation.inputs[2]) != TensorType{};
  const Tensor bias = has_bias ? program_.constant(operation.inputs[2])
                               : Tensor(TensorType{DataType::float32, {matrix.shape()[0]}});
  const BufferId x = plain(operation.inputs[0].id);
  const BufferId y = schedule_.add_scratch(bias.bytes().size());
  set_plain(operation.outputs.front(), y);
  schedule_.add_step(
      {.name = operation.name,
       .kernel = "vector product",
       .reads = {x},
       .writes = {y},
       .run = [matrix, bias, x, y, activation = operation.activation](BufferTable& buffers) {
         const std::span<const float> start = bias.values<float>();
         const std::span<float> to(buffers.floats(y), start.size());
         std::copy(start.begin(), start.end(), to.begin());
         add_product(matrix.values<float>().data(),
                     {buffers.floats(x), static_cast<std::size_t>(matrix.shape()[1])}, to);
         if (activation) {
           activate_fast(*activation, to);
         }
       }});
  return true;
}

void Lowering::lower_reference(const Operation& operation) {
  ReferenceStep step(program_, operation);
  Step added{.name = operation.name, .kernel = "reference"};
  for (const Operand& input : operation.inputs) {
    if (input.id != kAbsent && !program_.is_constant(input)) {
      added.reads.push_back(as_tensor(input.id));
      step.read(input.id, added.reads.back());
    }
  }
  if (operation.residual) {
    added.reads.push_back(as_tensor(*operation.residual));
    step.read_residual(added.reads.back());
  }
  for (const TensorId output : operation.outputs) {
    added.writes.push_back(schedule_.add_made());
    set_plain(output, added.writes.back());
  }
  step.write(added.writes);
  added.run = std::move(step);
  schedule_.add_step(std::move(added));
}

BufferId Lowering::as_tensor(TensorId tensor) {
  BufferId buffer = plain(tensor);
  if (schedule_.is_part(buffer)) {
    const TensorType own = type(tensor);
    const BufferId copy = schedule_.add_scratch(static_cast<std::size_t>(own.bytes()));
    schedule_.add_step({.name = program_.graph().tensor(tensor).name,
                        .kernel = "copy",
                        .reads = {buffer},
                        .writes = {copy},
                        .run = [bytes = own.bytes(), buffer, copy](BufferTable& buffers) {
                          std::copy_n(buffers.data(buffer), bytes, buffers.data(copy));
                        }});
    set_plain(tensor, copy);
    buffer = copy;
  }
  schedule_.make_tensor(buffer, type(tensor));
  return buffer;
}

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
  const bool is_good = !operation.inputs.empty() && !program_.is_constant(operation.inputs[0]) &&
                       program_.type(operation.inputs[0]).type == DataType::float32;
  if (!is_good) {
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
    const std::size_t axis = axis_in(layer.attributes.integer("axis", 0), rank);
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
    const std::size_t axis = axis_in(layer.attributes.integer("axis", 0), rank);
    const std::int64_t index = program_.constant(operation.inputs[1]).values<std::int64_t>()[0];
    const std::int64_t extent = type(x).shape[axis];
    if (index < -extent || index >= extent) {
      return false;  // the operator refuses it
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
             : Strided{.buffer = plain(tensor), .steps = row_major_steps(type(tensor).shape)};
}

void Lowering::set_strided(TensorId tensor, const Strided& view) {
  if (is_dense(type(tensor).shape, view)) {
    set_plain(tensor, view.buffer);
  } else {
    strided_[tensor] = view;
    note_holder(tensor, view.buffer);
  }
}

void Lowering::set_plain(TensorId tensor, BufferId buffer) {
  plain_[tensor] = buffer;
  note_holder(tensor, buffer);
}

bool Lowering::may_overwrite(BufferId buffer) const {
  const auto& tensors = held_.at(buffer);
  return !schedule_.is_tensor(buffer) && !schedule_.shares_memory(buffer) &&
         std::all_of(tensors.begin(), tensors.end(), [&](TensorId tensor) {
           const auto last = last_read_.find(tensor);
           return last == last_read_.end() || last->second <= current_;
         });
}

}  // namespace offcut
