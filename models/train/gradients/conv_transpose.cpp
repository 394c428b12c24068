// The gradient of ConvTranspose. It is the input gradient of a convolution that reads the output
// and writes the input, so its own input gradient is that convolution of the slope, and its weights
// have that convolution's gradient, with the slope as its input.

#include "models/train/convolution_gradient.h"

namespace offcut::train {
namespace {

/// Returns the convolution from the output to the input.
ops::Convolution transposed_convolution(const ops::Call& call) {
  const Shape& x = call.shape(0);
  const Shape& w = call.shape(1);
  const std::int64_t groups = call.attributes.integer("group", 1);
  const ops::WindowAxis none{.in = 1, .out = 1};
  ops::Convolution g{x[0], groups, w[1], x[1] / groups, {none, none, none}};
  const std::vector<std::int64_t> kernel(w.begin() + 2, w.end());
  const auto axes = ops::transposed_window_axes(call, std::span(x).subspan(2), kernel);
  std::copy_backward(axes.begin(), axes.end(), g.axes.end());
  return g;
}

std::vector<Tensor> backward_conv_transpose(const Backward& b) {
  const ops::Convolution g = transposed_convolution(b.call);
  std::vector<Tensor> all(b.inputs.size());
  if (b.wanted[0]) {
    all[0] = convolved(g, b.slopes[0], b.inputs[1], b.call.shape(0));
  }
  if (b.wanted[1]) {
    all[1] = convolution_weight_gradient(g, b.slopes[0], b.inputs[0], b.call.shape(1));
  }
  if (b.inputs.size() > 2 && b.wanted[2]) {
    all[2] = channel_sums(b.slopes[0]);
  }
  return all;
}

}  // namespace

void register_conv_transpose(Registry<Gradient>& registry) {
  registry.add({.name = "ConvTranspose",
                .doc = "convolution of the slope; slopes times inputs; sums of slopes",
                .reads_inputs = {0, 1},
                .weights = {1, 2},
                .backward = backward_conv_transpose});
}

}  // namespace offcut::train
