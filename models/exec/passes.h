#pragma once

#include "models/exec/program.h"

namespace offcut::exec {

// Passes over a program. Each keeps what the program computes, to float32's rounding, and looks at
// nothing outside the segment, so a cut through a group of layers leaves two smaller groups.

/// Puts BatchNormalization into the weights and the bias of the Conv or Gemm before it.
void fold_batch_norm(Program& program);

/// Activations that were written as several layers: SiLU, HardSwish, GELU.
void merge_activations(Program& program);

/// Layer normalisation, as an operator or written as nine layers.
void merge_layer_norms(Program& program);

/// From the product of queries and keys to the product with the values.
void merge_attention(Program& program);

/// Products with constant matrices, and the bias behind.
void merge_linear(Program& program);

/// Merges what can be computed where its argument is made: Conv + Add of another tensor of the same
/// shape (a residual), then Conv, Gemm, BatchNormalization or Add + activation. To be called last.
void fuse(Program& program);

}  // namespace offcut::exec
