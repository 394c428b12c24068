// Describes convolutions to oneDNN and lists the kernels that it has for them. The layouts are
// oneDNN's own choice or blocks of 16 channels; Winograd's algorithm needs such blocks.

#include "models/exec/onednn/convolution_kernels.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <span>
#include <string_view>

namespace offcut::exec {
namespace {

using dnnl::memory;

constexpr auto kFloatConvolution = memory::data_type::f32;
constexpr auto kAnyConvolution = memory::format_tag::any;

std::vector<ops::WindowAxis> axes_of(const Program& program, const Operation& operation) {
  const OperationCall frame(program, operation);
  const Shape& x = program.type(operation.inputs[0]).shape;
  const Shape& w = program.type(operation.inputs[1]).shape;
  return ops::window_axes(frame.call(), std::span(x).subspan(2), std::span(w).subspan(2));
}

memory::format_tag blocks_for(const memory::desc& x) {
  return x.dims().size() == 5 ? memory::format_tag::nCdhw16c : memory::format_tag::nChw16c;
}

/// Returns the layout of the input: blocks, or plain if there are too few channels to fill half a
/// block.
memory::format_tag input_blocks(const memory::desc& x) {
  constexpr std::int64_t kHalfBlock = 8;
  if (x.dims()[1] >= kHalfBlock) {
    return blocks_for(x);
  }
  return x.dims().size() == 5 ? memory::format_tag::ncdhw : memory::format_tag::nchw;
}

ConvolutionDescription describe(const Convolution& c, dnnl::algorithm algorithm,
                                memory::format_tag x_layout, memory::format_tag y_layout,
                                const dnnl::primitive_attr& attributes,
                                const dnnl::engine& engine) {
  const memory::desc x(c.x.dims(), kFloatConvolution, x_layout);
  const memory::desc y(c.y.dims(), kFloatConvolution, y_layout);
  const dnnl::convolution_forward::desc descriptor(
      dnnl::prop_kind::forward_inference, algorithm, x, c.w, c.bias, y, c.window.strides,
      c.window.dilations, c.window.pad_begin, c.window.pad_end);
  return {descriptor, attributes, engine};
}

}  // namespace

Convolution convolution_of(const Program& program, const Operation& operation) {
  const Shape& x = program.type(operation.inputs[0]).shape;
  memory::dims w = onednn_dims(program.type(operation.inputs[1]).shape);
  const TensorType& y = program.graph().tensor(operation.outputs.front()).type;
  const std::int64_t groups = program.layer(operation).attributes.integer("group", 1);
  const std::int64_t filters = w.front();
  const auto all_equal = [](const memory::dims& dims, std::int64_t value) {
    return std::all_of(dims.begin(), dims.end(), [=](auto extent) { return extent == value; });
  };
  Window window(axes_of(program, operation));
  const bool winograd = groups == 1 && w.size() == 4 && all_equal(window.kernel, 3) &&
                        all_equal(window.strides, 1) && all_equal(window.dilations, 0);
  if (groups > 1) {
    w.front() /= groups;
    w.insert(w.begin(), groups);
  }
  return {.x = {onednn_dims(x), kFloatConvolution, kAnyConvolution},
          .w = {w, kFloatConvolution, kAnyConvolution},
          .bias = {{filters}, kFloatConvolution, memory::format_tag::x},
          .y = {onednn_dims(y.shape), kFloatConvolution, kAnyConvolution},
          .plain_w = row_major_layout(w, kFloatConvolution),
          .window = std::move(window),
          .winograd_possible = winograd};
}

std::vector<ConvolutionKernel> direct_kernels(const Convolution& convolution,
                                              const FusedAttributes& attributes, bool with_blocks,
                                              const dnnl::engine& engine) {
  using dnnl::algorithm;
  std::vector<ConvolutionKernel> found;
  const auto add = [&](memory::format_tag x, memory::format_tag y) {
    try {
      const ConvolutionDescription kernel =
          describe(convolution, algorithm::convolution_direct, x, y, attributes.all, engine);
      if (!is_plain_loop(kernel)) {
        found.push_back({kernel});
      }
    } catch (const dnnl::error&) {
      return;  // There is no such kernel.
    }
  };
  add(kAnyConvolution, kAnyConvolution);
  if (with_blocks) {
    add(input_blocks(convolution.x), blocks_for(convolution.y));
  }
  return found;
}

std::optional<ConvolutionKernel> winograd_kernel(const Convolution& convolution,
                                                 const FusedAttributes& attributes,
                                                 const dnnl::engine& engine) {
  if (!convolution.winograd_possible) {
    return std::nullopt;
  }
  for (const bool with_activation : {true, false}) {  // These kernels support few activations.
    try {
      constexpr auto kBlocks = memory::format_tag::nChw16c;
      return ConvolutionKernel{
          describe(convolution, dnnl::algorithm::convolution_winograd, kBlocks, kBlocks,
                   with_activation ? attributes.all : attributes.without_activation, engine),
          !with_activation};
    } catch (const dnnl::error&) {
      continue;
    }
  }
  return std::nullopt;
}

bool is_winograd(const ConvolutionDescription& description) {
  return std::string_view(description.impl_info_str()).find("wino") != std::string_view::npos;
}

bool is_plain_loop(const dnnl::primitive_desc_base& description) {
  // "ref:any", "bnorm_ref:any", "lrn_ref:any".
  return std::string_view(description.impl_info_str()).find("ref") != std::string_view::npos;
}

std::string text_of(const memory::desc& layout) {
  const dnnl_blocking_desc_t& blocks = layout.data.format_desc.blocking;
  const auto inner = static_cast<std::size_t>(blocks.inner_nblks);
  std::string text = fmt::format("{}:{}:{}", static_cast<int>(layout.data.data_type),
                                 fmt::join(layout.dims(), ","), layout.get_size());
  if (layout.data.format_kind == dnnl_blocked) {
    text +=
        fmt::format(":{}:{}:{}", fmt::join(std::span(blocks.strides, layout.dims().size()), ","),
                    fmt::join(std::span(blocks.inner_blks, inner), ","),
                    fmt::join(std::span(blocks.inner_idxs, inner), ","));
  } else if (layout.data.format_kind == dnnl_format_kind_wino) {
    const dnnl_wino_desc_t& w = layout.data.format_desc.wino_desc;
    text += fmt::format(":wino {} {} {} {} {} {} {}", static_cast<int>(w.wino_format), w.alpha,
                        w.ic_block, w.oc_block, w.ic2_block, w.oc2_block, w.r);
  }
  return text;
}

std::string key_of(const Operation& operation, const Window& window,
                   const ConvolutionDescription& description) {
  return fmt::format("{} {} {} {} {} {} {} {} {} {}", description.impl_info_str(),
                     fmt::join(window.strides, ","), fmt::join(window.dilations, ","),
                     fmt::join(window.pad_begin, ","), fmt::join(window.pad_end, ","),
                     operation.residual ? "residual" : "-",
                     operation.activation ? static_cast<int>(operation.activation->kind) : -1,
                     text_of(description.src_desc()), text_of(description.weights_desc()),
                     text_of(description.dst_desc()));
}

}  // namespace offcut::exec
