// Exact halves, equal magnitudes and equal distances: each codec compared with a naive one on
// tensors whose values lie on the boundaries between two codes, and half precision on all numbers.

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <bit>
#include <boost/random/uniform_int_distribution.hpp>
#include <cmath>
#include <map>

#include "models/base/random.h"
#include "models/codec/choose.h"
#include "naive_codecs.h"

namespace offcut::codec::ties_test {
namespace {

std::shared_ptr<const Codec> codec_of(const std::string& text) {
  static const Registry<CodecKind> kinds = [] {
    Registry<CodecKind> registry;
    register_codecs(registry);
    return registry;
  }();
  return make_codec(text, kinds);
}

std::vector<std::byte> encoded(const std::string& text, const Tensor& tensor) {
  return codec_of(text)->encode(tensor);
}

Values coded(const std::string& text, const Values& values, const Shape& shape) {
  const auto codec = codec_of(text);
  const Tensor tensor(shape, std::span<const float>(values));
  const std::vector<std::byte> bytes = codec->encode(tensor);
  CHECK(static_cast<std::int64_t>(bytes.size()) <= codec->byte_bound(tensor.type()));
  const Tensor decoded = codec->decode(bytes);
  CHECK(decoded.shape() == shape);
  const auto all = decoded.values<float>();
  const Values result(all.begin(), all.end());
  double worst = 0;
  for (std::size_t i = 0; i < result.size(); ++i) {
    worst = std::max(worst, std::abs(double{result[i]} - double{values[i]}));
  }
  CHECK(worst <= codec->error_bound(tensor));
  return result;
}

std::string text_of(const Values& values) {
  return fmt::format("{} values: {}", values.size(), fmt::join(values, " "));
}

class TieDraws {
 public:
  explicit TieDraws(std::uint64_t seed) : stream_(random_stream(seed, "ties")) {}
  int between(int least, int most) {
    return boost::random::uniform_int_distribution<int>(least, most)(stream_);
  }
  /// Draws zero to five axes, the extents of which may be 0 or 1.
  Shape shape() {
    Shape shape;
    for (int rank = between(0, 5); rank > 0; --rank) {
      shape.push_back(between(0, 20) == 0 ? 0 : between(1, 4));
    }
    return shape;
  }
  /// Draws multiples of half a step between two numbers of steps.
  Values halves(std::size_t count, double step, int least, int most) {
    Values values;
    for (std::size_t i = 0; i < count; ++i) {
      values.push_back(static_cast<float>(0.5 * step * between(2 * least, 2 * most)));
    }
    return values;
  }
  double step() { return std::ldexp(1.0, between(-6, 6)); }

 private:
  RandomStream stream_;
};

std::size_t size_of(const Shape& shape) { return static_cast<std::size_t>(elements(shape)); }

/// Returns the finite number of a format of 16 bits whose bits are these, by its definition.
double number_of(unsigned bits, int exponent_bits) {
  const int mantissa_bits = 15 - exponent_bits;
  const int bias = (1 << (exponent_bits - 1)) - 1;
  const int exponent = static_cast<int>(bits >> mantissa_bits) & ((1 << exponent_bits) - 1);
  const int mantissa = static_cast<int>(bits) & ((1 << mantissa_bits) - 1);
  const double magnitude =
      exponent == 0 ? std::ldexp(mantissa, 1 - bias - mantissa_bits)
                    : std::ldexp(mantissa + (1 << mantissa_bits), exponent - bias - mantissa_bits);
  return (bits & 0x8000U) != 0 ? -magnitude : magnitude;
}

/// Compares all numbers of a format, the midpoints between them, and the floats around these.
void check_all_numbers(const std::string& codec, int exponent_bits) {
  const unsigned finite = ((1U << exponent_bits) - 1) << (15 - exponent_bits);
  Values values, expected;
  const auto add = [&](double value, double nearest) {
    for (const double sign : {1.0, -1.0}) {
      values.push_back(static_cast<float>(sign * value));
      expected.push_back(static_cast<float>(sign * nearest));
    }
  };
  for (unsigned bits = 0; bits + 1 < finite; ++bits) {
    const double number = number_of(bits, exponent_bits);
    const double next = number_of(bits + 1, exponent_bits);
    const double middle = (number + next) / 2;
    add(number, number);
    if (static_cast<float>(middle) == middle) {  // Not below the smallest float.
      add(middle, bits % 2 == 0 ? number : next);
      add(std::nextafter(static_cast<float>(middle), 0.0F), number);
      add(std::nextafter(static_cast<float>(middle), HUGE_VALF), next);
    }
  }
  const double most = number_of(finite - 1, exponent_bits);
  for (const double beyond : {most, most * (1 + 0x1p-12), 0x1.fffffep127}) {
    add(beyond, most);
  }
  const Values result = coded(codec, values, {static_cast<std::int64_t>(values.size())});
  std::size_t differences = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    differences +=
        std::bit_cast<unsigned>(result[i]) == std::bit_cast<unsigned>(expected[i]) ? 0U : 1U;
  }
  CHECK(differences == 0);
}

}  // namespace

