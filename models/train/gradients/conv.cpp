// The gradient of Conv: that of the input is a transposed convolution of the slope by the weights,
// that of a weight the sum of the products of the inputs it met and their slopes, that of the bias
// the sum of the slopes of its channel.

#include "models/train/convolution_gradient.h"

namespace offcut::train {
namespace {

std::vector<Tensor> backward_conv(const Backward& b) {
  const Shape& x = b.call.shape(0);
  const Shape& w = b.call.shape(1);
  const ops::Convolution g = ops::convolution_of(b.call, x, w);
  std::vector<Tensor> all(b.inputs.size());
  if (b.wanted[0]) {
    all[0] = convolution_input_gradient(g, b.slopes[0], b.inputs[1], x);
  }
  if (b.wanted[1]) {
    all[1] = convolution_weight_gradient(g, b.inputs[0], b.slopes[0], w);
  }
  if (b.inputs.size() > 2 && b.wanted[2]) {
    all[2] = channel_sums(b.slopes[0]);
  }
  return all;
}

}  // namespace

void register_conv(Registry<Gradient>& registry) {
  registry.add({.name = "Conv",
                .doc = "transposed convolution of the slope; inputs times slopes; sums of slopes",
                .reads_inputs = {0, 1},
                .weights = {1, 2},
                .backward = backward_conv});
}

}  // namespace offcut::train
