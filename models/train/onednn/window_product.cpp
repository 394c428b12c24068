// The elements that the windows read become a matrix (im2col) for some input channels at a time, so
// that it stays in the second cache; each such matrix gives the weights of its channels.

#include "models/train/onednn/window_product.h"

#include "models/exec/gemm.h"

namespace offcut::train {
namespace {

constexpr std::int64_t kFewPlaces = 4;
constexpr std::int64_t kCachedFloats = 1 << 16;

}  // namespace

bool WindowProduct::suits(const ops::Convolution& g) {
  return g.groups == 1 && g.out_plane() <= kFewPlaces;
}

WindowProduct::WindowProduct(const ops::Convolution& g) : g_(g), windows_(g.batch * g.out_plane()) {
  ops::for_each_line(g,
                     [&](std::int64_t tap, std::int64_t out, std::int64_t in, std::int64_t count) {
                       for (std::int64_t i = 0; i < count; ++i) {
                         elements_.push_back({tap, out + i, in + i * g.axes[2].stride});
                       }
                     });
}

void WindowProduct::weights(const float* x, const float* dy, float* dw) {
  const std::int64_t places = g_.out_plane();
  slopes_.resize(static_cast<std::size_t>(g_.out_channels * windows_));
  for (std::int64_t n = 0; n < g_.batch; ++n) {
    for (std::int64_t c = 0; c < g_.out_channels; ++c, dy += places) {
      std::copy_n(dy, places, slopes_.data() + c * windows_ + n * places);
    }
  }
  const std::int64_t row = g_.taps() * windows_;
  const std::int64_t part = std::clamp<std::int64_t>(kCachedFloats / row, 1, g_.in_channels);
  columns_.resize(static_cast<std::size_t>(part * row));
  const std::int64_t all = g_.in_channels * g_.taps();
  for (std::int64_t first = 0; first < g_.in_channels; first += part) {
    const std::int64_t count = std::min(part, g_.in_channels - first);
    gather(x, first, count);
    exec::multiply(1, {slopes_.data(), g_.out_channels, windows_, windows_, 1},
                   {columns_.data(), windows_, count * g_.taps(), 1, windows_},
                   dw + first * g_.taps(), all);
  }
}

void WindowProduct::gather(const float* x, std::int64_t first, std::int64_t count) {
  // Padding stays zero from the beginning.
  const std::int64_t plane = g_.in_plane();
  for (std::int64_t c = 0; c < count; ++c) {
    float* const to = columns_.data() + c * g_.taps() * windows_;
    for (std::int64_t n = 0; n < g_.batch; ++n) {
      const float* const from = x + (n * g_.in_channels + first + c) * plane;
      for (const Element& element : elements_) {
        to[element.tap * windows_ + n * g_.out_plane() + element.out] = from[element.in];
      }
    }
  }
}

void WindowProduct::bias(float* db) const {
  const float* from = slopes_.data();
  for (std::int64_t c = 0; c < g_.out_channels; ++c) {
    double sum = 0;
    for (std::int64_t i = 0; i < windows_; ++i) {
      sum += static_cast<double>(*from++);
    }
    db[c] = static_cast<float>(sum);
  }
}

}  // namespace offcut::train
