#pragma once

#include <oneapi/dnnl/dnnl.hpp>

#include "models/exec/program.h"
#include "models/ops/window.h"

namespace offcut {

/// The extents of a tensor as oneDNN gets them: those of one spatial axis (N, C, W) as N, C, 1, W.
dnnl::memory::dims onednn_dims(const Shape& shape);

/// Row by row: the layout of tensors outside.
dnnl::memory::desc plain_layout(const Shape& shape);

/// A window over rows and columns, as oneDNN's descriptors want it.
struct Window {
  dnnl::memory::dims kernel, strides, dilations, pad_begin, pad_end;

  /// From two axes, or one, which becomes the columns. What lies behind the last window is cut off
  /// the padding at the end, and what a last window has too little is added to it.
  explicit Window(std::vector<WindowAxis> axes);
};

/// The arrays that a Call looks at, for an operation.
class OperationCall {
 public:
  OperationCall(const Program& program, const Operation& operation);
  Call call() const { return {layer_.attributes, layer_.opset, types_, known_}; }

 private:
  const Layer& layer_;
  std::vector<TensorType> types_;
  std::vector<const Parameter*> known_;
};

/// The activation as the last thing that a primitive does. oneDNN's names for its two numbers.
struct Eltwise {
  dnnl::algorithm algorithm;
  float alpha, beta;

  explicit Eltwise(const Activation& activation);
};

}  // namespace offcut
