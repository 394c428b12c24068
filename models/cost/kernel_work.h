#pragma once

#include <vector>

#include "models/graph/graph.h"

namespace offcut::cost {

/// A layer's work as the kernel that does it sees it.
struct KernelWork {
  LayerWork layer;
  bool is_3x3 = false;    // not depthwise; a window of 3x3, stride 1, dilation 1
  bool is_fused = false;  // done by the kernel of the layer that it follows, on the way out
};

/// Of each layer. What runtimes fuse (nn-Meter finds it on all it tests: Zhang et al., MobiSys
/// 2021, table 2): an elementwise layer or a batch normalization behind a convolution or a product,
/// where all that it reads comes from that or is a parameter. So of SiLU's two layers both are
/// fused, and the sum of two branches is not.
std::vector<KernelWork> kernels_of(const Graph& graph);

}  // namespace offcut::cost
