// Encoded weights decode to the same bits, and take as many bytes as the formats say.

#include "models/compress/forms.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <queue>

#include "models/compress/huffman.h"
#include "models/compress/size.h"
#include "tests/compress/networks.h"

namespace offcut::compress::forms_test {
namespace {

/// Weights of which a share is 0, with so many values (0: all differ).
Tensor drawn_weights(std::int64_t count, double zeros, std::size_t values, std::uint64_t seed) {
  RandomStream stream = random_stream(seed, "weights");
  Tensor tensor(TensorType{DataType::float32, {count}});
  for (float& weight : tensor.values<float>()) {
    const double drawn = static_cast<double>(stream() % 1'000'000) / 1e6;
    const std::uint64_t value = values == 0 ? stream() % 100'000'000 : stream() % values;
    weight = drawn < zeros ? 0.0F : 0.01F * static_cast<float>(value + 1);
  }
  return tensor;
}

bool is_same(const Tensor& a, const Tensor& b) {
  return a.type() == b.type() &&
         std::equal(a.bytes().begin(), a.bytes().end(), b.bytes().begin(), b.bytes().end());
}

double entropy_bits(const std::vector<std::uint64_t>& counts) {
  double all = 0;
  for (const std::uint64_t count : counts) {
    all += static_cast<double>(count);
  }
  double bits = 0;
  for (const std::uint64_t count : counts) {
    bits -=
        count > 0 ? static_cast<double>(count) * std::log2(static_cast<double>(count) / all) : 0;
  }
  return bits;
}

}  // namespace

TEST_CASE("forms: every form decodes to the same bits, for all kinds of weights") {
  for (const std::int64_t count : {1, 7, 1000, 20000}) {
    for (const double zeros : {0.0, 0.5, 0.95, 1.0}) {
      for (const std::size_t values : {0U, 1U, 2U, 3U, 16U, 31U, 255U, 256U, 300U}) {
        CAPTURE(count);
        CAPTURE(zeros);
        CAPTURE(values);
        const Tensor weights = drawn_weights(count, zeros, values, 3);
        std::size_t before = 4 * static_cast<std::size_t>(count) + 1;
        for (const Form form : kForms) {
          const std::vector<std::byte> bytes = encode(weights, form);
          CHECK(is_same(decode(bytes, weights.shape()), weights));
          CHECK(bytes.size() <=
                (form == Form::zstd ? 4 * static_cast<std::size_t>(count) + 1 : before));
          before = bytes.size();
        }
      }
    }
  }
}

TEST_CASE("forms: weights on grids of channels are coded by levels, and decode to the same bits") {
  Tensor weights = drawn_weights(64 * 40, 0, 0, 9).reshaped({64, 40});
  for (const int bits : {2, 4, 8}) {
    const Grid grid = grid_for(weights, {.bits = bits, .channel_axis = {0}});
    const Tensor rounded = rounded_to(grid, weights);
    for (const Form form : {Form::codebook, Form::huffman, Form::zstd}) {
      const std::vector<std::byte> bytes = encode(rounded, form, &grid);
      CHECK(is_same(decode(bytes, rounded.shape()), rounded));
      // Codes, a scale for each channel, the values of the levels, and a few bytes of headers.
      CHECK(bytes.size() <=
            static_cast<std::size_t>(64 * 40 * bits / 8 + 64 * 4 + (4 << bits) + 16));
    }
    // A grid that the weights do not lie on is of no use.
    CHECK(is_same(decode(encode(weights, Form::codebook, &grid), weights.shape()), weights));
  }
}

TEST_CASE("forms: signed zeros and all other floats survive") {
  const std::vector<float> values = {-0.0F, 0.0F, 1e-40F, -1e30F, 0.0F, 0.0F, 3.0F, -0.0F};
  const Tensor weights({8}, std::span<const float>(values));
  for (const Form form : kForms) {
    CHECK(is_same(decode(encode(weights, form), {8}), weights));
  }
}

TEST_CASE("forms: bytes that are damaged are refused or decode to something, but never crash") {
  const Tensor weights = drawn_weights(500, 0.8, 16, 4);
  for (const Form form : kForms) {
    const std::vector<std::byte> bytes = encode(weights, form);
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      std::vector<std::byte> damaged = bytes;
      damaged[i] ^= std::byte{0x55};
      try {
        decode(damaged, {500});
      } catch (const std::invalid_argument&) {
      }
      damaged.resize(i);
      CHECK_THROWS_AS(decode(damaged, {500}), std::invalid_argument);
    }
  }
}

