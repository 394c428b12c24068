#pragma once

#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "models/exec/prepared.h"
#include "models/exec/program.h"
#include "models/exec/schedule.h"
#include "models/exec/strided.h"

namespace offcut::exec {

/// Turns a program into steps. This class alone uses the reference operators, our own kernels for
/// groups of layers, and, where `fast`, our own product of a matrix and a vector. A derived class
/// adds the kernels of a library.
class Lowering {
 public:
  Lowering(const Program& program, Schedule& schedule, bool fast);
  virtual ~Lowering() = default;
  Lowering(const Lowering&) = delete;
  Lowering& operator=(const Lowering&) = delete;

  /// Adds all steps. To be called once.
  void lower();

  const std::vector<std::pair<TensorId, BufferId>>& enters() const { return enters_; }
  const std::vector<std::pair<TensorId, BufferId>>& leaves() const { return leaves_; }
  std::size_t weight_bytes() const { return weight_bytes_; }

 protected:
  /// Adds steps for the operation with a library's kernels. Returns false, and adds nothing, where
  /// the library has none. All of the operation's tensors have elements, and they are float32
  /// unless the operator works on integers.
  virtual bool lower_with_library(const Operation&) { return false; }

  /// Returns the buffer of `from` and a new one for `to`, a tensor of the same shape. Their elements
  /// lie alike and without gaps.
  virtual std::pair<BufferId, BufferId> places_alike(TensorId from, TensorId to);

  /// Makes `to` the tensor `from` under its own shape.
  virtual void lower_view(TensorId from, TensorId to);

  /// Returns the buffer that holds the tensor row by row, as outside the segment.
  virtual BufferId plain(TensorId tensor);

  /// Returns the place of the tensor's elements: a strided view if there is one, else plain memory.
  Strided strided(TensorId tensor);
  bool is_strided(TensorId tensor) const { return strided_.contains(tensor) && !has_plain(tensor); }
  void set_strided(TensorId tensor, const Strided& view);

  void set_plain(TensorId tensor, BufferId buffer);
  bool has_plain(TensorId tensor) const { return plain_.contains(tensor); }
  /// Notes that the buffer holds the tensor in some other layout.
  void note_holder(TensorId tensor, BufferId buffer) { held_[buffer].push_back(tensor); }

  /// Returns whether the operation that is being lowered may write over the buffer: it is scratch
  /// memory, and no later operation reads its contents.
  bool may_overwrite(BufferId buffer) const;

  /// Adds a step for a quantised sum of `count` bytes, which lie alike in all three buffers.
  void add_quantized_sum(const Operation& operation, BufferId a, BufferId b, BufferId y,
                         std::size_t count);

  void count_weights(std::size_t bytes) { weight_bytes_ += bytes; }

  const Program& program() const { return program_; }
  Schedule& schedule() { return schedule_; }
  const TensorType& type(TensorId tensor) const { return program_.graph().tensor(tensor).type; }

 private:
  void lower(const Operation& operation);
  bool can_be_fast(const Operation& operation) const;
  bool lower_vector_product(const Operation& operation);
  bool lower_moved(const Operation& operation);  // Only strides change.
  bool lower_softmax_groups(const Operation& operation);
  bool lower_recurrent(const Operation& operation);
  bool lower_quantize(const Operation& operation);
  bool lower_dequantize(const Operation& operation);
  void lower_quantized(const Operation& operation);
  void lower_group(const Operation& operation);
  /// Computes y from the plain x with as many elements; the activation is applied afterwards.
  using UnaryFunction = std::function<void(const float* x, std::span<float> y)>;
  void add_unary(const Operation& operation, const std::string& kernel, UnaryFunction compute);
  void lower_elementwise(const Operation& operation);
  void lower_linear(const Operation& operation);
  void lower_layer_norm(const Operation& operation);
  void lower_attention(const Operation& operation);
  Strided attention_output(TensorId output);
  void lower_reference(const Operation& operation);
  BufferId as_tensor(TensorId tensor);
  void find_last_reads();

  static constexpr std::size_t kLeaves = std::numeric_limits<std::size_t>::max();

  const Program& program_;
  Schedule& schedule_;
  bool fast_;
  std::map<TensorId, BufferId> plain_;
  std::map<TensorId, Strided> strided_;
  std::map<BufferId, std::vector<TensorId>> held_;
  std::map<TensorId, std::size_t> last_read_;  // Index of the operation, or kLeaves.
  std::size_t current_ = 0;                    // The operation that is being lowered.
  std::vector<std::pair<TensorId, BufferId>> enters_;
  std::vector<std::pair<TensorId, BufferId>> leaves_;
  std::size_t weight_bytes_ = 0;
};

/// How tensors lie between convolutions. Only running a network tells which is faster for it as a
/// whole: the best choice for each convolution by itself may cost more for laying out tensors anew
/// in between.
enum class Layouts {
  best_for_each,  // The fastest for each convolution, its input's layout included.
  blocks,         // Blocks of channels, wherever there is a kernel for them.
};
std::vector<Layouts> layouts_to_try(const Program& program, const PrepareOptions& options);

/// Makes the lowering that this build of offcut has: with oneDNN, or without. It looks up `trials`
/// before it tries a kernel, and adds what it measures. REQUIRES: `trials` outlives the lowering.
std::unique_ptr<Lowering> make_lowering(const Program& program, Schedule& schedule,
                                        const PrepareOptions& options, Layouts layouts,
                                        Trials& trials);

}  // namespace offcut::exec
