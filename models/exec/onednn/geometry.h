#pragma once

#include <oneapi/dnnl/dnnl.hpp>

#include "models/exec/program.h"
#include "models/ops/window.h"

namespace offcut::exec {

/// The extents of a tensor as oneDNN gets them: those of one spatial axis (N, C, W) as N, C, 1, W.
dnnl::memory::dims onednn_dims(const Shape& shape);

/// Row by row: the layout of tensors outside.
dnnl::memory::desc plain_layout(const Shape& shape);

/// Channels in blocks of 16, of N, C, H, W.
dnnl::memory::desc blocked_layout(const Shape& shape);

/// Whether a buffer that holds a tensor in the one layout holds it in the other too, as far as the
/// elements go: where every channel has one place, for example.
bool same_memory(const dnnl::memory::desc& a, const dnnl::memory::desc& b);

/// A window over rows and columns, as oneDNN's descriptors want it.
struct Window {
  dnnl::memory::dims kernel, strides, dilations, pad_begin, pad_end;

  /// From two axes, or one, which becomes the columns. What lies behind the last window is cut off
  /// the padding at the end, and what a last window has too little is added to it.
  explicit Window(std::vector<ops::WindowAxis> axes);
};

/// The arrays that a Call looks at, for an operation.
class OperationCall {
 public:
  OperationCall(const Program& program, const Operation& operation);
  ops::Call call() const { return {layer_.attributes, layer_.opset, types_, known_}; }

 private:
  const Layer& layer_;
  std::vector<TensorType> types_;
  std::vector<const Parameter*> known_;
};

/// An element-wise function of oneDNN, with its names for the two numbers.
struct Eltwise {
  dnnl::algorithm algorithm;
  float alpha = 0, beta = 0;
};

/// The activation as functions to be applied one after the other.
std::vector<Eltwise> eltwises_of(const Activation& activation);

}  // namespace offcut::exec
