#pragma once

#include <array>

#include "models/exec/program.h"
#include "models/exec/schedule.h"
#include "models/exec/strided.h"

namespace offcut::exec {

/// Computes attention on tensors that may be strided, one matrix after the other, so that the
/// scores take the memory of a single matrix. Either the rows or the columns of q, k and v are
/// contiguous, and so are the rows of y.
struct AttentionStep {
  Attention attention;
  std::optional<Activation> activation;
  Shape q_shape, k_shape, v_shape;
  Strided q, k, v, y;
  std::optional<BufferId> mask_buffer;
  Tensor mask_constant;
  std::vector<std::int64_t> mask_steps;
  BufferId scores = 0;

  void operator()(BufferTable& buffers) const;

 private:
  using Offsets = std::array<std::int64_t, 5>;  // Offsets of q, k, v, y and the mask.
  void attend(BufferTable& buffers, const Offsets& offsets, const std::byte* mask) const;
};

}  // namespace offcut::exec
