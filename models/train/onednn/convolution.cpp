// Convolutions, forward and back, in the layouts that oneDNN chooses. The weights are row-major
// between the steps and laid out anew in each. Where an image has few windows or few channels, the
// gradient of the weights is a product of our own.

#include "models/ops/convolution.h"

#include <optional>

#include "models/train/onednn/memory.h"
#include "models/train/onednn/thin_product.h"
#include "models/train/onednn/window_product.h"

namespace offcut::train {
namespace {

using dnnl::memory;
using dnnl::prop_kind;

constexpr auto kFloats = memory::data_type::f32;

memory::desc any_layout(const memory::dims& dims) {
  return {dims, kFloats, memory::format_tag::any};
}

class ConvolutionKernel : public Kernel {
 public:
  explicit ConvolutionKernel(const OneDnnSite& site)
      : site_(site),
        x_(exec::onednn_dims(site.in(0))),
        w_(exec::onednn_dims(site.in(1))),
        y_(exec::onednn_dims(site.out())),
        window_(ops::window_axes(site.call(), std::span(site.in(0)).subspan(2),
                                 std::span(site.in(1)).subspan(2))) {
    const std::int64_t groups = site.layer().attributes.integer("group", 1);
    filters_ = w_.front();
    if (groups > 1) {
      w_.front() /= groups;
      w_.insert(w_.begin(), groups);
    }
    bias_ = {{filters_}, kFloats, memory::format_tag::x};
    plain_w_ = exec::row_major_layout(w_, kFloats);
    const auto& engine = site_.library().onednn.engine;
    forward_ = {forward_description(), engine};
    run_forward_ = dnnl::convolution_forward(forward_);
    if (site_.wants(0)) {
      data_.emplace(data_description(), engine, forward_);
      run_data_ = dnnl::convolution_backward_data(*data_);
    }
    const ops::Convolution sizes = ops::convolution_of(site.call(), site.in(0), site.in(1));
    if (!site_.wants(1) && !site_.wants(2)) {
      return;
    }
    if (WindowProduct::suits(sizes)) {
      product_.emplace(sizes);
    } else if (ThinProduct::suits(sizes) && in_blocks(forward_.dst_desc())) {
      thin_.emplace(sizes);
    } else {
      weights_.emplace(weights_description(), engine, forward_);
      run_weights_ = dnnl::convolution_backward_weights(*weights_);
    }
  }

  bool reads_input(std::size_t input) const override {
    return input == 0 && (weights_ || product_ || thin_);
  }
  bool reads_outputs() const override { return false; }

  Passed forward(std::span<const Value> inputs, std::uint64_t) override {
    Library& library = site_.library();
    const Held x = memory_in(library, inputs[0], site_.in(0), forward_.src_desc());
    const Held w = weights_in(inputs[1], forward_.weights_desc());
    auto y = site_.make(site_.out(), forward_.dst_desc());
    std::unordered_map<int, memory> arguments = {
        {DNNL_ARG_SRC, x.memory}, {DNNL_ARG_WEIGHTS, w.memory}, {DNNL_ARG_DST, y->held().memory}};
    Held bias;
    if (site_.has(2)) {
      bias = memory_of(library, inputs[2], site_.in(2));
      arguments[DNNL_ARG_BIAS] = bias.memory;
    }
    library.execute(run_forward_, arguments);
    // The way back reads the input in this layout.
    return {{Value(std::move(y))}, {}, {}};
  }

  std::vector<Value> backward(const Returned& passed) override {
    Library& library = site_.library();
    std::vector<Value> all(passed.inputs.size());
    if (data_) {
      const Held dy = memory_in(library, passed.slopes[0], site_.out(), data_->diff_dst_desc());
      const Held w = weights_in(passed.inputs[1], data_->weights_desc());
      auto dx = site_.make(site_.in(0), data_->diff_src_desc());
      library.execute(run_data_, {{DNNL_ARG_DIFF_DST, dy.memory},
                                  {DNNL_ARG_WEIGHTS, w.memory},
                                  {DNNL_ARG_DIFF_SRC, dx->held().memory}});
      all[0] = Value(std::move(dx));
    }
    if (weights_) {
      go_back_to_weights(passed, all);
    } else if (product_) {
      multiply_windows(passed, all);
    } else if (thin_) {
      multiply_thin(passed, all);
    }
    return all;
  }

 private:
  dnnl::convolution_forward::desc forward_description() const {
    if (site_.has(2)) {
      return {prop_kind::forward_training,
              dnnl::algorithm::convolution_direct,
              any_layout(x_),
              any_layout(w_),
              bias_,
              any_layout(y_),
              window_.strides,
              window_.dilations,
              window_.pad_begin,
              window_.pad_end};
    }
    return {prop_kind::forward_training,
            dnnl::algorithm::convolution_direct,
            any_layout(x_),
            any_layout(w_),
            any_layout(y_),
            window_.strides,
            window_.dilations,
            window_.pad_begin,
            window_.pad_end};
  }

  dnnl::convolution_backward_data::desc data_description() const {
    return {dnnl::algorithm::convolution_direct,
            any_layout(x_),
            any_layout(w_),
            any_layout(y_),
            window_.strides,
            window_.dilations,
            window_.pad_begin,
            window_.pad_end};
  }

