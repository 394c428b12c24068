#pragma once

#include <array>

#include "models/exec/program.h"
#include "models/exec/schedule.h"
#include "models/exec/strided.h"

namespace offcut::exec {

/// Attention on tensors that may be strided, one matrix after the other, so that scores need no
/// more memory than one has. The rows of q, k, v or their columns lie without gaps; so do the rows
/// of y.
struct AttentionStep {
  Attention how;
  std::optional<Activation> activation;
  Shape q_shape, k_shape, v_shape;
  Strided q, k, v, y;
  std::optional<BufferId> mask_buffer;
  Tensor mask_constant;
  std::vector<std::int64_t> mask_steps;
  BufferId scores = 0;

  void operator()(BufferTable& buffers) const;

 private:
  using Offsets = std::array<std::int64_t, 5>;  // of q, k, v, y and the mask
  void one(BufferTable& buffers, const Offsets& at, const std::byte* mask) const;
};

}  // namespace offcut::exec
