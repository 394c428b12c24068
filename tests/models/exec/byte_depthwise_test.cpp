// Our own kernel for depthwise convolutions of bytes, against loops over the integers.

#include "models/exec/byte_depthwise.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "models/base/random.h"

namespace offcut::exec::byte_depthwise_test {
namespace {

/// Draws numbers for a test.
struct Draw {
  RandomStream stream;

  std::int64_t operator()(std::int64_t from, std::int64_t to) {
    return from +
           static_cast<std::int64_t>((stream() >> 16U) % static_cast<std::uint64_t>(to - from + 1));
  }
};

ops::WindowAxis drawn_axis(Draw& draw) {
  ops::WindowAxis axis;
  axis.kernel = draw(1, 6);
  axis.stride = draw(1, 3);
  axis.dilation = draw(1, 2);
  axis.pad_begin = draw(0, 3);
  axis.pad_end = draw(0, 3);
  axis.in = axis.extent() + draw(0, 9);
  axis.out = (axis.in + axis.pad_begin + axis.pad_end - axis.extent()) / axis.stride + 1;
  return axis;
}

ByteDepthwise drawn_convolution(Draw& draw) {
  ByteDepthwise own{.images = draw(1, 2),
                    .channels = draw(32, 100),
                    .rows = drawn_axis(draw),
                    .columns = drawn_axis(draw),
                    .zero = static_cast<std::uint8_t>(draw(0, 255)),
                    .result_zero = static_cast<int>(draw(-9, 9)),
                    .low = static_cast<int>(draw(-128, 20)),
                    .high = static_cast<int>(draw(30, 127)),
                    .makes_unsigned = draw(0, 1) == 1};
  if (own.makes_unsigned) {
    own.low = std::max(own.low, 0);
    own.high += 128;
    own.result_zero += 100;
  }
  for (std::int64_t i = 0; i < own.channels * own.rows.kernel * own.columns.kernel; ++i) {
    own.weights.push_back(static_cast<std::int8_t>(draw(-64, 64)));
  }
  for (std::int64_t c = 0; c < own.channels; ++c) {
    own.factors.push_back(static_cast<float>(draw(1, 1000)) * 1e-5F);
    own.offsets.push_back(static_cast<float>(draw(-1000, 1000)) * 0.01F);
  }
  return own;
}

/// Returns the sum of a window's products, as an integer.
std::int64_t window_sum(const ByteDepthwise& own, const std::vector<std::uint8_t>& x,
                        std::int64_t image, std::int64_t row, std::int64_t column,
                        std::int64_t channel) {
  std::int64_t sum = 0;
  for (std::int64_t i = 0; i < own.rows.kernel; ++i) {
    for (std::int64_t k = 0; k < own.columns.kernel; ++k) {
      const std::int64_t r = own.rows.position(row, i);
      const std::int64_t c = own.columns.position(column, k);
      if (r >= 0 && r < own.rows.in && c >= 0 && c < own.columns.in) {
        const auto place =
            ((image * own.rows.in + r) * own.columns.in + c) * own.channels + channel;
        const auto tap = (channel * own.rows.kernel + i) * own.columns.kernel + k;
        sum += (std::int64_t{x[static_cast<std::size_t>(place)]} - own.zero) *
               own.weights[static_cast<std::size_t>(tap)];
      }
    }
  }
  return sum;
}

/// Checks all results of the kernel; where the exact one lies in the middle between two integers,
/// up to float32's rounding, either is right.
void check_convolution(const ByteDepthwise& own, Draw& draw) {
  std::vector<std::uint8_t> x(
      static_cast<std::size_t>(own.images * own.rows.in * own.columns.in * own.channels));
  for (std::uint8_t& byte : x) {
    byte = static_cast<std::uint8_t>(draw(0, 255));
  }
  const ByteDepthwiseKernel kernel(own);
  std::vector<std::byte> y(
      static_cast<std::size_t>(own.images * own.rows.out * own.columns.out * own.channels));
  std::vector<std::byte> scratch(kernel.scratch_bytes());
  kernel.run(x.data(), y.data(), scratch.data());
  std::size_t at = 0;
  int wrong = 0;
  for (std::int64_t image = 0; image < own.images; ++image) {
    for (std::int64_t row = 0; row < own.rows.out; ++row) {
      for (std::int64_t column = 0; column < own.columns.out; ++column) {
        for (std::int64_t c = 0; c < own.channels; ++c, ++at) {
          const auto channel = static_cast<std::size_t>(c);
          const double real = static_cast<double>(window_sum(own, x, image, row, column, c)) *
                                  static_cast<double>(own.factors[channel]) +
                              static_cast<double>(own.offsets[channel]);
          constexpr double kRounding = 1e-4;
          const auto limited = [&](double value) {
            return std::clamp(static_cast<int>(std::nearbyint(value)) + own.result_zero, own.low,
                              own.high);
          };
          const int found =
              own.makes_unsigned ? std::to_integer<int>(y[at]) : static_cast<std::int8_t>(y[at]);
          wrong += found != limited(real - kRounding) && found != limited(real + kRounding) ? 1 : 0;
        }
      }
    }
  }
  CHECK(at == y.size());
  CHECK(wrong == 0);
}

}  // namespace

TEST_CASE("byte depthwise: equals sums of integers, for any sizes, strides, padding and limits") {
  Draw draw{random_stream(1, "byte depthwise")};
  for (int i = 0; i < 100; ++i) {
    CAPTURE(i);
    const ByteDepthwise own = drawn_convolution(draw);
    if (!ByteDepthwiseKernel::fits(own)) {
      MESSAGE("offcut was compiled without AVX2");
      return;
    }
    check_convolution(own, draw);
  }
}

TEST_CASE("byte depthwise: declines weights whose sums saturate, few channels and huge factors") {
  Draw draw{random_stream(2, "byte depthwise")};
  ByteDepthwise own = drawn_convolution(draw);
  own.weights[5] = 65;
  CHECK_FALSE(ByteDepthwiseKernel::fits(own));
  own = drawn_convolution(draw);
  own.channels = 31;
  CHECK_FALSE(ByteDepthwiseKernel::fits(own));
  own = drawn_convolution(draw);
  own.factors[0] = 1e10F;
  CHECK_FALSE(ByteDepthwiseKernel::fits(own));
  own.factors[0] = NAN;
  CHECK_FALSE(ByteDepthwiseKernel::fits(own));
}

}  // namespace offcut::exec::byte_depthwise_test
