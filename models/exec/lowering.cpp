// Lowers a program operation by operation, each to the fastest kernel that can compute it: a
// view, a change of strides, our own or a library's kernels, and otherwise the reference
// operator. Tensors that a reference operator touches become tensors outside the arena.

#include "models/exec/lowering.h"

#include <algorithm>

#include "models/exec/reference_step.h"

namespace offcut::exec {
namespace {

bool is_view(const Program& program, const Operation& operation) {
  return program.layer(operation).work.kind == LayerKind::view && operation.outputs.size() == 1 &&
         !program.is_constant(operation.inputs.front());
}

bool is_integer_sum(const Program& program, const Operation& operation) {
  return std::holds_alternative<Quantized>(operation.group) ||
         program.has_op(operation, "ConvInteger") || program.has_op(operation, "MatMulInteger");
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
      schedule_.attribute_steps(program_[current_].layers);  // Includes laying out its inputs.
    }
  }
  for (const TensorId id : program_.segment().leaves) {
    leaves_.emplace_back(id, as_tensor(id));
    schedule_.keep(leaves_.back().second);
    if (const auto made = program_.producer({.id = id})) {
      schedule_.attribute_steps(program_[*made].layers);  // No layer inside reads this copy.
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
    // The new strides are all that changes.
  } else if (fast_ && (lower_quantize(operation) || lower_dequantize(operation) ||
                       lower_recurrent(operation))) {
    // Our own kernels.
  } else if (!fast_ || !can_be_fast(operation) ||
             (!lower_vector_product(operation) && !lower_with_library(operation) &&
              !lower_softmax_groups(operation))) {
    lower_reference(operation);
  }
}

bool Lowering::can_be_fast(const Operation& operation) const {
  const bool any_type = is_integer_sum(program_, operation);
  const auto good = [&](const TensorType& type) {
    return (any_type || type.type == DataType::float32) && elements(type.shape) > 0;
  };
  return !operation.inputs.empty() && good(program_.type(operation.inputs.front())) &&
         operation.outputs.size() == 1 && good(type(operation.outputs.front()));
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

}  // namespace offcut::exec
