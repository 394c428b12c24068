// Our own kernels for depthwise convolutions and products of bytes, against loops over integers.

#include "models/exec/byte_depthwise.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "models/base/random.h"
#include "models/exec/byte_product.h"

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

ByteResults drawn_results(Draw& draw) {
  ByteResults results{.zero = static_cast<int>(draw(-9, 9)),
                      .low = static_cast<int>(draw(-128, 20)),
                      .high = static_cast<int>(draw(30, 127)),
                      .makes_unsigned = draw(0, 1) == 1};
  if (results.makes_unsigned) {
    results.low = std::max(results.low, 0);
    results.high += 128;
    results.zero += 100;
  }
  return results;
}

void add_channel(ByteResults& results, Draw& draw) {
  results.factors.push_back(static_cast<float>(draw(1, 1000)) * 1e-5F);
  results.offsets.push_back(static_cast<float>(draw(-1000, 1000)) * 0.01F);
}

/// Returns whether the byte is the result of the sum; where that lies in the middle between two
/// integers, up to float32's rounding, either is right.
bool is_result(std::byte found, const ByteResults& own, std::int64_t sum, std::int64_t channel) {
  constexpr double kRounding = 1e-4;
  const auto c = static_cast<std::size_t>(channel);
  const double real = static_cast<double>(sum) * static_cast<double>(own.factors[c]) +
                      static_cast<double>(own.offsets[c]);
  const int integer =
      own.makes_unsigned ? std::to_integer<int>(found) : static_cast<std::int8_t>(found);
  const auto limited = [&](double value) {
    return std::clamp(static_cast<int>(std::nearbyint(value)) + own.zero, own.low, own.high);
  };
  return integer == limited(real - kRounding) || integer == limited(real + kRounding);
}

std::vector<std::uint8_t> drawn_bytes_of(std::int64_t count, Draw& draw) {
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(count));
  for (std::uint8_t& byte : bytes) {
    byte = static_cast<std::uint8_t>(draw(0, 255));
  }
  return bytes;
}

ByteDepthwise drawn_convolution(Draw& draw) {
  ByteDepthwise own{.images = draw(1, 2),
                    .channels = draw(32, 100),
                    .rows = drawn_axis(draw),
                    .columns = drawn_axis(draw),
                    .zero = static_cast<std::uint8_t>(draw(0, 255)),
                    .results = drawn_results(draw)};
  for (std::int64_t i = 0; i < own.channels * own.rows.kernel * own.columns.kernel; ++i) {
    own.weights.push_back(static_cast<std::int8_t>(draw(-64, 64)));
  }
  for (std::int64_t c = 0; c < own.channels; ++c) {
    add_channel(own.results, draw);
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

/// Checks all results of the kernel, whose rows are computed in two parts.
void check_convolution(const ByteDepthwise& own, Draw& draw) {
  const auto x = drawn_bytes_of(own.images * own.rows.in * own.columns.in * own.channels, draw);
  const ByteDepthwiseKernel kernel(own);
  std::vector<std::byte> y(
      static_cast<std::size_t>(own.images * own.rows.out * own.columns.out * own.channels));
  std::vector<std::byte> scratch(kernel.scratch_bytes());
  const std::int64_t part = draw(0, kernel.rows());
  kernel.run(x.data(), y.data(), scratch.data(), part, kernel.rows());
  kernel.run(x.data(), y.data(), scratch.data(), 0, part);
  std::size_t at = 0;
  int wrong = 0;
  for (std::int64_t image = 0; image < own.images; ++image) {
    for (std::int64_t row = 0; row < own.rows.out; ++row) {
      for (std::int64_t column = 0; column < own.columns.out; ++column) {
        for (std::int64_t c = 0; c < own.channels; ++c, ++at) {
          const std::int64_t sum = window_sum(own, x, image, row, column, c);
          wrong += is_result(y[at], own.results, sum, c) ? 0 : 1;
        }
      }
    }
  }
  CHECK(at == y.size());
  CHECK(wrong == 0);
}

/// Checks a product of rows, of any sizes.
void check_product(Draw& draw) {
  ByteProduct own{.depth = 4 * draw(1, 40),
                  .filters = draw(1, 100),
                  .zero = static_cast<std::uint8_t>(draw(0, 255)),
                  .results = drawn_results(draw)};
  for (std::int64_t i = 0; i < own.filters * own.depth; ++i) {
    own.weights.push_back(static_cast<std::int8_t>(draw(-64, 64)));
  }
  for (std::int64_t i = 0; i < own.filters; ++i) {
    add_channel(own.results, draw);
  }
  REQUIRE(ByteProductKernel::fits(own));
  const std::int64_t rows = draw(1, 11);
  const auto x = drawn_bytes_of(rows * own.depth, draw);
  std::vector<std::byte> y(static_cast<std::size_t>(rows * own.filters));
  ByteProductKernel(own).run(x.data(), y.data(), rows);
  int wrong = 0;
  for (std::int64_t row = 0; row < rows; ++row) {
    for (std::int64_t filter = 0; filter < own.filters; ++filter) {
      std::int64_t sum = 0;
      for (std::int64_t k = 0; k < own.depth; ++k) {
        sum += (std::int64_t{x[static_cast<std::size_t>(row * own.depth + k)]} - own.zero) *
               own.weights[static_cast<std::size_t>(filter * own.depth + k)];
      }
      const std::byte found = y[static_cast<std::size_t>(row * own.filters + filter)];
      wrong += is_result(found, own.results, sum, filter) ? 0 : 1;
    }
  }
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

TEST_CASE("byte product: equals sums of integers, for any depth, filters and limits") {
  Draw draw{random_stream(3, "byte product")};
  if (!ByteDepthwiseKernel::fits(drawn_convolution(draw))) {
    MESSAGE("offcut was compiled without AVX2");
    return;
  }
  for (int i = 0; i < 100; ++i) {
    CAPTURE(i);
    check_product(draw);
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
  own.results.factors[0] = 1e10F;
  CHECK_FALSE(ByteDepthwiseKernel::fits(own));
  own.results.factors[0] = NAN;
  CHECK_FALSE(ByteDepthwiseKernel::fits(own));
}

}  // namespace offcut::exec::byte_depthwise_test
