#pragma once

#include "tests/models/exec/drafts/draft.h"

namespace offcut::exec {

// Graphs of the groups of layers that the passes and the lowering look for, one group each, in each
// of the forms in which exporters write it.

std::vector<Draft> activation_drafts();
std::vector<Draft> layer_norm_drafts();
std::vector<Draft> attention_drafts();
std::vector<Draft> product_drafts();      // MatMul, Gemm and what follows.
std::vector<Draft> convolution_drafts();  // Conv, BatchNormalization and what follows.
std::vector<Draft> quantised_drafts();    // Layers between integers.
std::vector<Draft> layout_drafts();       // Layers that read tensors in blocks, or moved ones.

}  // namespace offcut::exec
