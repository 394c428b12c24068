// Codecs of updates: real bytes, error feedback, and the two codecs that are meant for updates.

#include "sim/training/update_codec.h"

#include <doctest/doctest.h>

#include <boost/random/normal_distribution.hpp>
#include <cmath>

#include "models/base/error.h"
#include "models/base/random.h"
#include "models/codec/choose.h"
#include "tests/training/given.h"
#include "tests/training/given_job.h"

namespace offcut::training::update_codec_test {
namespace {

std::shared_ptr<const codec::Codec> codec_of(const std::string& text) {
  static const Registry<codec::CodecKind> kinds = [] {
    Registry<codec::CodecKind> registry;
    codec::register_codecs(registry);
    return registry;
  }();
  return codec::make_codec(text, kinds);
}

State random_update(std::uint64_t seed, std::size_t size) {
  RandomStream stream = random_stream(seed, "update");
  boost::random::normal_distribution<double> normal;
  State state(size);
  for (float& value : state) {
    value = static_cast<float>(normal(stream));
  }
  return state;
}

TEST_CASE("error feedback: what is decoded and what is left add up to all updates") {
  GivenJob given("rounds", {10});
  const Layout& layout = given.trainer().layout();
  for (const char* text : {"top-k:share=0.05", "signs", "top-k:share=0.1+zstd"}) {
    CAPTURE(text);
    UpdateCodec codec(codec_of(text), layout);
    std::vector<double> updates(layout.size()), decoded(layout.size());
    for (std::uint64_t round = 0; round < 60; ++round) {
      const State update = random_update(round, layout.size());
      UpdateCodec::Encoded encoded = codec.encode(7, update);
      for (std::size_t k = 0; k < updates.size(); ++k) {
        updates[k] += double{update[k]};
        decoded[k] += double{encoded.decoded[k]};
      }
      CHECK(encoded.bytes < layout.bytes());
      codec.keep(7, std::move(encoded.residual));
    }
    double left = 0;
    for (std::size_t k = 0; k < updates.size(); ++k) {
      const double residual = double{(*codec.residual(7))[k]};
      CHECK(decoded[k] + residual == doctest::Approx(updates[k]).epsilon(1e-4).scale(10));
      left = std::max(left, std::abs(residual));
    }
    CHECK(left < 40);  // It stays bounded: every value's turn comes.
    CHECK(codec.residual(6) == nullptr);
  }
}

TEST_CASE("error feedback: an update that does not count leaves the residual as it was") {
  GivenJob given("rounds", {10});
  UpdateCodec codec(codec_of("top-k:share=0.1"), given.trainer().layout());
  const State update = random_update(1, given.trainer().layout().size());
  codec.keep(0, codec.encode(0, update).residual);
  const State before = *codec.residual(0);
  (void)codec.encode(0, update);
  CHECK(*codec.residual(0) == before);
}

TEST_CASE("error feedback: codecs without it keep nothing, and plain updates have their size") {
  GivenJob given("rounds", {10});
  const Layout& layout = given.trainer().layout();
  const State update = random_update(1, layout.size());
  for (const char* text : {"int8", "qsgd", "fp16"}) {
    CHECK(UpdateCodec(codec_of(text), layout).encode(0, update).residual.empty());
  }
  const UpdateCodec plain(nullptr, layout);
  CHECK(plain.encode(0, update).decoded == update);
  CHECK(plain.encode(0, update).bytes == layout.bytes());
  CHECK(plain.bound() == layout.bytes());
  State invalid = update;
  invalid[3] = NAN;
  CHECK_THROWS_AS(UpdateCodec(codec_of("int8"), layout).encode(0, invalid), InputError);
}

TEST_CASE("error feedback: top-k of a twentieth trains as well as whole updates do") {
  GivenJob given("rounds", {30, 30, 30});
  given.job.settings.rounds = 40;
  given.job.settings.rate = 0.3;
  const TrainingRecord whole = given.run(two_tiers(3));
  for (const char* text : {"top-k:share=0.05", "signs", "qsgd"}) {
    CAPTURE(text);
    given.use_codec(text);
    const TrainingRecord coded = given.run(two_tiers(3));
    CHECK(coded.rounds.back().bytes_up < whole.rounds.back().bytes_up);
    CHECK(*coded.accuracy > *whole.accuracy - 0.05);
  }
}

TEST_CASE("qsgd: the mean over seeds is the value, with the paper's bound on the variance") {
  const std::size_t size = 40;
  const State values = random_update(4, size);
  const Tensor tensor({static_cast<std::int64_t>(size)}, std::span<const float>(values));
  double squares = 0;
  for (const float value : values) {
    squares += double{value} * double{value};
  }
  const double norm = std::sqrt(squares);
  constexpr int kSeeds = 4000, kLevels = 4;
  std::vector<double> sum(size);
  double variance = 0;
  for (int seed = 0; seed < kSeeds; ++seed) {
    const auto codec = codec_of("qsgd:levels=4,seed=" + std::to_string(seed));
    const Tensor decoded = codec->decode(codec->encode(tensor));
    for (std::size_t i = 0; i < size; ++i) {
      const double value = double{decoded.values<float>()[i]};
      const double level = value / norm * kLevels;
      CHECK(std::abs(level - std::round(level)) < 1e-5);
      sum[i] += value;
      variance += (value - double{values[i]}) * (value - double{values[i]});
    }
  }
  for (std::size_t i = 0; i < size; ++i) {
    // A rounding's deviation is at most half a step.
    CHECK(std::abs(sum[i] / kSeeds - double{values[i]}) <
          5 * norm / kLevels / 2 / std::sqrt(kSeeds));
  }
  // Lemma 3.1: at most min(n / s^2, sqrt(n) / s) norm^2.
  CHECK(variance / kSeeds <= std::min(40.0 / 16, std::sqrt(40.0) / 4) * squares);
}

TEST_CASE("qsgd: another tensor is rounded anew, and single values of a bucket are exact") {
  const auto codec = codec_of("qsgd:levels=1,bucket=1");
  const State values = random_update(5, 20);
  const Tensor tensor({20}, std::span<const float>(values));
  const Tensor decoded = codec->decode(codec->encode(tensor));
  for (std::size_t i = 0; i < values.size(); ++i) {
    CHECK(decoded.values<float>()[i] == values[i]);
  }
}

}  // namespace
}  // namespace offcut::training::update_codec_test
