#include "models/codec/choose.h"

#include <doctest/doctest.h>

namespace offcut::codec::choose_test {
namespace {

Registry<CodecKind> all_codecs() {
  Registry<CodecKind> registry;
  register_codecs(registry);
  return registry;
}

std::string refusal(const std::string& text) {
  try {
    make_codec(text, all_codecs());
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "accepted";
}

std::int64_t bound(const std::string& text) {
  return make_codec(text, all_codecs())->byte_bound({DataType::float32, {1, 8, 4, 4}});
}

TEST_CASE("choice of a codec: bytes of a tensor of 128 elements after a header of 6 bytes") {
  CHECK(bound("fp32") == 6 + 4 * 128);
  CHECK(bound("fp16") == 6 + 2 * 128);
  CHECK(bound("int8") == 6 + 8 + 128);              // One range.
  CHECK(bound("int8-channel") == 6 + 8 * 8 + 128);  // A range for each of 8 channels.
  CHECK(bound("int4") == 6 + 8 + 64);
  CHECK(bound("fixed:bits=12") == 6 + 3 + 192);
  CHECK(bound("power-of-two") == 6 + 3 + 64);
  CHECK(bound("kmeans:clusters=4") == 6 + 1 + 4 * 4 + 32);
  CHECK(bound("mixed") == 6 + 1 + 8 + 64 + 4 * 64);
  CHECK(bound("mixed:integers=0-2,7") == bound("mixed"));
  CHECK(bound("top-k:share=0.1") == 6 + 2 + 12 + 4 * 13);  // Indices of 7 bits and values, 13 each.
  CHECK(bound("int8+zstd") == bound("int8") + 1);
}

TEST_CASE("choice of a codec: a higher level takes longer to pack, but not to unpack") {
  double before = 0;
  for (int level = 1; level <= 22; ++level) {
    const auto codec = make_codec("int8+zstd:level=" + std::to_string(level), all_codecs());
    CHECK(codec->work().encode >= before);
    CHECK(codec->work().decode == make_codec("int8+zstd", all_codecs())->work().decode);
    before = codec->work().encode;
  }
  CHECK(before > 10 * make_codec("int8+zstd", all_codecs())->work().encode);
}

TEST_CASE("choice of a codec: errors suggest the nearest name") {
  CHECK(refusal("itn8") == "there is no codec 'itn8'; did you mean 'int8'?");
  CHECK(refusal("kmeans:cluster=4") ==
        "kmeans has no parameter 'cluster'; did you mean 'clusters'?");
  CHECK(refusal("int8:bits=4") == "int8 has no parameter 'bits'");
  CHECK(refusal("kmeans:clusters=0") == "clusters: expected 1 to 256, got '0'");
  CHECK(refusal("kmeans:clusters=2.5") == "clusters: expected a whole number, got 2.5");
  CHECK(refusal("kmeans:clusters=4,clusters=5") == "kmeans: parameter 'clusters' appears twice");
  CHECK(refusal("kmeans:4") == "expected parameters as kmeans:NAME=VALUE, got 'kmeans:4'");
  CHECK(refusal("fixed:p=1.5") == "p: expected a whole number from -127 to 149, got '1.5'");
  CHECK(refusal("mixed:integers=3-1") == "expected channels such as 0-3,7, got '3-1'");
  CHECK(refusal("int8+gzip") == "expected zstd after '+', got 'gzip'");
  CHECK(refusal("int8+zstd:level=99") == "level: expected 1 to 22, got '99'");
  CHECK(refusal("zstd") == "zstd packs another codec's bytes: write, for example, fp32+zstd");
}

TEST_CASE("choice of a codec: named channels must exist") {
  const auto codec = make_codec("mixed:integers=0-3,9", all_codecs());
  const Tensor tensor(TensorType{DataType::float32, {1, 8, 2, 2}});
  CHECK_THROWS_WITH_AS(codec->encode(tensor), "mixed: there is no channel 9 in a tensor of 8",
                       std::invalid_argument);
}

}  // namespace
}  // namespace offcut::codec::choose_test
