// DeformConv: a convolution whose taps read at places that are moved by offsets (input 2: for each
// group of channels and tap a vertical and a horizontal offset at each output position), with a
// bilinear blend of the four elements around, and with a factor each (input 4) in the second
// version (Zhu et al., "Deformable ConvNets v2", CVPR 2019). Over two spatial axes; sums in double.

#include <fmt/format.h>

#include <cmath>
#include <stdexcept>

#include "models/ops/arguments.h"
#include "models/ops/convolution.h"

namespace offcut::ops {
namespace {

struct Deformation {
  Convolution g;
  std::int64_t offset_groups;
};

Deformation deformation_of(const Call& call) {
  require_inputs(call, 3, 5);
  const Shape& x = float_shape(call, 0);
  if (x.size() != 4) {
    throw std::invalid_argument(
        fmt::format("input {}: only two spatial axes are supported", to_text(x)));
  }
  const Convolution g = convolution_of(call, x, float_shape(call, 1));
  const std::int64_t groups = call.attributes.integer("offset_group", 1);
  if (groups < 1 || x[1] % groups != 0) {
    throw std::invalid_argument(
        fmt::format("{} channels can't be divided into {} offset groups", x[1], groups));
  }
  const Shape places = {x[0], groups * g.taps(), g.axes[1].out, g.axes[2].out};
  const Shape offsets = {x[0], 2 * places[1], places[2], places[3]};
  if (float_shape(call, 2) != offsets) {
    throw std::invalid_argument(
        fmt::format("offsets are {}, expected {}", to_text(call.shape(2)), to_text(offsets)));
  }
  if (call.has(3) && float_shape(call, 3) != Shape{call.shape(1)[0]}) {
    throw std::invalid_argument(
        fmt::format("bias {} does not fit {} outputs", to_text(call.shape(3)), call.shape(1)[0]));
  }
  if (call.has(4) && float_shape(call, 4) != places) {
    throw std::invalid_argument(
        fmt::format("mask is {}, expected {}", to_text(call.shape(4)), to_text(places)));
  }
  return {g, groups};
}

std::vector<TensorType> infer_deform_conv(const Call& call) {
  return {convolved_type(deformation_of(call).g, DataType::float32, 4)};
}

LayerKind deform_conv_kind(const Call& call) { return convolution_kind(deformation_of(call).g); }

double macs_deform_conv(const Call& call, std::span<const TensorType> outputs) {
  return convolution_macs(deformation_of(call).g, outputs);
}

/// Returns the blend of the elements around a place; those outside are 0.
double blended(const float* plane, std::int64_t height, std::int64_t width, double row,
               double column) {
  const double top = std::floor(row);
  const double left = std::floor(column);
  double sum = 0;
  for (int r = 0; r <= 1; ++r) {
    for (int c = 0; c <= 1; ++c) {
      const double y = top + r;
      const double x = left + c;
      if (y >= 0 && x >= 0 && y < static_cast<double>(height) && x < static_cast<double>(width)) {
        const double weight = (1 - std::abs(row - y)) * (1 - std::abs(column - x));
        sum += weight * plane[static_cast<std::int64_t>(y) * width + static_cast<std::int64_t>(x)];
      }
    }
  }
  return sum;
}

/// The tensors of one image.
struct Deformed {
  const Convolution& g;
  std::int64_t offset_groups;
  const float* image;
  const float* offsets;
  const float* mask;  // Null if all factors are 1.

  /// Returns the element that a tap reads for an output position, times its factor.
  double read(std::int64_t channel, std::int64_t tap, std::int64_t r, std::int64_t c) const {
    const WindowAxis& rows = g.axes[1];
    const WindowAxis& columns = g.axes[2];
    const std::int64_t in_offset_group = g.groups * g.in_channels / offset_groups;
    const std::int64_t plane = g.out_plane();
    const std::int64_t place = r * columns.out + c;
    const std::int64_t index = channel / in_offset_group * g.taps() + tap;
    const double row = static_cast<double>(rows.position(r, tap / columns.kernel)) +
                       offsets[2 * index * plane + place];
    const double column = static_cast<double>(columns.position(c, tap % columns.kernel)) +
                          offsets[(2 * index + 1) * plane + place];
    const double value = blended(image + channel * g.in_plane(), rows.in, columns.in, row, column);
    return mask == nullptr ? value : value * mask[index * plane + place];
  }

  double sum(const float* weights, std::int64_t output, std::int64_t r, std::int64_t c) const {
    const std::int64_t first = output / g.out_channels * g.in_channels;
    const float* w = weights + output * g.in_channels * g.taps();
    double total = 0;
    for (std::int64_t channel = first; channel < first + g.in_channels; ++channel) {
      for (std::int64_t tap = 0; tap < g.taps(); ++tap) {
        total += *w++ * read(channel, tap, r, c);
      }
    }
    return total;
  }
};

std::vector<Tensor> forward_deform_conv(const Call& call, std::span<const Tensor> inputs) {
  const auto [g, offset_groups] = deformation_of(call);
  Tensor y(infer_deform_conv(call).front());
  float* to = y.values<float>().data();
  const std::int64_t places = offset_groups * g.taps() * g.out_plane();
  for (std::int64_t n = 0; n < g.batch; ++n) {
    const Deformed deformed{g, offset_groups,
                            inputs[0].values<float>().data() + n * call.shape(0)[1] * g.in_plane(),
                            inputs[2].values<float>().data() + n * 2 * places,
                            call.has(4) ? inputs[4].values<float>().data() + n * places : nullptr};
    for (std::int64_t output = 0; output < call.shape(1)[0]; ++output) {
      const float bias =
          call.has(3) ? inputs[3].values<float>()[static_cast<std::size_t>(output)] : 0;
      for (std::int64_t r = 0; r < g.axes[1].out; ++r) {
        for (std::int64_t c = 0; c < g.axes[2].out; ++c) {
          *to++ = static_cast<float>(bias +
                                     deformed.sum(inputs[1].values<float>().data(), output, r, c));
        }
      }
    }
  }
  return {y};
}

}  // namespace

void register_deform_conv(Registry<Operator>& registry) {
  registry.add({.name = "DeformConv",
                .doc = "a convolution that reads at places moved by offsets",
                .kind = deform_conv_kind,
                .infer = infer_deform_conv,
                .macs = macs_deform_conv,
                .forward = forward_deform_conv});
}

}  // namespace offcut::ops