  dnnl::convolution_backward_weights::desc weights_description() const {
    if (site_.has(2)) {
      return {dnnl::algorithm::convolution_direct,
              any_layout(x_),
              any_layout(w_),
              bias_,
              any_layout(y_),
              window_.strides,
              window_.dilations,
              window_.pad_begin,
              window_.pad_end};
    }
    return {dnnl::algorithm::convolution_direct,
            any_layout(x_),
            any_layout(w_),
            any_layout(y_),
            window_.strides,
            window_.dilations,
            window_.pad_begin,
            window_.pad_end};
  }

  bool in_blocks(const memory::desc& layout) const {
    return y_.size() == 4 && layout == memory::desc(y_, kFloats, memory::format_tag::aBcd8b);
  }

  /// Returns the weights, which are a plain tensor, in a layout.
  Held weights_in(const Value& weights, const memory::desc& layout) const {
    const auto tensor = std::make_shared<const Tensor>(weights.tensor());
    auto* const data = const_cast<std::byte*>(tensor->bytes().data());
    return reordered(site_.library(),
                     {memory(plain_w_, site_.library().onednn.engine, data), tensor}, layout);
  }

  /// Returns the memory for the gradient of the weights: that of a tensor if it is row-major.
  Held weight_gradient(Tensor& gradient) const {
    if (weights_->diff_weights_desc() != plain_w_) {
      return new_memory(site_.library(), weights_->diff_weights_desc());
    }
    gradient = Tensor(TensorType{DataType::float32, site_.in(1)});
    return {memory(plain_w_, site_.library().onednn.engine, gradient.bytes().data()), nullptr};
  }

  void go_back_to_weights(const Returned& passed, std::vector<Value>& all) {
    Library& library = site_.library();
    const Held x = memory_in(library, passed.inputs[0], site_.in(0), weights_->src_desc());
    const Held dy = memory_in(library, passed.slopes[0], site_.out(), weights_->diff_dst_desc());
    Tensor gradient;
    const Held dw = weight_gradient(gradient);
    std::unordered_map<int, memory> arguments = {{DNNL_ARG_SRC, x.memory},
                                                 {DNNL_ARG_DIFF_DST, dy.memory},
                                                 {DNNL_ARG_DIFF_WEIGHTS, dw.memory}};
    Tensor bias;
    if (site_.has(2)) {
      bias = Tensor(TensorType{DataType::float32, site_.in(2)});
      arguments[DNNL_ARG_DIFF_BIAS] = memory(bias_, library.onednn.engine, bias.bytes().data());
    }
    library.execute(run_weights_, arguments);
    if (site_.wants(1)) {
      all[1] = gradient.absent() ? tensor_of(library, dw, plain_w_, site_.in(1)) : gradient;
    }
    if (site_.wants(2)) {
      all[2] = bias;
    }
  }

  void multiply_windows(const Returned& passed, std::vector<Value>& all) {
    const auto row_major = [&](const Value& value, const Shape& shape) {
      return memory_in(site_.library(), value, shape, exec::plain_layout(shape));
    };
    const Held x = row_major(passed.inputs[0], site_.in(0));
    const Held dy = row_major(passed.slopes[0], site_.out());
    Tensor gradient(TensorType{DataType::float32, site_.in(1)});
    product_->weights(static_cast<const float*>(x.memory.get_data_handle()),
                      static_cast<const float*>(dy.memory.get_data_handle()),
                      gradient.values<float>().data());
    if (site_.wants(1)) {
      all[1] = gradient;
    }
    if (site_.wants(2)) {
      Tensor bias(TensorType{DataType::float32, site_.in(2)});
      product_->bias(bias.values<float>().data());
      all[2] = bias;
    }
  }

  void multiply_thin(const Returned& passed, std::vector<Value>& all) {
    Library& library = site_.library();
    const Held x =
        memory_in(library, passed.inputs[0], site_.in(0), exec::plain_layout(site_.in(0)));
    const Held dy = memory_in(library, passed.slopes[0], site_.out(), forward_.dst_desc());
    Tensor gradient(TensorType{DataType::float32, site_.in(1)});
    Tensor bias;
    if (site_.wants(2)) {
      bias = Tensor(TensorType{DataType::float32, site_.in(2)});
    }
    thin_->gradients(static_cast<const float*>(x.memory.get_data_handle()),
                     static_cast<const float*>(dy.memory.get_data_handle()),
                     gradient.values<float>().data(),
                     bias.absent() ? nullptr : bias.values<float>().data());
    if (site_.wants(1)) {
      all[1] = gradient;
    }
    if (!bias.absent()) {
      all[2] = bias;
    }
  }

  OneDnnSite site_;
  memory::dims x_, w_, y_;
  exec::Window window_;
  std::int64_t filters_ = 0;
  memory::desc bias_, plain_w_;
  dnnl::convolution_forward::primitive_desc forward_;
  dnnl::convolution_forward run_forward_;
  std::optional<dnnl::convolution_backward_data::primitive_desc> data_;
  dnnl::convolution_backward_data run_data_;
  std::optional<dnnl::convolution_backward_weights::primitive_desc> weights_;
  dnnl::convolution_backward_weights run_weights_;
  std::optional<WindowProduct> product_;  // In the place of weights_, as is the next one.
  std::optional<ThinProduct> thin_;
};

}  // namespace

std::unique_ptr<Kernel> convolution_kernel(const OneDnnSite& site) {
  if (site.layer().op_name != "Conv" || !site.is_parameter(1)) {
    return nullptr;
  }
  return std::make_unique<ConvolutionKernel>(site);
}

}  // namespace offcut::train
