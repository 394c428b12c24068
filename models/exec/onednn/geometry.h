#pragma once

#include <oneapi/dnnl/dnnl.hpp>

#include "models/exec/program.h"
#include "models/ops/window.h"

namespace offcut::exec {

/// Returns the extents of a tensor for oneDNN; a single spatial axis (N, C, W) becomes N, C, 1, W.
dnnl::memory::dims onednn_dims(const Shape& shape);

/// Returns oneDNN's name of float32, uint8, int8 or int32.
dnnl::memory::data_type onednn_type(DataType type);

/// Returns the row-major layout of the extents.
dnnl::memory::desc row_major_layout(const dnnl::memory::dims& dims, dnnl::memory::data_type type);

/// Returns the row-major layout of float32, which tensors have outside of a segment.
dnnl::memory::desc plain_layout(const Shape& shape);

/// Returns the same layout for elements of float32, uint8, int8 or int32.
dnnl::memory::desc plain_layout(const TensorType& type);

/// Returns the layout of bytes between integer kernels: N, H, W, C or N, D, H, W, C.
dnnl::memory::desc channels_last_layout(const TensorType& type);

/// Returns the layout N, C, H, W or N, C, D, H, W with channels in blocks of 16, or of 8, which is
/// the one that oneDNN's kernels for AVX2 prefer.
dnnl::memory::desc blocked_layout(const Shape& shape, std::int64_t lanes = 16);

/// Returns whether both layouts put the elements at the same addresses, for example because every
/// channel has one place.
bool same_memory(const dnnl::memory::desc& a, const dnnl::memory::desc& b);

/// A window over rows and columns, in the form of oneDNN's descriptors.
struct Window {
  dnnl::memory::dims kernel, strides, dilations, pad_begin, pad_end;

  /// Takes two axes, or one, which becomes the columns. Padding at the end that no window reaches
  /// is cut off, and padding that the last window lacks is added.
  explicit Window(std::vector<ops::WindowAxis> axes);
};

/// Owns the arrays that an ops::Call of an operation points to.
class OperationCall {
 public:
  OperationCall(const Program& program, const Operation& operation);
  ops::Call call() const { return {layer_.attributes, layer_.opset, types_, known_}; }

 private:
  const Layer& layer_;
  std::vector<TensorType> types_;
  std::vector<const Parameter*> known_;
};

/// An element-wise function of oneDNN, with oneDNN's names for its two parameters.
struct Eltwise {
  dnnl::algorithm algorithm;
  float alpha = 0, beta = 0;
};

/// Returns the activation as functions to be applied one after the other.
std::vector<Eltwise> eltwises_of(const Activation& activation);

}  // namespace offcut::exec
