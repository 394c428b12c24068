// Convolutions and their gradients as matrix products: the windows of each group of each image are
// the columns of a matrix (im2col). The gradient of the input is the product that is added up where
// the windows were read.

#include "models/train/convolution_gradient.h"

#include "models/ops/matrix_types.h"
#include "models/train/floats.h"

namespace offcut::train {
namespace {

/// Adds the columns up where im2col read them.
template <class T>
void add_columns(const ops::Convolution& g, const T* columns, T* x) {
  const std::int64_t stride = g.axes[2].stride;
  for (std::int64_t c = 0; c < g.in_channels; ++c) {
    ops::for_each_line(
        g, [&](std::int64_t tap, std::int64_t out, std::int64_t in, std::int64_t count) {
          const T* const row = columns + tap * g.out_plane() + out;
          for (std::int64_t i = 0; i < count; ++i) {
            x[in + i * stride] += row[i];
          }
        });
    x += g.in_plane();
    columns += g.taps() * g.out_plane();
  }
}

/// Calls f(place in x, in y, in w) for each group of each image.
template <class F>
void for_each_group(const ops::Convolution& g, F f) {
  const std::int64_t x = g.in_channels * g.in_plane();
  const std::int64_t y = g.out_channels * g.out_plane();
  const std::int64_t w = g.out_channels * g.in_channels * g.taps();
  for (std::int64_t n = 0; n < g.batch; ++n) {
    for (std::int64_t group = 0; group < g.groups; ++group) {
      const std::int64_t index = n * g.groups + group;
      f(index * x, index * y, group * w);
    }
  }
}

template <class T>
using Rows = ops::MatrixOf<T>;
template <class T>
using View = ops::ConstMatrixMapOf<T>;

}  // namespace

Tensor convolved(const ops::Convolution& g, const Tensor& x, const Tensor& w, const Shape& shape) {
  Tensor y(TensorType{x.type().type, shape});
  with_float(x.type().type, [&](auto zero) {
    using T = decltype(zero);
    Rows<T> columns(g.in_channels * g.taps(), g.out_plane());
    for_each_group(g, [&](std::int64_t at_x, std::int64_t at_y, std::int64_t at_w) {
      ops::im2col(g, elements_of<T>(x) + at_x, columns.data());
      const View<T> weights(elements_of<T>(w) + at_w, g.out_channels, columns.rows());
      ops::MatrixMapOf<T>(elements_of<T>(y) + at_y, g.out_channels, g.out_plane()).noalias() =
          weights * columns;
    });
  });
  return y;
}

Tensor convolution_input_gradient(const ops::Convolution& g, const Tensor& dy, const Tensor& w,
                                  const Shape& shape) {
  Tensor dx(TensorType{dy.type().type, shape});
  with_float(dy.type().type, [&](auto zero) {
    using T = decltype(zero);
    Rows<T> columns(g.in_channels * g.taps(), g.out_plane());
    for_each_group(g, [&](std::int64_t at_x, std::int64_t at_y, std::int64_t at_w) {
      const View<T> weights(elements_of<T>(w) + at_w, g.out_channels, columns.rows());
      const View<T> slope(elements_of<T>(dy) + at_y, g.out_channels, g.out_plane());
      columns.noalias() = weights.transpose() * slope;
      add_columns(g, columns.data(), elements_of<T>(dx) + at_x);
    });
  });
  return dx;
}

Tensor convolution_weight_gradient(const ops::Convolution& g, const Tensor& x, const Tensor& dy,
                                   const Shape& shape) {
  Tensor dw(TensorType{dy.type().type, shape});
  with_float(dy.type().type, [&](auto zero) {
    using T = decltype(zero);
    Rows<T> columns(g.in_channels * g.taps(), g.out_plane());
    for_each_group(g, [&](std::int64_t at_x, std::int64_t at_y, std::int64_t at_w) {
      ops::im2col(g, elements_of<T>(x) + at_x, columns.data());
      const View<T> slope(elements_of<T>(dy) + at_y, g.out_channels, g.out_plane());
      ops::MatrixMapOf<T>(elements_of<T>(dw) + at_w, g.out_channels, columns.rows()).noalias() +=
          slope * columns.transpose();
    });
  });
  return dw;
}

Tensor channel_sums(const Tensor& dy) {
  const Shape& shape = dy.shape();
  const std::int64_t channels = shape[1];
  Tensor sums(TensorType{dy.type().type, {channels}});
  const std::int64_t plane = dy.size() / std::max<std::int64_t>(1, shape[0] * channels);
  with_float(dy.type().type, [&](auto zero) {
    using T = decltype(zero);
    std::vector<double> total(static_cast<std::size_t>(channels));
    const T* from = elements_of<T>(dy);
    for (std::int64_t n = 0; n < shape[0]; ++n) {
      for (double& sum : total) {
        for (std::int64_t i = 0; i < plane; ++i) {
          sum += static_cast<double>(*from++);
        }
      }
    }
    std::transform(total.begin(), total.end(), elements_of<T>(sums),
                   [](double sum) { return static_cast<T>(sum); });
  });
  return sums;
}

}  // namespace offcut::train
