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
  /// Returns the contents of a buffer that is a tensor. Steps that make their own tensors put them
  /// here.
  Tensor& tensor(BufferId id) { return tensors_[id]; }

 private:
  friend class Schedule;
  std::vector<std::byte*> fixed_;  // Null for tensors and their parts.
  std::vector<BufferId> whole_;    // The buffer that contains this one; itself if none does.
  std::vector<std::size_t> offset_;
  std::vector<Tensor> tensors_;
};

/// One kernel call. It reads and writes the buffers that it names and no others.
struct Step {
  std::string name;             // The layers' names, or the tensor's.
  std::string kernel;           // The kernel's name.
  std::vector<LayerId> layers;  // The layers that it runs for.
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
  /// Adds memory that is part of the arena.
  BufferId add_scratch(std::size_t bytes);
  /// Adds a part of another buffer, from `offset` bytes on. Both share their memory.
  BufferId add_part(BufferId whole, std::size_t offset);
  /// Adds a tensor that the caller passes to run().
  BufferId add_given();
  /// Adds a tensor that a step makes itself: see BufferTable::tensor().
  BufferId add_made();
  void add_step(Step step) { steps_.push_back(std::move(step)); }
  /// Attributes all steps that have no layers yet to these.
  void attribute_steps(const std::vector<LayerId>& layers);

  /// Makes a tensor of `type` out of scratch memory: allocated anew in each run, so that it may be
  /// handed out. Does nothing to buffers that are tensors already.
  /// REQUIRES: the buffer is no part of another.
  void make_tensor(BufferId buffer, const TensorType& type);
  bool is_tensor(BufferId buffer) const { return buffers_[buffer].storage != Storage::scratch; }

  bool is_part(BufferId buffer) const { return buffers_[buffer].whole != buffer; }
  /// Returns whether other buffers lie in the same memory.
  bool shares_memory(BufferId buffer) const {
    return is_part(buffer) || buffers_[buffer].has_parts;
  }

  /// Notes that the buffer is still needed after the last step.
  void keep(BufferId buffer) { buffers_[buffer].kept = true; }

  /// Places the scratch memory: in one arena if `shared`, else each buffer by itself.
  void finish(bool shared);

  /// Puts `tensors` into their buffers and runs all steps. If `seconds` is given, which has an
  /// element per step, adds the time of each step to it, its allocations and releases included. The
  /// clock is read once between two steps.
  void run(const std::vector<std::pair<BufferId, Tensor>>& tensors,
           std::vector<double>* seconds = nullptr, ClockFunction clock = thread_seconds);
  /// Gives away the contents of a kept tensor after run().
  Tensor take(BufferId buffer) { return table_.tensor(buffer); }
  /// Releases all tensors.
  void clear();

  const std::vector<Step>& steps() const { return steps_; }
  std::size_t arena_bytes() const { return arena_bytes_; }
  /// Returns the size of all scratch buffers: that of the arena if nothing were shared.
  std::size_t scratch_bytes() const { return scratch_bytes_; }

 private:
  enum class Storage { scratch, given, made, allocated };
  struct Buffer {
    Storage storage = Storage::scratch;
    std::size_t bytes = 0;
    TensorType type;     // Type of an allocated tensor.
    BufferId whole = 0;  // The buffer that contains this one, or itself.
    std::size_t offset = 0;
    bool has_parts = false;
    bool kept = false;
    std::size_t first = 0;  // The first step that touches it.
    std::size_t last = 0;   // The last step that touches it.
  };

  BufferId add(Buffer buffer);
  void find_lifetimes();
  void place_scratch(bool shared);

  std::vector<Buffer> buffers_;
  std::vector<Step> steps_;
  std::size_t attributed_ = 0;  // Number of steps, from the first, that have their layers.
  std::vector<std::vector<BufferId>> allocates_;  // Per step: tensors to make before it.
  std::vector<std::vector<BufferId>> releases_;   // Per step: tensors to free after it.
  BufferTable table_;
  Tensor arena_;  // Its type is uint8.
  std::size_t arena_bytes_ = 0;
  std::size_t scratch_bytes_ = 0;
};

}  // namespace offcut::exec