TEST_CASE("codec ties: half precision, all numbers and the midpoints between them") {
  check_all_numbers("fp16", 5);
}

TEST_CASE("codec ties: bfloat16, all numbers and the midpoints between them") {
  check_all_numbers("bfloat16", 8);
}

TEST_CASE("codec ties: affine integers, exact halves, in ranges of tensors and of channels") {
  for (std::uint64_t seed = 1; seed <= 500; ++seed) {
    TieDraws draws(seed);
    const Shape shape = draws.shape();
    for (const int bits : {4, 8}) {
      for (const bool per_channel : {false, true}) {
        const int most = (1 << bits) - 1, low = draws.between(-most, most);
        Values values = draws.halves(size_of(shape), draws.step(), low, low + most);
        const std::string codec = fmt::format("int{}{}", bits, per_channel ? "-channel" : "");
        // Two values of each channel are the ends of its range, so that its step is exact.
        std::map<std::size_t, int> seen;
        const double step = draws.step();
        for (std::size_t i = 0; i < values.size(); ++i) {
          const std::size_t channel =
              per_channel && shape.size() >= 3 ? naive_channel(shape, i) : 0;
          const double base = step * static_cast<double>(low + 3 * static_cast<int>(channel));
          const int nth = seen[channel]++;
          values[i] =
              static_cast<float>(base + step * (nth == 0   ? 0
                                                : nth == 1 ? most
                                                           : 0.5 * draws.between(0, 2 * most)));
        }
        INFO(codec << ": " << text_of(values));
        CHECK(coded(codec, values, shape) == naive_affine(values, shape, bits, per_channel));
      }
    }
  }
}

TEST_CASE("codec ties: fixed point, exact halves and values that fit exactly") {
  for (std::uint64_t seed = 1; seed <= 500; ++seed) {
    TieDraws draws(seed);
    const Shape shape = draws.shape();
    const int bits = draws.between(2, 10), p = draws.between(-5, 10);
    const int most = (1 << (bits - 1)) - 1;
    // Some overflow, by half a step or more.
    const Values values = draws.halves(size_of(shape), std::ldexp(1.0, -p), -most - 2, most + 2);
    INFO("bits " << bits << ", p " << p << ", " << text_of(values));
    CHECK(coded(fmt::format("fixed:bits={},p={}", bits, p), values, shape) ==
          naive_fixed(values, bits, &p));
    CHECK(coded(fmt::format("fixed:bits={}", bits), values, shape) ==
          naive_fixed(values, bits, nullptr));
    // The largest value fits exactly, or is too large by the least possible.
    const float fits = std::ldexp(static_cast<float>(most), -p);
    for (const float largest :
         {fits, std::nextafter(fits, HUGE_VALF), std::nextafter(fits, 0.0F)}) {
      const Values few = {largest, -largest / 2, 0, largest / 3};
      CHECK(coded(fmt::format("fixed:bits={}", bits), few, {4}) == naive_fixed(few, bits, nullptr));
    }
  }
}

