#pragma once

#include <map>
#include <memory>
#include <oneapi/dnnl/dnnl.hpp>
#include <unordered_map>
#include <vector>

#include "models/exec/onednn/geometry.h"
#include "models/exec/onednn/primitive_step.h"
#include "models/train/kernel.h"

namespace offcut::train {

/// Buffers that are used again: the steps of a run need the same sizes. Aligned like tensors.
class BufferPool : public std::enable_shared_from_this<BufferPool> {
 public:
  ~BufferPool();

  /// Returns a buffer of at least that many bytes, with any content, which comes back to the pool
  /// with its last handle.
  std::shared_ptr<float> take(std::size_t bytes);

 private:
  std::map<std::size_t, std::vector<float*>> free_;
};

/// The parts of oneDNN that all kernels of a step share.
struct Library {
  exec::OneDnn onednn;
  std::shared_ptr<BufferPool> pool = std::make_shared<BufferPool>();

  void execute(const dnnl::primitive& primitive,
               const std::unordered_map<int, dnnl::memory>& arguments);
};

/// A memory of oneDNN with the buffer that it refers to.
struct Held {
  dnnl::memory memory;
  std::shared_ptr<const void> owner;
};

/// A tensor in one of oneDNN's layouts.
class OneDnnValue : public LaidOut {
 public:
  OneDnnValue(std::shared_ptr<Library> library, Shape shape, const dnnl::memory::desc& layout);

  Tensor row_major() const override;
  std::size_t bytes() const override { return layout().get_size(); }
  std::shared_ptr<const LaidOut> plus(const LaidOut& other) const override;

  const Shape& shape() const { return shape_; }
  dnnl::memory::desc layout() const { return held_.memory.get_desc(); }
  const Held& held() const { return held_; }

 private:
  std::shared_ptr<Library> library_;
  Shape shape_;
  Held held_;
};

/// Returns a new, empty memory.
Held new_memory(Library& library, const dnnl::memory::desc& layout);

/// Returns the value in the layout that it has; row-major if it is a plain tensor. `shape` is the
/// value's shape in the graph.
Held memory_of(Library& library, const Value& value, const Shape& shape);

/// Returns the value in a given layout, laid out anew if it has another one.
Held memory_in(Library& library, const Value& value, const Shape& shape,
               const dnnl::memory::desc& layout);

/// Lays `from` out anew.
Held reordered(Library& library, const Held& from, const dnnl::memory::desc& layout);

/// Copies a memory to a row-major tensor.
Tensor tensor_of(Library& library, const Held& from, const dnnl::memory::desc& row_major,
                 const Shape& shape);

/// The layer of a kernel, with what all of them ask for.
class OneDnnSite {
 public:
  OneDnnSite(KernelSite site, std::shared_ptr<Library> library);

  const Shape& in(std::size_t input) const { return types_[input].shape; }
  const Shape& out() const { return graph_.tensor(layer_.outputs[0]).type.shape; }
  bool has(std::size_t input) const {
    return input < types_.size() && types_[input].type != DataType::absent;
  }
  bool wants(std::size_t input) const { return input < wanted_.size() && wanted_[input]; }
  bool is_parameter(std::size_t input) const {
    return has(input) && graph_.tensor(layer_.inputs[input]).is_parameter();
  }
  const Layer& layer() const { return layer_; }
  ops::Call call() const {
    return {layer_.attributes, layer_.opset, types_, known_, layer_.outputs.size()};
  }
  Library& library() const { return *library_; }
  Held value(const Value& value, std::size_t input) const {
    return memory_of(*library_, value, in(input));
  }

  /// Makes an empty value of the output's or an input's shape.
  std::shared_ptr<OneDnnValue> make(const Shape& shape, const dnnl::memory::desc& layout) const {
    return std::make_shared<OneDnnValue>(library_, shape, layout);
  }

 private:
  const Graph& graph_;
  const Layer& layer_;
  std::shared_ptr<Library> library_;
  std::vector<bool> wanted_;
  std::vector<TensorType> types_;
  std::vector<const Parameter*> known_;
};

// Each returns null for a layer that it has no kernel for.
std::unique_ptr<Kernel> convolution_kernel(const OneDnnSite& site);
std::unique_ptr<Kernel> dense_kernel(const OneDnnSite& site);
std::unique_ptr<Kernel> eltwise_kernel(const OneDnnSite& site);
std::unique_ptr<Kernel> pooling_kernel(const OneDnnSite& site);
std::unique_ptr<Kernel> batch_norm_kernel(const OneDnnSite& site);
std::unique_ptr<Kernel> sum_kernel(const OneDnnSite& site);

}  // namespace offcut::train
