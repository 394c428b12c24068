#pragma once

#include <vector>

#include "models/graph/graph.h"

namespace offcut::cost {

/// A layer's work from the point of view of its kernel.
struct KernelWork {
  LayerWork layer;
  bool is_3x3 = false;    // Not depthwise, with a window of 3x3, stride 1 and dilation 1.
  bool is_fused = false;  // Computed by the kernel of an earlier layer, on its output.
};

/// Returns the work of each layer. Like all runtimes that nn-Meter tests (Zhang et al., MobiSys
/// 2021, table 2), it fuses an elementwise layer or a batch normalization into the convolution or
/// product before it if all its other inputs are parameters or also come from there. Both layers of
/// SiLU are thus fused, and the sum of two branches is not.
std::vector<KernelWork> kernels_of(const Graph& graph);

}  // namespace offcut::cost