TEST_CASE("forms: the bytes are those of the formats") {
  // 4,096 weights, of which every 8th is one of 16 values: 512 gaps of 7 zeros in 3 bits, where 7
  // stands for a filler, or in 4 bits; 512 codes of 4 bits.
  Tensor weights(TensorType{DataType::float32, {4096}});
  for (std::size_t i = 7; i < 4096; i += 8) {
    weights.values<float>()[i] = static_cast<float>(1 + i / 8 % 16);
  }
  const std::size_t header = 1 + 1 + 2;  // Tag, bits of a gap, number of gaps.
  CHECK(encode(weights, Form::sparse).size() == header + 512 * 4 / 8 + 512 * 4);
  const std::size_t book = 1 + 16 * 4 + 1 + 1;  // Its length, values; bits of a gap and of a code.
  CHECK(encode(weights, Form::codebook).size() == header + book + 512 * 4 / 8 + 512 * 4 / 8);
  const Size size = size_of(weights);
  CHECK(size.weights == 4096);
  CHECK(size.nonzero == 512);
  CHECK(size.dense_bytes == 4 * 4096);
  CHECK(size.compact_bytes() <= size.huffman_bytes);
}

TEST_CASE("Huffman: within a bit per symbol of the entropy, and optimal beside all other lengths") {
  RandomStream stream = random_stream(8, "counts");
  for (int round = 0; round < 200; ++round) {
    std::vector<std::uint64_t> counts(1 + stream() % 40);
    for (std::uint64_t& count : counts) {
      count = stream() % 3 == 0 ? 0 : stream() % 1000;
    }
    const std::vector<int> lengths = huffman_lengths(counts);
    double bits = 0;
    double kraft = 0;
    double symbols = 0;
    for (std::size_t i = 0; i < counts.size(); ++i) {
      CHECK((counts[i] == 0) == (lengths[i] == 0));
      bits += static_cast<double>(counts[i]) * lengths[i];
      kraft += lengths[i] > 0 ? std::exp2(-lengths[i]) : 0;
      symbols += static_cast<double>(counts[i]);
    }
    CHECK(kraft <= 1);
    CHECK(bits >= entropy_bits(counts) - 1e-9);
    CHECK(bits <= entropy_bits(counts) + symbols);
    // The optimal sum is that of all merged pairs, whatever the tree looks like.
    std::priority_queue<double, std::vector<double>, std::greater<>> open;
    for (const std::uint64_t count : counts) {
      if (count > 0) {
        open.push(static_cast<double>(count));
      }
    }
    double best = open.size() == 1 ? open.top() : 0;
    while (open.size() > 1) {
      double pair = open.top();
      open.pop();
      pair += open.top();
      open.pop();
      best += pair;
      open.push(pair);
    }
    CHECK(bits == best);
  }
}

TEST_CASE("Huffman: symbols come back, and a lone symbol takes a bit") {
  const std::vector<std::uint8_t> lone(100, 5);
  codec::ByteWriter out;
  write_huffman(lone, 8, out);
  const std::vector<std::byte> bytes = out.take();
  CHECK(bytes.size() == (8 + 6 + 100 + 7) / 8);
  codec::ByteReader in(bytes);
  CHECK(read_huffman(100, 8, in) == lone);
}

TEST_CASE("sizes: a network's are the sums of its parameters, and fall with each pass") {
  Network network{.graph = lenet5()};
  const Size before = size_of(network);
  CHECK(before.weights == 61706);
  CHECK(before.macs == 416520);
  CHECK(before.dense_bytes == 4 * 61706);
  double compact = before.compact_bytes();
  for (const char* const pass : {"magnitude:rate=0.5", "magnitude:rate=0.9", "kmeans:bits=5",
                                 "kmeans:bits=2", "magnitude:rate=0.98"}) {
    CAPTURE(pass);
    network = applied(pass, network);
    const Size after = size_of(network);
    CHECK(after.compact_bytes() < compact);
    compact = after.compact_bytes();
  }
  const std::vector<LayerSize> layers = layer_sizes(network);
  REQUIRE(layers.size() == 5);
  double weights = 0;
  for (const LayerSize& layer : layers) {
    weights += layer.size.weights;
    CHECK(layer.values <= 4);
  }
  CHECK(weights == 61706);
}

}  // namespace offcut::compress::forms_test
