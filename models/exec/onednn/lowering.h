#pragma once

#include <functional>

#include "models/exec/concat_plan.h"
#include "models/exec/lowering.h"
#include "models/exec/onednn/convolution_kernels.h"
#include "models/exec/onednn/geometry.h"
#include "models/exec/onednn/primitive_step.h"
#include "models/exec/trials.h"

namespace offcut::exec {

struct IntegerWeights;

/// Lowers to oneDNN's kernels. A tensor stays in the layout that its producer's kernel prefers
/// (often channels in blocks of 16) and is laid out anew only if a reader wants another.
class OneDnnLowering : public Lowering {
 public:
  OneDnnLowering(const Program& program, Schedule& schedule, const PrepareOptions& options,
                 Layouts layouts, Trials& trials);

  /// Returns the attributes of a kernel that adds the operation's residual and applies its
  /// activation.
  static dnnl::primitive_attr attributes(const Operation& operation);

 protected:
  bool lower_with_library(const Operation& operation) override;
  std::pair<BufferId, BufferId> places_alike(TensorId from, TensorId to) override;
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
  struct ConvolutionChoice;
  /// Returns the time of the reorders and the activation around the kernel.
  double seconds_around(const Operation& operation, const ConvolutionKernel& kernel);
  /// Returns the index of the kernel that takes the least time, with the reorders and the
  /// activation around it.
  std::size_t fastest(const ConvolutionChoice& choice);
  Constant convolution_weights(const ConvolutionChoice& choice, const ConvolutionKernel& kernel);
  void add_convolution(const Operation& operation, const ConvolutionKernel& kernel,
                       const Constant& own_weights, const Constant& bias);
  bool lower_conv_integer(const Operation& operation);
  bool lower_matmul_integer(const Operation& operation);
  /// Returns a buffer with the zero point, an input of bytes, as int32.
  BufferId zero_point(const Operation& operation, std::size_t input);
  void add_integer_sums(const Operation& operation, const IntegerWeights& weights,
                        const dnnl::primitive_desc_base& description,
                        const dnnl::primitive& primitive, const Form& x,
                        const dnnl::memory::desc& stored);
  bool lower_quantized_convolution(const Operation& operation);
  /// Lowers a convolution of bytes to our own kernels, where they are faster.
  bool lower_byte_lanes(const Operation& operation);
  bool lower_byte_depthwise(const Operation& operation, const Convolution& convolution);
  bool lower_byte_product(const Operation& operation, const Convolution& convolution);
  /// Computes y from x, both with channels last.
  using ByteFunction = std::function<void(const std::uint8_t* x, std::byte* y, BufferTable&)>;
  void add_byte_step(const Operation& operation, const std::string& kernel,
                     std::vector<BufferId> scratch, ByteFunction compute);
  bool lower_quantized_product(const Operation& operation);
  /// Adds a product with a single row of x. `transposed`: the weights lie filter by filter.
  void lower_quantized_vector(const Operation& operation, std::int64_t depth, bool transposed);
  bool lower_quantized_sum(const Operation& operation);
  bool lower_quantized_move(const Operation& operation);
  bool lower_quantized_concat(const Operation& operation);
  bool lower_quantized_average(const Operation& operation);
  std::optional<Constant> quantized_bias(const Operation& operation,
                                         const dnnl::memory::desc& layout);
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
  bool lower_own_batch_norm(const Operation& operation, const Form& from);
  bool lower_concat(const Operation& operation);

  /// Returns the tensor as it lies: in its producer's layout, or plain.
  Form natural(TensorId tensor);
  /// Returns the tensor in the layout; adds a reorder before the next step if it lies otherwise.
  Form in_layout(TensorId tensor, const dnnl::memory::desc& layout);
  Form make(TensorId tensor, const dnnl::memory::desc& layout);
  /// Returns a place for the sum of a residual and a result: the residual's own if nothing reads it
  /// any more, not even the kernel that makes the result from `input`, else a copy of it.
  Form make_over(TensorId residual, TensorId result, const dnnl::memory::desc& layout,
                 const Form& input);
  /// Returns the place and layout in which a concatenation need not copy the tensor.
  std::optional<Form> place_of(TensorId tensor);
  bool lies_in(TensorId part, TensorId result, std::int64_t channel) const;
  /// Adds a step that copies the form to the place, in that place's layout.
  void copy(const Form& from, const Form& to, const std::string& name);
  /// Returns a new buffer with the contents of `from`, laid out anew.
  Form reordered(const Form& from, const dnnl::memory::desc& layout, const std::string& name);
  void put(TensorId tensor, const Form& form);

  static dnnl::primitive_attr attributes_with(const dnnl::post_ops& after);
  Constant weights(const Tensor& values, const dnnl::memory::desc& from,
                   const dnnl::memory::desc& to);
  void add_step(const std::string& name, const dnnl::primitive_desc_base& description,
                const dnnl::primitive& primitive, Arguments arguments);

  ThreadLimit limit_;  // A primitive runs on as many threads as there are when it is described.
  std::shared_ptr<OneDnn> onednn_;
  PrepareOptions options_;
  Layouts layouts_;
  Trials& trials_;
  std::map<TensorId, Placement> placements_;
  std::map<TensorId, BufferId> places_;  // Buffers of placed tensors.
  std::map<TensorId, Form> natural_;     // Tensors that their producer did not leave plain.
};

}  // namespace offcut::exec
