#pragma once

#include "models/exec/program.h"

namespace offcut::exec {

// Passes over a program. Each keeps the program's results, up to the rounding of float32, and looks
// at nothing outside the segment, so a cut through a group of layers leaves two smaller groups.

/// Folds BatchNormalization into the weights and the bias of the Conv or Gemm before it.
void fold_batch_norm(Program& program);

/// Merges activations that are written as several layers: SiLU, HardSwish, GELU.
void merge_activations(Program& program);

/// Merges layer normalisation, which may be one operator or nine layers.
void merge_layer_norms(Program& program);

/// Merges attention, from the product of queries and keys to the product with the values.
void merge_attention(Program& program);

/// Merges products with constant matrices and the bias after them.
void merge_linear(Program& program);

/// Merges DequantizeLinear, a convolution, product or sum, its activation and QuantizeLinear, where
/// the weights are products of int8 and a scale: the group works on integers. To be called after
/// merge_linear().
void merge_quantized(Program& program);

/// Merges DequantizeLinear, a layer whose results are elements of its inputs (MaxPool, Concat, a
/// change of shape) or GlobalAveragePool, and QuantizeLinear. To be called after merge_quantized().
void merge_quantized_moves(Program& program);

/// Fuses element-wise layers with the layer that makes their argument: Conv + Add of another tensor
/// of the same shape (a residual), then Conv, Gemm, BatchNormalization or Add + activation. To be
/// called last.
void fuse(Program& program);

}  // namespace offcut::exec
