// Activations in the layout of their input. Their gradients follow from the output, so the input is
// not kept.

#include <map>
#include <optional>

#include "models/train/onednn/memory.h"

namespace offcut::train {
namespace {

using dnnl::algorithm;
using dnnl::memory;

struct EltwisePair {
  algorithm forward, backward;
};

const std::map<std::string, EltwisePair>& eltwise_pairs() {
  static const std::map<std::string, EltwisePair> pairs = {
      {"Relu", {algorithm::eltwise_relu, algorithm::eltwise_relu_use_dst_for_bwd}},
      {"Tanh", {algorithm::eltwise_tanh, algorithm::eltwise_tanh_use_dst_for_bwd}},
      {"Sigmoid", {algorithm::eltwise_logistic, algorithm::eltwise_logistic_use_dst_for_bwd}}};
  return pairs;
}

class EltwiseKernel : public Kernel {
 public:
  EltwiseKernel(const OneDnnSite& site, EltwisePair pair) : site_(site), pair_(pair) {}

  bool reads_input(std::size_t) const override { return false; }
  bool reads_outputs() const override { return true; }

  Passed forward(std::span<const Value> inputs, std::uint64_t) override {
    const Held x = site_.value(inputs[0], 0);
    prepare(x.memory.get_desc());
    auto y = site_.make(site_.out(), x.memory.get_desc());
    site_.library().execute(forward_, {{DNNL_ARG_SRC, x.memory}, {DNNL_ARG_DST, y->held().memory}});
    return {{Value(std::move(y))}, {}, {}};
  }

  std::vector<Value> backward(const Returned& passed) override {
    Library& library = site_.library();
    const Held y = memory_in(library, passed.outputs[0], site_.out(), layout_);
    const Held dy = memory_in(library, passed.slopes[0], site_.out(), layout_);
    auto dx = site_.make(site_.in(0), layout_);
    library.execute(backward_, {{DNNL_ARG_DST, y.memory},
                                {DNNL_ARG_DIFF_DST, dy.memory},
                                {DNNL_ARG_DIFF_SRC, dx->held().memory}});
    return {Value(std::move(dx))};
  }

 private:
  void prepare(const memory::desc& layout) {
    if (is_ready_ && layout == layout_) {
      return;
    }
    is_ready_ = true;
    layout_ = layout;
    const auto& engine = site_.library().onednn.engine;
    const dnnl::eltwise_forward::primitive_desc forward(
        {dnnl::prop_kind::forward_training, pair_.forward, layout, 0, 0}, engine);
    // The gradient from the output needs a forward pass of its own kind as a hint.
    const dnnl::eltwise_forward::primitive_desc hint(
        {dnnl::prop_kind::forward_training, pair_.backward, layout, 0, 0}, engine);
    forward_ = dnnl::eltwise_forward(forward);
    backward_ = dnnl::eltwise_backward({{pair_.backward, layout, layout, 0, 0}, engine, hint});
  }

  OneDnnSite site_;
  EltwisePair pair_;
  bool is_ready_ = false;
  memory::desc layout_;
  dnnl::eltwise_forward forward_;
  dnnl::eltwise_backward backward_;
};

/// Adds two tensors of one shape; the slope goes to both as it is.
class SumKernel : public Kernel {
 public:
  explicit SumKernel(const OneDnnSite& site) : site_(site) {}

  bool reads_input(std::size_t) const override { return false; }
  bool reads_outputs() const override { return false; }

  Passed forward(std::span<const Value> inputs, std::uint64_t) override {
    return {{added(inputs[0], inputs[1])}, {}, {}};
  }
  std::vector<Value> backward(const Returned& passed) override {
    return {passed.slopes[0], passed.slopes[0]};
  }

 private:
  OneDnnSite site_;
};

}  // namespace

std::unique_ptr<Kernel> eltwise_kernel(const OneDnnSite& site) {
  const auto pair = eltwise_pairs().find(site.layer().op_name);
  const std::size_t rank = site.out().size();
  if (pair == eltwise_pairs().end() || rank < 1 || rank > 5) {
    return nullptr;
  }
  return std::make_unique<EltwiseKernel>(site, pair->second);
}

std::unique_ptr<Kernel> sum_kernel(const OneDnnSite& site) {
  if (site.layer().op_name != "Add" || site.in(0) != site.in(1) || site.is_parameter(0) ||
      site.is_parameter(1)) {
    return nullptr;
  }
  return std::make_unique<SumKernel>(site);
}

}  // namespace offcut::train
