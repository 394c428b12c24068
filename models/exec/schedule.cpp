// Runs the steps of a prepared segment. Lifetimes of the scratch buffers follow from the first
// and the last step that touches them, memory_plan.h places them in one arena, and tensors
// outside the arena are made before their first step and freed after their last.

#include "models/exec/schedule.h"

#include "models/base/memory_limit.h"
#include "models/exec/memory_plan.h"

namespace offcut::exec {

BufferId Schedule::add(Buffer buffer) {
  buffer.whole = buffers_.size();
  buffers_.push_back(std::move(buffer));
  return buffers_.size() - 1;
}

BufferId Schedule::add_scratch(std::size_t bytes) {
  return add({.storage = Storage::scratch, .bytes = bytes});
}

BufferId Schedule::add_part(BufferId whole, std::size_t offset) {
  const BufferId part = add({.storage = Storage::scratch});
  buffers_[part].whole = buffers_[whole].whole;
  buffers_[part].offset = buffers_[whole].offset + offset;
  buffers_[buffers_[whole].whole].has_parts = true;
  return part;
}

BufferId Schedule::add_given() { return add({.storage = Storage::given}); }

BufferId Schedule::add_made() { return add({.storage = Storage::made}); }

void Schedule::attribute_steps(const std::vector<LayerId>& layers) {
  for (; attributed_ < steps_.size(); ++attributed_) {
    steps_[attributed_].layers = layers;
  }
}

void Schedule::make_tensor(BufferId buffer, const TensorType& type) {
  if (!is_tensor(buffer)) {
    buffers_[buffer].storage = Storage::allocated;
    buffers_[buffer].type = type;
  }
}

void Schedule::finish(bool shared) {
  find_lifetimes();
  place_scratch(shared);
  allocates_.resize(steps_.size());
  releases_.resize(steps_.size());
  for (BufferId id = 0; id < buffers_.size() && !steps_.empty(); ++id) {
    const Buffer& buffer = buffers_[id];
    if (buffer.storage == Storage::allocated) {
      allocates_[buffer.first].push_back(id);
    }
    if (is_tensor(id) && !buffer.kept) {
      releases_[buffer.last].push_back(id);
    }
  }
}

void Schedule::find_lifetimes() {
  std::vector<bool> seen(buffers_.size(), false);
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    for (const auto* touched : {&steps_[i].reads, &steps_[i].writes}) {
      for (const BufferId part : *touched) {
        const BufferId id = buffers_[part].whole;
        buffers_[id].first = seen[id] ? buffers_[id].first : i;
        buffers_[id].last = i;
        seen[id] = true;
      }
    }
  }
}

void Schedule::place_scratch(bool shared) {
  std::vector<BufferId> ids;
  std::vector<Lifetime> pieces;
  for (BufferId id = 0; id < buffers_.size(); ++id) {
    if (!is_tensor(id) && !is_part(id)) {
      ids.push_back(id);
      pieces.push_back({buffers_[id].bytes, buffers_[id].first, buffers_[id].last});
    }
  }
  scratch_bytes_ = lay_out(pieces).bytes;
  const MemoryPlan plan = shared ? plan_memory(pieces) : lay_out(pieces);
  arena_bytes_ = plan.bytes;
  // Some kernels compute on the padding of their input too, which must hold numbers, so the arena
  // starts with zeros.
  try {
    arena_ = Tensor({DataType::uint8, {static_cast<std::int64_t>(arena_bytes_)}});
  } catch (const MemoryError& error) {
    throw error.within("all intermediate results");
  }
  table_.fixed_.assign(buffers_.size(), nullptr);
  table_.tensors_.resize(buffers_.size());
  for (std::size_t i = 0; i < ids.size(); ++i) {
    table_.fixed_[ids[i]] = arena_.bytes().data() + plan.offsets[i];
  }
  for (BufferId id = 0; id < buffers_.size(); ++id) {
    const Buffer& buffer = buffers_[id];
    table_.whole_.push_back(buffer.whole);
    table_.offset_.push_back(buffer.offset);
    if (is_part(id) && table_.fixed_[buffer.whole] != nullptr) {
      table_.fixed_[id] = table_.fixed_[buffer.whole] + buffer.offset;
    }
  }
}

void Schedule::run(const std::vector<std::pair<BufferId, Tensor>>& tensors,
                   std::vector<double>* seconds, ClockFunction clock) {
  for (const auto& [buffer, tensor] : tensors) {
    table_.tensor(buffer) = tensor;
  }
  double start = seconds != nullptr ? clock() : 0;
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    for (const BufferId id : allocates_[i]) {
      table_.tensor(id) = Tensor(buffers_[id].type);
    }
    steps_[i].run(table_);
    for (const BufferId id : releases_[i]) {
      table_.tensor(id) = {};
    }
    if (seconds != nullptr) {
      const double now = clock();
      (*seconds)[i] += now - start;
      start = now;
    }
  }
}

void Schedule::clear() {
  for (Tensor& tensor : table_.tensors_) {
    tensor = {};
  }
}

}  // namespace offcut::exec
