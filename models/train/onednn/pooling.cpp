// Poolings in the layout of their input. A maximum keeps the places of the greatest elements, which
// are a quarter of the bytes of the input, in its place.

#include "models/ops/pooling.h"

#include <optional>

#include "models/train/onednn/block_maximum.h"
#include "models/train/onednn/lanes.h"
#include "models/train/onednn/memory.h"

namespace offcut::train {
namespace {

using dnnl::algorithm;
using dnnl::memory;

/// Returns the spatial axes of a pooling, or one window per plane.
std::vector<ops::WindowAxis> axes_of(const OneDnnSite& site) {
  const Shape& x = site.in(0);
  std::vector<ops::WindowAxis> axes;
  if (site.layer().op_name == "GlobalAveragePool") {
    for (std::size_t i = 2; i < x.size(); ++i) {
      axes.push_back({.in = x[i], .out = 1, .kernel = x[i]});
    }
  } else {
    const auto all = ops::pooling_of(site.call()).axes;
    axes.assign(all.end() - static_cast<std::ptrdiff_t>(x.size() - 2), all.end());
  }
  return axes;
}

class PoolingKernel : public Kernel {
 public:
  PoolingKernel(const OneDnnSite& site, algorithm kind)
      : site_(site), kind_(kind), axes_(axes_of(site)), window_(axes_) {}

  bool reads_input(std::size_t) const override { return false; }
  bool reads_outputs() const override { return false; }

  Passed forward(std::span<const Value> inputs, std::uint64_t) override {
    const Held x = site_.value(inputs[0], 0);
    prepare(x.memory.get_desc());
    if (maximum_) {
      return forward_in_blocks(x);
    }
    auto y = site_.make(site_.out(), forward_.dst_desc());
    std::unordered_map<int, memory> arguments = {{DNNL_ARG_SRC, x.memory},
                                                 {DNNL_ARG_DST, y->held().memory}};
    Passed passed{{Value(y)}, {}, {}};
    if (kind_ == algorithm::pooling_max) {
      auto places = site_.make(site_.out(), forward_.workspace_desc());
      arguments[DNNL_ARG_WORKSPACE] = places->held().memory;
      passed.saved.emplace_back(std::move(places));
    }
    site_.library().execute(run_forward_, arguments);
    return passed;
  }

  std::vector<Value> backward(const Returned& passed) override {
    if (maximum_) {
      return backward_in_blocks(passed);
    }
    Library& library = site_.library();
    const Held dy = memory_in(library, passed.slopes[0], site_.out(), backward_.diff_dst_desc());
    auto dx = site_.make(site_.in(0), backward_.diff_src_desc());
    std::unordered_map<int, memory> arguments = {{DNNL_ARG_DIFF_DST, dy.memory},
                                                 {DNNL_ARG_DIFF_SRC, dx->held().memory}};
    if (kind_ == algorithm::pooling_max) {
      arguments[DNNL_ARG_WORKSPACE] = memory_of(library, passed.saved[0], site_.out()).memory;
    }
    library.execute(run_backward_, arguments);
    return {Value(std::move(dx))};
  }

 private:
  static memory::desc blocks_of(const Shape& shape, memory::data_type type) {
    return {exec::onednn_dims(shape), type, memory::format_tag::aBcd8b};
  }

  Passed forward_in_blocks(const Held& x) const {
    auto y = site_.make(site_.out(), blocks_of(site_.out(), memory::data_type::f32));
    auto places = site_.make(site_.out(), blocks_of(site_.out(), memory::data_type::u8));
    maximum_->forward(static_cast<const float*>(x.memory.get_data_handle()),
                      static_cast<float*>(y->held().memory.get_data_handle()),
                      static_cast<std::uint8_t*>(places->held().memory.get_data_handle()));
    return {{Value(std::move(y))}, {Value(std::move(places))}, {}};
  }

  std::vector<Value> backward_in_blocks(const Returned& passed) const {
    Library& library = site_.library();
    const Held dy = memory_in(library, passed.slopes[0], site_.out(),
                              blocks_of(site_.out(), memory::data_type::f32));
    const Held places = memory_of(library, passed.saved[0], site_.out());
    auto dx = site_.make(site_.in(0), layout_);
    maximum_->backward(static_cast<const float*>(dy.memory.get_data_handle()),
                       static_cast<const std::uint8_t*>(places.memory.get_data_handle()),
                       static_cast<float*>(dx->held().memory.get_data_handle()));
    return {Value(std::move(dx))};
  }

  void prepare(const memory::desc& layout) {
    if (is_ready_ && layout == layout_) {
      return;
    }
    is_ready_ = true;
    layout_ = layout;
    maximum_.reset();
    if (kind_ == algorithm::pooling_max && BlockMaximum::suits(axes_) &&
        layout == blocks_of(site_.in(0), memory::data_type::f32) && site_.in(0)[1] % kLanes == 0) {
      maximum_.emplace(axes_, site_.in(0)[0] * site_.in(0)[1] / kLanes);
      return;
    }
    const auto& engine = site_.library().onednn.engine;
    const memory::desc y(exec::onednn_dims(site_.out()), memory::data_type::f32,
                         memory::format_tag::any);
    const memory::dims dilations = window_.dilations;
    forward_ = {{dnnl::prop_kind::forward_training, kind_, layout, y, window_.strides,
                 window_.kernel, dilations, window_.pad_begin, window_.pad_end},
                engine};
    backward_ = {{kind_, layout, forward_.dst_desc(), window_.strides, window_.kernel, dilations,
                  window_.pad_begin, window_.pad_end},
                 engine,
                 forward_};
    run_forward_ = dnnl::pooling_v2_forward(forward_);
    run_backward_ = dnnl::pooling_v2_backward(backward_);
  }

  OneDnnSite site_;
  algorithm kind_;
  std::vector<ops::WindowAxis> axes_;
  exec::Window window_;
  std::optional<BlockMaximum> maximum_;  // In the place of oneDNN's kernel.
  bool is_ready_ = false;
  memory::desc layout_;
  dnnl::pooling_v2_forward::primitive_desc forward_;
  dnnl::pooling_v2_backward::primitive_desc backward_;
  dnnl::pooling_v2_forward run_forward_;
  dnnl::pooling_v2_backward run_backward_;
};

}  // namespace

std::unique_ptr<Kernel> pooling_kernel(const OneDnnSite& site) {
  const std::string& op = site.layer().op_name;
  const Attributes& attributes = site.layer().attributes;
  const bool average = op == "AveragePool";
  if ((op != "MaxPool" && !average && op != "GlobalAveragePool") || site.in(0).size() < 3 ||
      site.layer().outputs.size() > 1) {
    return nullptr;
  }
  const bool counts_padding = attributes.integer("count_include_pad", 0) != 0;
  if (average && counts_padding && attributes.integer("ceil_mode", 0) != 0) {
    return nullptr;  // A last window may reach beyond the padding, where oneDNN still counts.
  }
  const algorithm kind = op == "MaxPool"  ? algorithm::pooling_max
                         : counts_padding ? algorithm::pooling_avg_include_padding
                                          : algorithm::pooling_avg_exclude_padding;
  return std::make_unique<PoolingKernel>(site, kind);
}

}  // namespace offcut::train
