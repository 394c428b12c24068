// Checks values that are computed by hand.

#include <doctest/doctest.h>

#include "models/codec/choose.h"

namespace offcut::codec::values_test {
namespace {

std::vector<float> coded(const std::string& text, const std::vector<float>& values, Shape shape) {
  Registry<CodecKind> registry;
  register_codecs(registry);
  const auto codec = make_codec(text, registry);
  const Tensor decoded = codec->decode(codec->encode(Tensor(std::move(shape), std::span(values))));
  const auto all = decoded.values<float>();
  return {all.begin(), all.end()};
}

std::vector<float> coded(const std::string& text, const std::vector<float>& values) {
  return coded(text, values, {static_cast<std::int64_t>(values.size())});
}

using Floats = std::vector<float>;

TEST_CASE("codec values: affine integers on [0, 15] are exact in 4 bits, and others are rounded") {
  CHECK(coded("int4", {0, 15, 7, 7.4F, 7.6F}) == Floats{0, 15, 7, 7, 8});
  CHECK(coded("int8", {-255, 0, -0.4F, -254.6F}) == Floats{-255, 0, 0, -255});
}

TEST_CASE("codec values: a range for each channel keeps small channels exact") {
  const Floats values = {0, 15, 3, 8, 0, 1500, 300, 800};
  CHECK(coded("int4-channel", values, {1, 2, 2, 2}) == values);
  CHECK(coded("int4", values, {1, 2, 2, 2}) == Floats{0, 0, 0, 0, 0, 1500, 300, 800});
}

TEST_CASE("codec values: fixed point takes the finest step at which nothing overflows") {
  // In 8 bits, the most is 127: 1.5 * 2^6 = 96 fits, 1.5 * 2^7 would not. The step is 1/64.
  CHECK(coded("fixed", {1.5F, -1.5F, 0.01F, 0.005F}) == Floats{1.5F, -1.5F, 1.0F / 64, 0});
  // With p = 2 the step is 1/4 and the largest value 31.75.
  CHECK(coded("fixed:p=2", {100, -100, 0.3F}) == Floats{31.75F, -31.75F, 0.25F});
}

TEST_CASE("codec values: the powers of two with the nearest logarithm, seven of them in 4 bits") {
  // The border between 1 and 2 is sqrt(2) = 1.414. The window has 64 to 1, but not less.
  CHECK(coded("power-of-two", {64, -1.41F, 1.42F, 1, 0.5F, 0}) == Floats{64, -1, 2, 1, 0, 0});
}

TEST_CASE("codec values: logarithmic levels are powers of 2 if the window has as many octaves") {
  // There are three levels in 3 bits, from 1 to 4.
  CHECK(coded("log:bits=3", {1, 2, -4, 3, 0}) == Floats{1, 2, -4, 4, 0});
  // The lowest level is 1/16: half of it belongs to that level, and less to 0.
  CHECK(coded("log:octaves=4", {1, 1.0F / 32, -1.0F / 32, 1.0F / 33}) ==
        Floats{1, 1.0F / 16, -1.0F / 16, 0});
}

TEST_CASE("codec values: signs have the mean magnitude") {
  CHECK(coded("signs", {1, -3, 0, 4}) == Floats{2, -2, 2, 2});
  CHECK(coded("signs", {0, 0}) == Floats{0, 0});
}

TEST_CASE("codec values: qsgd is exact on its levels, of each bucket") {
  // The norms are 5 and 10; a quarter of 10 is the finest level.
  CHECK(coded("qsgd:levels=5,bucket=2", {3, -4, 0, 10}) == Floats{3, -4, 0, 10});
}

TEST_CASE("codec values: k-means finds clusters, and an outlier gets its own") {
  CHECK(coded("kmeans:clusters=2", {1, 2, 3, 100}) == Floats{2, 2, 2, 100});
  CHECK(coded("kmeans:clusters=4", {5, 5, 5, 5}) == Floats{5, 5, 5, 5});
}

TEST_CASE("codec values: top-k keeps the largest magnitudes, the first among equal ones") {
  CHECK(coded("top-k:share=0.4", {1, -9, 3, 3, 0}) == Floats{0, -9, 3, 0, 0});
}

TEST_CASE("codec values: mixed encodes the named channels as integers and leaves the others") {
  const Floats values = {0.1F, 25.5F, 12.34F, 0.77777F};
  CHECK(coded("mixed:integers=0", values, {1, 2, 1, 2}) ==
        Floats{0.1F, 25.5F, 12.34F, 0.77777F});  // The ends of a range are exact.
  CHECK(coded("mixed:share=0.5", {0, 25.5F, 1000.1F, 4}, {1, 2, 1, 2}) ==
        Floats{0, 25.5F, 1000.1F, 4});
  CHECK(coded("mixed:share=0.5", {0, 25.5F, 12.33F, 1000.1F, 4, 5}, {1, 2, 1, 3})[2] ==
        doctest::Approx(12.3F));
}

TEST_CASE("codec values: a value too large for half precision becomes its largest number") {
  CHECK(coded("fp16", {1e9F, 1 + 0x1p-12F}) == Floats{65504, 1});
  CHECK(coded("bfloat16", {1 + 0x1p-9F, -3}) == Floats{1, -3});
}

}  // namespace
}  // namespace offcut::codec::values_test
