// Dense layers, Gemm of a matrix by weights, as inner products on row-major tensors: the weights
// are read as they are stored.

#include "models/train/onednn/memory.h"

namespace offcut::train {
namespace {

using dnnl::memory;

constexpr auto kDenseFloats = memory::data_type::f32;

class DenseKernel : public Kernel {
 public:
  explicit DenseKernel(const OneDnnSite& site)
      : site_(site),
        x_(exec::plain_layout(site.in(0))),
        y_(exec::plain_layout(site.out())),
        is_transposed_(site.layer().attributes.integer("transB", 0) != 0),
        w_({site.out()[1], site.in(0)[1]}, kDenseFloats,
           is_transposed_ ? memory::format_tag::ab : memory::format_tag::ba),
        bias_({site.out()[1]}, kDenseFloats, memory::format_tag::x) {
    const auto& engine = site_.library().onednn.engine;
    const auto training = dnnl::prop_kind::forward_training;
    const dnnl::inner_product_forward::primitive_desc forward =
        site_.has(2) ? dnnl::inner_product_forward::primitive_desc(
                           dnnl::inner_product_forward::desc(training, x_, w_, bias_, y_), engine)
                     : dnnl::inner_product_forward::primitive_desc(
                           dnnl::inner_product_forward::desc(training, x_, w_, y_), engine);
    forward_ = dnnl::inner_product_forward(forward);
    data_ = dnnl::inner_product_backward_data(
        {dnnl::inner_product_backward_data::desc(x_, w_, y_), engine, forward});
    weights_ = dnnl::inner_product_backward_weights(
        site_.has(2)
            ? dnnl::inner_product_backward_weights::primitive_desc(
                  dnnl::inner_product_backward_weights::desc(x_, w_, bias_, y_), engine, forward)
            : dnnl::inner_product_backward_weights::primitive_desc(
                  dnnl::inner_product_backward_weights::desc(x_, w_, y_), engine, forward));
  }

  bool reads_input(std::size_t input) const override { return input == 0; }
  bool reads_outputs() const override { return false; }

  Passed forward(std::span<const Value> inputs, std::uint64_t) override {
    const Tensor x = inputs[0].tensor();
    const Tensor w = inputs[1].tensor();
    Tensor y(TensorType{DataType::float32, site_.out()});
    std::unordered_map<int, memory> arguments = {
        {DNNL_ARG_SRC, over(x_, x)}, {DNNL_ARG_WEIGHTS, over(w_, w)}, {DNNL_ARG_DST, over(y_, y)}};
    Tensor bias;
    if (site_.has(2)) {
      bias = inputs[2].tensor();
      arguments[DNNL_ARG_BIAS] = over(bias_, bias);
    }
    site_.library().execute(forward_, arguments);
    return {{Value(std::move(y))}, {}, {}};
  }

  std::vector<Value> backward(const Returned& passed) override {
    std::vector<Value> all(passed.inputs.size());
    const Tensor dy = passed.slopes[0].tensor();
    if (site_.wants(0)) {
      const Tensor w = passed.inputs[1].tensor();
      Tensor dx(TensorType{DataType::float32, site_.in(0)});
      site_.library().execute(data_, {{DNNL_ARG_DIFF_DST, over(y_, dy)},
                                      {DNNL_ARG_WEIGHTS, over(w_, w)},
                                      {DNNL_ARG_DIFF_SRC, over(x_, dx)}});
      all[0] = dx;
    }
    const Tensor x = passed.inputs[0].tensor();
    Tensor dw(TensorType{DataType::float32, site_.in(1)});
    Tensor bias;
    std::unordered_map<int, memory> arguments = {{DNNL_ARG_SRC, over(x_, x)},
                                                 {DNNL_ARG_DIFF_DST, over(y_, dy)},
                                                 {DNNL_ARG_DIFF_WEIGHTS, over(w_, dw)}};
    if (site_.has(2)) {
      bias = Tensor(TensorType{DataType::float32, site_.in(2)});
      arguments[DNNL_ARG_DIFF_BIAS] = over(bias_, bias);
    }
    site_.library().execute(weights_, arguments);
    all[1] = site_.wants(1) ? Value(dw) : Value();
    if (site_.wants(2)) {
      all[2] = bias;
    }
    return all;
  }

 private:
  memory over(const memory::desc& layout, const Tensor& tensor) const {
    // oneDNN takes no constant memory, and writes to no input.
    return {layout, site_.library().onednn.engine, const_cast<std::byte*>(tensor.bytes().data())};
  }

  OneDnnSite site_;
  memory::desc x_, y_;
  bool is_transposed_;
  memory::desc w_, bias_;
  dnnl::inner_product_forward forward_;
  dnnl::inner_product_backward_data data_;
  dnnl::inner_product_backward_weights weights_;
};

}  // namespace

std::unique_ptr<Kernel> dense_kernel(const OneDnnSite& site) {
  const Attributes& attributes = site.layer().attributes;
  const bool plain = site.layer().op_name == "Gemm" && attributes.integer("transA", 0) == 0 &&
                     attributes.number("alpha", 1) == 1 && attributes.number("beta", 1) == 1;
  if (!plain || !site.is_parameter(1) || !site.wants(1) ||
      (site.has(2) && site.in(2) != Shape{site.out()[1]})) {
    return nullptr;
  }
  return std::make_unique<DenseKernel>(site);
}

}  // namespace offcut::train
