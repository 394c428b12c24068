#pragma once

#include "models/exec/program.h"

namespace offcut {

// Passes over a program. Each keeps what the program computes, to float32's rounding, and looks at
// nothing outside the segment, so a cut through a group of layers leaves two smaller groups.

/// Puts BatchNormalization into the weights and the bias of the Conv or Gemm before it.
void fold_batch_norm(Program& program);

/// Merges what can be computed where its argument is made: Conv + Add of another tensor of the same
/// shape (a residual), then Conv, Gemm or Add + activation.
void fuse(Program& program);

}  // namespace offcut