TEST_CASE("codec ties: powers of two, around the border between two of them") {
  for (std::uint64_t seed = 1; seed <= 500; ++seed) {
    TieDraws draws(seed);
    const Shape shape = draws.shape();
    const int bits = draws.between(3, 8);
    Values values;
    for (std::size_t i = 0; i < size_of(shape); ++i) {
      const float power = std::ldexp(1.0F, draws.between(-20, 20));
      const float border = power * static_cast<float>(std::sqrt(2.0));
      const float all[] = {0,
                           power,
                           border,
                           std::nextafter(border, 0.0F),
                           std::nextafter(border, HUGE_VALF),
                           std::nextafter(power, 0.0F)};
      values.push_back(all[draws.between(0, 5)] * static_cast<float>(draws.between(0, 1) * 2 - 1));
    }
    INFO("bits " << bits << ", " << text_of(values));
    CHECK(coded(fmt::format("power-of-two:bits={}", bits), values, shape) ==
          naive_power_of_two(values, bits));
  }
  const Values ends = {0x1.fffffep127F, -0x1p127F, 0x1p-149F, 0x1p-126F};
  CHECK(coded("power-of-two:bits=8", ends, {4}) == naive_power_of_two(ends, 8));
}

TEST_CASE("codec ties: top-k, equal magnitudes and every share in percent") {
  for (int percent = 1; percent <= 100; ++percent) {
    TieDraws draws(static_cast<std::uint64_t>(percent));
    for (const int count : {0, 1, 2, 3, 10, 50, 100, 200}) {
      const Values values = draws.halves(static_cast<std::size_t>(count), 2, -2, 2);
      INFO("share " << percent << " %, " << text_of(values));
      CHECK(coded(fmt::format("top-k:share={}", percent / 100.0), values, {count}) ==
            naive_top_k(values, percent));
    }
  }
}

TEST_CASE("codec ties: k-means, values in the middle between two centroids") {
  for (std::uint64_t seed = 1; seed <= 500; ++seed) {
    TieDraws draws(seed);
    const int clusters = draws.between(1, 6), count = clusters * draws.between(0, 6);
    const Values values = draws.halves(static_cast<std::size_t>(count), 1, -6, 6);
    INFO(clusters << " clusters, " << text_of(values));
    CHECK(coded(fmt::format("kmeans:clusters={}", clusters), values, {count}) ==
          naive_kmeans(values, static_cast<std::size_t>(clusters)));
  }
}

TEST_CASE("codec ties: mixed, channels of equal size and every share in percent") {
  for (int percent = 0; percent <= 100; ++percent) {
    TieDraws draws(static_cast<std::uint64_t>(percent));
    for (const Shape& shape : {draws.shape(), Shape{1, 100}, Shape{1, 10, 2}, Shape{4}, Shape{}}) {
      // Steps are multiples of 1/2, so that they are exact, whatever the ends of the range.
      const Values values = draws.halves(size_of(shape), 255, -1, 1);
      INFO("share " << percent << " %, " << text_of(values));
      const std::string codec = fmt::format("mixed:share={}", percent / 100.0);
      CHECK(coded(codec, values, shape) == naive_mixed(values, shape, percent));
      const std::size_t channels = shape.empty() ? 1 : size_of({shape[shape.size() > 1 ? 1 : 0]});
      if (size_of(shape) > 0) {
        const std::size_t run = size_of(shape) / channels;
        const std::size_t integers = channels * static_cast<std::size_t>(percent) / 100 * run;
        CHECK(encoded(codec, Tensor(shape, std::span<const float>(values))).size() ==
              2 + shape.size() + (channels + 7) / 8 + 8 + 4 * size_of(shape) - 3 * integers);
      }
    }
  }
}

}  // namespace offcut::codec::ties_test
