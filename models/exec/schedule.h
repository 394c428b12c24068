#pragma once

#include <functional>
#include <string>
#include <vector>

#include "models/base/cpu_time.h"
#include "models/graph/graph.h"

namespace offcut::exec {

using BufferId = std::size_t;

/// The buffers while a schedule runs.
class BufferTable {
 public:
  std::byte* data(BufferId id) {
    return fixed_[id] != nullptr ? fixed_[id] : tensors_[whole_[id]].bytes().data() + offset_[id];
  }
  float* floats(BufferId id) { return reinterpret_cast<float*>(data(id)); }
  /// What a buffer that is a tensor holds. Steps that make tensors of their own put them here.
  Tensor& tensor(BufferId id) { return tensors_[id]; }

 private:
  friend class Schedule;
  std::vector<std::byte*> fixed_;  // null for tensors and their parts
  std::vector<BufferId> whole_;    // what a buffer is a part of; itself for others
  std::vector<std::size_t> offset_;
  std::vector<Tensor> tensors_;
};

/// One kernel call. It reads and writes the buffers that it names and no others.
struct Step {
  std::string name;             // what it computes
  std::string kernel;           // how
  std::vector<LayerId> layers;  // for which layers
  std::vector<BufferId> reads;
  std::vector<BufferId> writes;
  std::function<void(BufferTable&)> run;
};

/// A straight list of steps, and the buffers that they work on. A buffer is scratch memory in one
/// arena, or a tensor that lives by itself: because it comes from outside, because it leaves, or
/// because a reference operator reads or makes it.
///
/// First buffers and steps are added, then finish() places the arena, then run() may be called.
class Schedule {
 public:
  /// Memory that is part of the arena.
  BufferId add_scratch(std::size_t bytes);
  /// A part of another buffer, from `offset` bytes on. What is written to the one is in the other.
  BufferId add_part(BufferId whole, std::size_t offset);
  /// A tensor that the caller puts in before run().
  BufferId add_given();
  /// A tensor that a step makes itself: see BufferTable::tensor().
  BufferId add_made();
  void add_step(Step step) { steps_.push_back(std::move(step)); }
  /// Notes that all steps which were added for no layers yet are for these.
  void attribute_steps(const std::vector<LayerId>& layers);

  /// Makes a tensor of `type` out of scratch memory: allocated anew in each run, so that it may be
  /// handed out. Nothing happens to buffers that are tensors already.
  /// REQUIRES: the buffer is no part of another.
  void make_tensor(BufferId buffer, const TensorType& type);
  bool is_tensor(BufferId buffer) const { return buffers_[buffer].storage != Storage::scratch; }

  bool is_part(BufferId buffer) const { return buffers_[buffer].whole != buffer; }
  /// Whether other buffers lie in the same memory.
  bool shares_memory(BufferId buffer) const {
    return is_part(buffer) || buffers_[buffer].has_parts;
  }

  /// The buffer is still needed after the last step.
  void keep(BufferId buffer) { buffers_[buffer].kept = true; }

  /// Places the scratch memory, in one arena where `shared`, else each buffer by itself.
  void finish(bool shared);

  /// Runs all steps. `tensors` are put into their buffers before. Adds the time of each step, its
  /// memory's allocation and release included, to `seconds`, where given, which has an element for
  /// each. The clock is read once between two steps.
  void run(const std::vector<std::pair<BufferId, Tensor>>& tensors,
           std::vector<double>* seconds = nullptr, ClockFunction clock = thread_seconds);
  /// What a kept tensor holds after run(); it is given away.
  Tensor take(BufferId buffer) { return table_.tensor(buffer); }
  /// Lets go of all tensors.
  void clear();

  const std::vector<Step>& steps() const { return steps_; }
  std::size_t arena_bytes() const { return arena_bytes_; }
  /// The sum of all scratch buffers: what the arena would take if nothing were shared.
  std::size_t scratch_bytes() const { return scratch_bytes_; }

 private:
  enum class Storage { scratch, given, made, allocated };
  struct Buffer {
    Storage storage = Storage::scratch;
    std::size_t bytes = 0;
    TensorType type;     // of an allocated one
    BufferId whole = 0;  // itself, or what it is a part of
    std::size_t offset = 0;
    bool has_parts = false;
    bool kept = false;
    std::size_t first = 0;  // the step that writes it first
    std::size_t last = 0;   // the last that touches it
  };

  BufferId add(Buffer buffer);
  void find_lifetimes();
  void place_scratch(bool shared);

  std::vector<Buffer> buffers_;
  std::vector<Step> steps_;
  std::size_t attributed_ = 0;                    // so many of the first steps have their layers
  std::vector<std::vector<BufferId>> allocates_;  // per step: tensors to make before it
  std::vector<std::vector<BufferId>> releases_;   // per step: tensors to free behind it
  BufferTable table_;
  Tensor arena_;  // of bytes
  std::size_t arena_bytes_ = 0;
  std::size_t scratch_bytes_ = 0;
};

}  // namespace offcut::exec
