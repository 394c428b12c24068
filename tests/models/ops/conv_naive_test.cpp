// Conv and ConvInteger against simple loops: over one to three axes, grouped, dilated, depthwise,
// with strides and uneven padding. ONNX's own cases have none of these.

#include <doctest/doctest.h>

#include <random>

#include "tests/models/ops/one_layer.h"

namespace offcut::ops::conv_naive_test {
namespace {

using Numbers = std::vector<std::int64_t>;

struct Case {
  std::int64_t batch, groups, in_channels, out_channels;  // Channels per group.
  Numbers in, kernel, stride, dilation, pad_begin, pad_end;
};

/// Returns all index lists below the extents, in row-major order.
std::vector<Numbers> places(const Numbers& extents) {
  std::vector<Numbers> all = {{}};
  for (const std::int64_t extent : extents) {
    std::vector<Numbers> longer;
    for (const Numbers& place : all) {
      for (std::int64_t i = 0; i < extent; ++i) {
        longer.push_back(place);
        longer.back().push_back(i);
      }
    }
    all = std::move(longer);
  }
  return all;
}

std::size_t offset(const Numbers& extents, const Numbers& place) {
  std::int64_t at = 0;
  for (std::size_t i = 0; i < extents.size(); ++i) {
    at = at * extents[i] + place[i];
  }
  return static_cast<std::size_t>(at);
}

Numbers join(Numbers a, const Numbers& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

Numbers out_extents(const Case& c) {
  Numbers out;
  for (std::size_t i = 0; i < c.in.size(); ++i) {
    const std::int64_t span = c.dilation[i] * (c.kernel[i] - 1) + 1;
    out.push_back((c.in[i] + c.pad_begin[i] + c.pad_end[i] - span) / c.stride[i] + 1);
  }
  return out;
}

std::vector<float> naive(const Case& c, const std::vector<float>& x, const std::vector<float>& w,
                         const std::vector<float>& bias) {
  const Numbers x_shape = join({c.batch, c.groups * c.in_channels}, c.in);
  const Numbers w_shape = join({c.groups * c.out_channels, c.in_channels}, c.kernel);
  std::vector<float> y;
  for (std::int64_t n = 0; n < c.batch; ++n) {
    for (std::int64_t m = 0; m < c.groups * c.out_channels; ++m) {
      for (const Numbers& out : places(out_extents(c))) {
        float sum = bias[static_cast<std::size_t>(m)];
        for (const Numbers& tap : places(c.kernel)) {
          Numbers at;
          bool inside = true;
          for (std::size_t i = 0; i < tap.size(); ++i) {
            at.push_back(out[i] * c.stride[i] + tap[i] * c.dilation[i] - c.pad_begin[i]);
            inside = inside && at[i] >= 0 && at[i] < c.in[i];
          }
          for (std::int64_t k = 0; inside && k < c.in_channels; ++k) {
            const std::int64_t channel = m / c.out_channels * c.in_channels + k;
            sum +=
                x[offset(x_shape, join({n, channel}, at))] * w[offset(w_shape, join({m, k}, tap))];
          }
        }
        y.push_back(sum);
      }
    }
  }
  return y;
}

/// Returns small integers, so that sums are exact in any order.
Tensor random_tensor(Shape shape, std::mt19937& random) {
  Tensor tensor = floats(std::move(shape));
  for (float& x : tensor.values<float>()) {
    x = static_cast<float>(random() % 9) - 4;
  }
  return tensor;
}

void check(const Case& c) {
  std::mt19937 random(1);
  const Tensor x = random_tensor(join({c.batch, c.groups * c.in_channels}, c.in), random);
  const Tensor w =
      random_tensor(join({c.groups * c.out_channels, c.in_channels}, c.kernel), random);
  const Tensor bias = random_tensor({c.groups * c.out_channels}, random);
  const OneLayer layer("Conv", {},
                       {{"group", c.groups},
                        {"strides", c.stride},
                        {"dilations", c.dilation},
                        {"pads", join(c.pad_begin, c.pad_end)}});
  const Tensor y = layer.run({x, w, bias});
  CHECK(y.shape() == join({c.batch, c.groups * c.out_channels}, out_extents(c)));
  CHECK(values(y) == naive(c, values(x), values(w), values(bias)));
}

}  // namespace

TEST_CASE("conv: agrees with naive loops over one axis") {
  check({2, 1, 3, 2, {9}, {3}, {2}, {2}, {1}, {2}});
  check({2, 4, 1, 1, {9}, {3}, {1}, {3}, {3}, {3}});
  check({1, 2, 2, 3, {5}, {1}, {1}, {1}, {0}, {0}});
}

TEST_CASE("conv: agrees with naive loops over two axes") {
  check({2, 1, 3, 2, {7, 6}, {3, 2}, {2, 1}, {1, 3}, {1, 0}, {0, 2}});
  check({2, 4, 1, 1, {7, 6}, {3, 2}, {2, 1}, {2, 1}, {2, 0}, {1, 1}});
  check({1, 3, 1, 2, {5, 5}, {2, 3}, {1, 2}, {1, 2}, {0, 1}, {1, 3}});
  check({2, 2, 2, 3, {4, 4}, {1, 1}, {2, 2}, {1, 1}, {0, 0}, {0, 0}});
}

TEST_CASE("conv: agrees with naive loops over three axes") {
  check({2, 1, 2, 3, {4, 5, 6}, {2, 3, 2}, {1, 2, 1}, {2, 1, 3}, {1, 0, 2}, {0, 2, 1}});
  check({1, 3, 1, 1, {5, 4, 6}, {3, 2, 3}, {2, 1, 2}, {1, 2, 1}, {1, 1, 1}, {1, 1, 0}});
  check({2, 2, 2, 2, {3, 3, 3}, {1, 1, 1}, {1, 1, 1}, {1, 1, 1}, {0, 0, 0}, {0, 0, 0}});
}

}  // namespace offcut::ops::conv_naive_test
