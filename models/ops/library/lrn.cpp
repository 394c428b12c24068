// LRN, local response normalization: y = x / (bias + alpha / size * s)^beta, where s is the sum of
// the squares at the same place in channels c - floor((size - 1) / 2) to c + ceil((size - 1) / 2),
// as far as they exist (Krizhevsky, Sutskever, Hinton, "ImageNet classification with deep
// convolutional neural networks", 2012, section 3.3, with ONNX's division of alpha by size).

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "models/ops/arguments.h"

namespace offcut::ops {
namespace {

struct Response {
  std::int64_t size;
  float scale;  // The attribute alpha / size.
  float beta, bias;
};

Response response(const Call& call) {
  Response r{};
  r.size = call.attributes.integer("size", 0);
  if (r.size < 1) {
    throw std::invalid_argument(
        call.attributes.has("size")
            ? fmt::format("attribute 'size' is {}, expected at least 1", r.size)
            : "attribute 'size' is missing");
  }
  r.scale = call.attributes.number("alpha", 1e-4F) / static_cast<float>(r.size);
  r.beta = call.attributes.number("beta", 0.75F);
  r.bias = call.attributes.number("bias", 1);
  return r;
}

std::vector<TensorType> infer_lrn(const Call& call) {
  require_inputs(call, 1, 1);
  const Shape& x = float_shape(call, 0);
  if (x.size() < 2) {
    throw std::invalid_argument(fmt::format("input {} has no channels", to_text(x)));
  }
  response(call);
  return {call.inputs[0]};
}

/// Computes y = x / base^beta, where y holds the base. The powers of the common networks are
/// computed with square roots, which are exact to half a unit in the last place and vectorise.
void divide_by_power(const float* x, float* y, std::int64_t count, float beta) {
  if (beta == 0.75F) {
    for (std::int64_t i = 0; i < count; ++i) {
      const float root = std::sqrt(y[i]);
      y[i] = x[i] / (root * std::sqrt(root));
    }
  } else if (beta == 0.5F) {
    for (std::int64_t i = 0; i < count; ++i) {
      y[i] = x[i] / std::sqrt(y[i]);
    }
  } else {
    for (std::int64_t i = 0; i < count; ++i) {
      y[i] = x[i] / std::pow(y[i], beta);
    }
  }
}

/// Normalises one image of `channels` planes.
void normalize_lrn(const Response& r, const float* x, float* y, std::int64_t channels,
                   std::int64_t plane) {
  for (std::int64_t c = 0; c < channels; ++c) {
    const std::int64_t first = std::max<std::int64_t>(0, c - (r.size - 1) / 2);
    const std::int64_t last = channels - c <= r.size / 2 ? channels : c + r.size / 2 + 1;
    float* const to = y + c * plane;
    for (std::int64_t near = first; near < last; ++near) {
      const float* const from = x + near * plane;
      for (std::int64_t i = 0; i < plane; ++i) {
        to[i] += from[i] * from[i];
      }
    }
    for (std::int64_t i = 0; i < plane; ++i) {
      to[i] = r.bias + r.scale * to[i];
    }
    divide_by_power(x + c * plane, to, plane, r.beta);
  }
}

std::vector<Tensor> forward_lrn(const Call& call, std::span<const Tensor> inputs) {
  const Response r = response(call);
  const Shape& shape = call.shape(0);
  Tensor output(inputs[0].type());
  const float* x = inputs[0].values<float>().data();
  float* y = output.values<float>().data();
  const std::int64_t plane = extent_between(shape, 2, shape.size());
  const std::int64_t image = shape[1] * plane;
  for (std::int64_t n = 0; n < shape[0]; ++n, x += image, y += image) {
    normalize_lrn(r, x, y, shape[1], plane);
  }
  return {output};
}

}  // namespace

void register_lrn(Registry<Operator>& registry) {
  registry.add({.name = "LRN",
                .doc = "x / (bias + alpha / size * sum of squares over nearby channels)^beta",
                .kind = always<LayerKind::normalization>,
                .infer = infer_lrn,
                .macs = no_macs,
                .forward = forward_lrn});
}

}  // namespace offcut::ops
