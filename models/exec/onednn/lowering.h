#pragma once

#include <functional>

#include "models/exec/concat_plan.h"
#include "models/exec/lowering.h"
#include "models/exec/onednn/geometry.h"
#include "models/exec/onednn/primitive_step.h"

namespace offcut::exec {

/// Lowers to oneDNN's kernels. A tensor stays in the layout that the kernel which makes it likes
/// (often channels in blocks of 16) and is laid out anew only where its reader wants another.
class OneDnnLowering : public Lowering {
 public:
  OneDnnLowering(const Program& program, Schedule& schedule, const PrepareOptions& options,
                 Layouts layouts);

 protected:
  bool lower_with_library(const Operation& operation) override;
  void lower_view(TensorId from, TensorId to) override;
  BufferId plain(TensorId tensor) override;

 private:
  /// A tensor in some layout.
  struct Form {
    dnnl::memory::desc layout;
    BufferId buffer;
  };

  /// A primitive's input and output buffers by oneDNN's argument numbers.
  struct Arguments {
    std::vector<std::pair<int, Form>> reads;
    std::vector<std::pair<int, Form>> writes;
    std::vector<std::pair<int, Constant>> constants;
  };

  bool lower_convolution(const Operation& operation);
  struct ConvolutionKernel;
  /// The index of the kernel that, with what it needs around it, takes the least time.
  std::size_t fastest(const Operation& operation, const std::vector<ConvolutionKernel>& choices,
                      const Constant& bias);
  bool lower_gemm(const Operation& operation);
  bool lower_linear(const Operation& operation);
  struct MatrixProduct;
  void add_product(const Operation& operation, const MatrixProduct& product);
  bool lower_pooling(const Operation& operation);
  bool lower_global_average(const Operation& operation);
  bool lower_lrn(const Operation& operation);
  bool lower_softmax(const Operation& operation);
  bool lower_activation(const Operation& operation);
  void add_activation(const std::string& name, const Activation& activation, const Form& from,
                      const Form& to);
  bool lower_binary(const Operation& operation);
  bool lower_batch_norm(const Operation& operation);
  bool lower_concat(const Operation& operation);

  /// The tensor as it lies: in its maker's layout, or plain.
  Form natural(TensorId tensor);
  /// The tensor in the layout, with a reorder before the next step where it lies otherwise.
  Form in_layout(TensorId tensor, const dnnl::memory::desc& layout);
  Form make(TensorId tensor, const dnnl::memory::desc& layout);
  /// Where the sum of a residual and a result is made: over the residual where nobody reads it any
  /// more, the kernel that makes the result from `input` included, else over a copy.
  Form make_over(TensorId residual, TensorId result, const dnnl::memory::desc& layout,
                 const Form& input);
  /// Where the tensor should lie, and how, so that a concatenation need not copy it.
  std::optional<Form> place_of(TensorId tensor);
  bool lies_in(TensorId part, TensorId result, std::int64_t channel) const;
  /// A step that copies the form to the place, laid out as there.
  void copy(const Form& from, const Form& to, const std::string& name);
  /// A new buffer with what `from` holds, laid out anew.
  Form reordered(const Form& from, const dnnl::memory::desc& layout, const std::string& name);
  void put(TensorId tensor, const Form& form);

  dnnl::primitive_attr attributes(const Operation& operation) const;
  static dnnl::primitive_attr attributes_with(const dnnl::post_ops& after);
  Constant weights(const Tensor& values, const dnnl::memory::desc& from,
                   const dnnl::memory::desc& to);
  void add_step(const std::string& name, const dnnl::primitive_desc_base& description,
                const dnnl::primitive& primitive, Arguments arguments);

  std::shared_ptr<OneDnn> onednn_;
  PrepareOptions options_;
  Layouts layouts_;
  std::map<TensorId, Placement> placements_;
  std::map<TensorId, BufferId> places_;  // of placed tensors
  std::map<TensorId, Form> natural_;     // of tensors that their maker did not leave plain
};

}  // namespace offcut::exec
