#pragma once

#include <vector>

#include "models/cost/device.h"
#include "models/graph/graph.h"

namespace offcut::cost {

/// A layer's work from the point of view of its kernel.
struct KernelWork {
  LayerWork layer;
  bool is_3x3 = false;    // Not depthwise, with a window of 3x3, stride 1 and dilation 1.
  bool is_fused = false;  // Computed by the kernel of another layer, on its output.
  bool is_1x1 = false;    // The same with a window of one place.
  bool is_batch_norm = false;
  bool is_grouped = false;     // A convolution with several groups of several channels.
  bool is_local_norm = false;  // A local response normalization.
  bool is_reduction = false;   // Pooling over whole channels or axes, without a window.
  double depth = 0;    // Of a convolution or product: terms of the sum that is an output element.
  double columns = 0;  // The same: output channels, or columns of the product.
  double places = 0;   // Of a convolution: output places of one image.
  double rows = 0;     // Of a product: rows of all matrices.
  /// What the kernel that adds a convolution's bias reads and writes; 0 without such a kernel.
  double bias_bytes = 0;
};

/// Returns the work of each layer. Like all runtimes that nn-Meter tests (Zhang et al., MobiSys
/// 2021, table 2), it fuses an elementwise layer or a batch normalization into the convolution or
/// product before it if all its other inputs are parameters or also come from there. Both layers of
/// SiLU are thus fused, and the sum of two branches is not. A runtime that fuses biases alone has a
/// kernel for each layer; one that fuses nothing, such as PyTorch with cuDNN, has another kernel for
/// the bias of each convolution, which reads and writes its output. Of a table that Gather reads, only the rows that it returns
/// count.
///
/// If the runtime merges composites (models/cost/composites.h), the last layer of each group stands
/// for the whole kernel, with the arithmetic of all and the traffic of what enters and leaves, and
/// the others are fused. Transpositions before and after attention are part of its kernel.
std::vector<KernelWork> kernels_of(const Graph& graph, const Runtime& runtime = {});

/// Returns the multiply-accumulates of a graph.
double total_macs(const Graph& graph);

}  // namespace offcut::cost
