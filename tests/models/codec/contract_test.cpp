// The contract of all codecs, on tensors that are difficult for them.

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "models/codec/choose.h"
#include "tests/models/codec/random_tensor.h"

namespace offcut::codec::contract_test {
namespace {

constexpr int kTensors = 10'000;

Registry<CodecKind> all_codecs() {
  Registry<CodecKind> registry;
  register_codecs(registry);
  return registry;
}

/// Returns each kind with its defaults, some with other parameters, and each packed with zstd.
std::vector<std::string> all_choices(const Registry<CodecKind>& registry) {
  std::vector<std::string> choices = registry.names();
  for (const char* more :
       {"fixed:bits=16", "fixed:bits=3,p=4", "fixed:p=-127", "fixed:p=149", "kmeans:clusters=1",
        "kmeans:clusters=2", "kmeans:clusters=256", "log:bits=3", "log:octaves=1",
        "log:bits=12,octaves=300", "mixed:share=0", "mixed:share=1", "mixed:integers=0",
        "power-of-two:bits=3", "power-of-two:bits=8", "qsgd:levels=1",
        "qsgd:levels=32767,bucket=3", "qsgd:bucket=1,seed=7", "top-k:share=1", "top-k:share=0.0001",
        "top-k:share=60 %"}) {
    choices.emplace_back(more);
  }
  for (const std::string& name : registry.names()) {
    choices.push_back(name + "+zstd:level=1");
  }
  return choices;
}

/// Returns the largest difference; infinite if a decoded element is not finite.
double largest_error(const Tensor& tensor, const Tensor& decoded) {
  double worst = 0;
  for (std::size_t i = 0; i < tensor.values<float>().size(); ++i) {
    const double error =
        std::abs(double{tensor.values<float>()[i]} - double{decoded.values<float>()[i]});
    worst = std::max(worst, std::isfinite(error) ? error : HUGE_VAL);
  }
  return worst;
}

TEST_CASE("codecs: each kind of difficult tensor is frequent among the 10,000 tensors") {
  int empty = 0;
  int scalars = 0;
  int constant = 0;
  int denormal = 0;
  int outlier = 0;
  int huge = 0;
  RandomTensors tensors(1);
  for (int i = 0; i < kTensors; ++i) {
    const Tensor tensor = tensors.next();
    std::vector<float> sizes;
    for (const float value : tensor.values<float>()) {
      sizes.push_back(std::abs(value));
    }
    std::sort(sizes.begin(), sizes.end());
    const std::size_t count = sizes.size();
    empty += count == 0 ? 1 : 0;
    scalars += tensor.shape().empty() ? 1 : 0;
    if (count > 1) {
      constant += sizes.front() == sizes.back() && sizes.front() > 0 ? 1 : 0;
      denormal += std::fpclassify(sizes.back()) == FP_SUBNORMAL ? 1 : 0;
      outlier += sizes[count - 1] > 1e5F * sizes[count - 2] && sizes[count - 2] > 0 ? 1 : 0;
      huge += sizes.back() == std::numeric_limits<float>::max() ? 1 : 0;
    }
  }
  for (const int kind : {empty, scalars, constant, denormal, outlier, huge}) {
    CHECK(kind >= kTensors / 50);
  }
}

TEST_CASE("codecs: 10,000 tensors are decoded within the error bound, from at most the byte bound" *
          doctest::test_suite("slow")) {
  const Registry<CodecKind> registry = all_codecs();
  for (const std::string& choice : all_choices(registry)) {
    CAPTURE(choice);
    const auto codec = make_codec(choice, registry);
    RandomTensors tensors(1);
    for (int i = 0; i < kTensors; ++i) {
      const Tensor tensor = tensors.next();
      if (choice == "mixed:integers=0" && tensor.shape().size() >= 1 && tensor.size() == 0) {
        continue;  // Some of these have no channel 0.
      }
      const auto bytes = codec->encode(tensor);
      const Tensor decoded = codec->decode(bytes);
      const double bound = codec->error_bound(tensor);
      const double error =
          decoded.type() == tensor.type() ? largest_error(tensor, decoded) : HUGE_VAL;
      const auto most = codec->byte_bound(tensor.type());
      if (!(error <= bound) || static_cast<std::int64_t>(bytes.size()) > most) {
        FAIL_CHECK(fmt::format("tensor {} ({}): error {} of {}, {} bytes of {}", i,
                               to_text(tensor.type()), error, bound, bytes.size(), most));
        break;
      }
    }
  }
}

TEST_CASE("codecs: the same tensor gives the same bytes, which are self-describing") {
  const Registry<CodecKind> registry = all_codecs();
  for (const std::string& choice : all_choices(registry)) {
    CAPTURE(choice);
    RandomTensors tensors(2);
    for (int i = 0; i < 50; ++i) {
      const Tensor tensor = tensors.next();
      const auto codec = make_codec(choice, registry);
      if (tensor.size() == 0) {
        continue;
      }
      const auto bytes = codec->encode(tensor);
      REQUIRE(make_codec(choice, registry)->encode(tensor) == bytes);
      const Tensor one = codec->decode(bytes);
      const Tensor other = decode(bytes, registry);
      REQUIRE(one.type() == other.type());
      REQUIRE(std::ranges::equal(one.bytes(), other.bytes()));
    }
  }
}

TEST_CASE("codecs: NaN and infinity are refused, and the error has the element's index") {
  const Registry<CodecKind> registry = all_codecs();
  for (const std::string& choice : all_choices(registry)) {
    CAPTURE(choice);
    const auto codec = make_codec(choice, registry);
    std::vector<float> values = {0, 1, std::nanf(""), 3};
    CHECK_THROWS_WITH_AS(codec->encode(Tensor({4}, std::span<const float>(values))),
                         "element 2 is NaN; codecs take finite numbers", std::invalid_argument);
    values = {0, -HUGE_VALF, 2, 3};
    CHECK_THROWS_WITH_AS(codec->encode(Tensor({4}, std::span<const float>(values))),
                         "element 1 is infinite; codecs take finite numbers",
                         std::invalid_argument);
  }
}

TEST_CASE("codecs: tensors of other types pass unchanged") {
  const Registry<CodecKind> registry = all_codecs();
  const std::vector<std::int64_t> tokens = {-1, 50256, 1LL << 40};
  const Tensor tensor({1, 3}, std::span<const std::int64_t>(tokens));
  for (const std::string& choice : all_choices(registry)) {
    CAPTURE(choice);
    const auto codec = make_codec(choice, registry);
    const auto bytes = codec->encode(tensor);
    CHECK(codec->error_bound(tensor) == 0);
    CHECK(static_cast<std::int64_t>(bytes.size()) <= codec->byte_bound(tensor.type()));
    const Tensor decoded = codec->decode(bytes);
    CHECK(decoded.type() == tensor.type());
    CHECK(std::ranges::equal(decoded.bytes(), tensor.bytes()));
  }
}

TEST_CASE("codecs: truncated or damaged bytes are refused or decoded, without a crash") {
  const Registry<CodecKind> registry = all_codecs();
  RandomStream stream = random_stream(3, "damage");
  for (const std::string& choice : all_choices(registry)) {
    CAPTURE(choice);
    const auto codec = make_codec(choice, registry);
    const std::vector<float> values = {1, -2, 3, 0.5F, 7, 0, 0, 9};
    const auto bytes = codec->encode(Tensor({1, 2, 4}, std::span<const float>(values)));
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      CHECK_THROWS_AS(codec->decode(std::span(bytes).first(size)), std::invalid_argument);
    }
    auto longer = bytes;
    longer.push_back(std::byte{0});
    CHECK_THROWS_AS(codec->decode(longer), std::invalid_argument);
    for (int i = 0; i < 500; ++i) {
      auto damaged = bytes;
      damaged[stream() % damaged.size()] = static_cast<std::byte>(stream());
      try {
        codec->decode(damaged);
      } catch (const std::invalid_argument&) {
      }
    }
  }
}

TEST_CASE("codecs: zstd adds at most its header to a tensor, and shrinks repeating bytes" *
          doctest::test_suite("slow")) {
  const Registry<CodecKind> registry = all_codecs();
  for (const std::string& name : registry.names()) {
    CAPTURE(name);
    const auto plain = make_codec(name, registry);
    const auto packed = make_codec(name + "+zstd", registry);
    RandomTensors tensors(4);
    for (int i = 0; i < kTensors; ++i) {
      const Tensor tensor = tensors.next();
      REQUIRE(packed->encode(tensor).size() <= plain->encode(tensor).size() + 1);
    }
  }
  const Tensor zeros(TensorType{DataType::float32, {1, 8, 32, 32}});
  CHECK(make_codec("fp32+zstd", registry)->encode(zeros).size() < 64);
  CHECK(make_codec("int8+zstd", registry)->encode(zeros).size() < 64);
}

}  // namespace
}  // namespace offcut::codec::contract_test
