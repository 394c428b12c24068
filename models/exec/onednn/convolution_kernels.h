#pragma once

#include <oneapi/dnnl/dnnl.hpp>
#include <string>
#include <vector>

#include "models/exec/onednn/geometry.h"
#include "models/exec/onednn/primitive_step.h"
#include "models/exec/prepared.h"

namespace offcut::exec {

/// A convolution of float32 in the form of oneDNN's descriptors; layouts are left open.
struct Convolution {
  dnnl::memory::desc x, w, bias, y;
  dnnl::memory::desc plain_w;
  Window window;
  bool winograd_possible;  // 3x3 with stride 1, one group, two spatial axes.
};

/// REQUIRES: the operation's core is a Conv with one to three spatial axes.
Convolution convolution_of(const Program& program, const Operation& operation);

using ConvolutionDescription = dnnl::convolution_forward::primitive_desc;

/// A kernel for a convolution.
struct ConvolutionKernel {
  ConvolutionDescription description;
  bool activation_left = false;  // The activation needs a step of its own.
};

/// The attributes of a kernel with all that is fused, and without the activation.
struct FusedAttributes {
  dnnl::primitive_attr all, without_activation;
};

/// Returns the library's own choice of kernel and layouts, and the one for blocks of channels. None
/// of oneDNN's plain loops ("ref"), which take up to a thousand times as long as other kernels, are
/// among them; if there are only such, the result is empty.
std::vector<ConvolutionKernel> direct_kernels(const Convolution& convolution,
                                              const FusedAttributes& attributes, bool with_blocks,
                                              const dnnl::engine& engine);

/// Returns the Winograd kernel, which oneDNN never chooses by itself, if there is one.
std::optional<ConvolutionKernel> winograd_kernel(const Convolution& convolution,
                                                 const FusedAttributes& attributes,
                                                 const dnnl::engine& engine);

bool is_winograd(const ConvolutionDescription& description);

/// Returns whether the kernel is one of oneDNN's plain loops.
bool is_plain_loop(const dnnl::primitive_desc_base& description);

/// Returns a text with all extents and strides of the layout.
std::string text_of(const dnnl::memory::desc& layout);

/// Returns a text of all that the time of a kernel depends on: the layer's window, its kernel, the
/// layouts, and what is applied to the sums.
std::string key_of(const Operation& operation, const Window& window,
                   const ConvolutionDescription& description);

}  // namespace offcut::exec
