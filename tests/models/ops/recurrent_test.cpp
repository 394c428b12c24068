// LSTM, GRU and RNN against loops over single numbers, in every direction and layout, with samples
// of different lengths.

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "tests/models/ops/one_layer.h"

namespace offcut::ops::recurrent_test {
namespace {

constexpr std::int64_t kSteps = 4;
constexpr std::int64_t kBatch = 3;
constexpr std::int64_t kInputs = 2;
constexpr std::int64_t kHidden = 5;

struct Setup {
  std::string op;
  std::int64_t gates;
  std::string direction = "forward";
  bool batch_first = false;
  bool linear_before_reset = false;
  bool coupled = false;
  std::vector<std::int32_t> lengths = {4, 2, 0};

  std::int64_t directions() const { return direction == "bidirectional" ? 2 : 1; }
};

/// Numbers by index, for any order of the extents in memory.
class Array {
 public:
  Array() = default;
  Array(std::vector<std::int64_t> extents, std::mt19937& random) : extents_(std::move(extents)) {
    values_ = floats(extents_);
    for (float& x : values_.values<float>()) {
      x = static_cast<float>(random() % 2001) / 1000 - 1;
    }
  }
  double at(std::vector<std::int64_t> index) const {
    std::int64_t offset = 0;
    for (std::size_t i = 0; i < index.size(); ++i) {
      offset = offset * extents_[i] + index[i];
    }
    return values_.values<float>()[static_cast<std::size_t>(offset)];
  }
  const Tensor& tensor() const { return values_; }

 private:
  std::vector<std::int64_t> extents_;
  Tensor values_;
};

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

class Naive {
 public:
  explicit Naive(const Setup& setup) : s_(setup), random_(3) {
    const std::int64_t d = s_.directions();
    const std::int64_t wide = s_.gates * kHidden;
    x_ = s_.batch_first ? Array({kBatch, kSteps, kInputs}, random_)
                        : Array({kSteps, kBatch, kInputs}, random_);
    w_ = Array({d, wide, kInputs}, random_);
    r_ = Array({d, wide, kHidden}, random_);
    b_ = Array({d, 2 * wide}, random_);
    h0_ = s_.batch_first ? Array({kBatch, d, kHidden}, random_)
                         : Array({d, kBatch, kHidden}, random_);
    c0_ = s_.batch_first ? Array({kBatch, d, kHidden}, random_)
                         : Array({d, kBatch, kHidden}, random_);
    p_ = Array({d, 3 * kHidden}, random_);
  }

  void check() {
    std::vector<std::pair<std::string, AttributeValue>> attributes = {
        {"hidden_size", kHidden},
        {"direction", s_.direction},
        {"layout", std::int64_t{s_.batch_first}}};
    std::vector<Tensor> inputs = {x_.tensor(),
                                  w_.tensor(),
                                  r_.tensor(),
                                  b_.tensor(),
                                  Tensor({kBatch}, std::span<const std::int32_t>(s_.lengths)),
                                  h0_.tensor()};
    if (s_.op == "LSTM") {
      inputs.push_back(c0_.tensor());
      inputs.push_back(p_.tensor());
      attributes.emplace_back("input_forget", std::int64_t{s_.coupled});
    }
    if (s_.op == "GRU") {
      attributes.emplace_back("linear_before_reset", std::int64_t{s_.linear_before_reset});
    }
    const OneLayer layer(s_.op, {}, attributes, 14);
    const Tensor y = layer.run(inputs);
    CHECK(layer.work(inputs).macs ==
          s_.directions() * kSteps * kBatch * s_.gates * kHidden * (kInputs + kHidden));
    for (std::int64_t d = 0; d < s_.directions(); ++d) {
      for (std::int64_t b = 0; b < kBatch; ++b) {
        check_sample(y, d, b);
      }
    }
  }

 private:
  double x(std::int64_t t, std::int64_t b, std::int64_t i) const {
    return s_.batch_first ? x_.at({b, t, i}) : x_.at({t, b, i});
  }
  double initial(const Array& state, std::int64_t d, std::int64_t b, std::int64_t k) const {
    return s_.batch_first ? state.at({b, d, k}) : state.at({d, b, k});
  }
  double from_input(std::int64_t d, std::int64_t t, std::int64_t b, std::int64_t row) const {
    double sum = b_.at({d, row});
    for (std::int64_t i = 0; i < kInputs; ++i) {
      sum += x(t, b, i) * w_.at({d, row, i});
    }
    return sum;
  }
  double from_state(std::int64_t d, const std::vector<double>& h, std::int64_t row) const {
    double sum = b_.at({d, s_.gates * kHidden + row});
    for (std::int64_t i = 0; i < kHidden; ++i) {
      sum += h[static_cast<std::size_t>(i)] * r_.at({d, row, i});
    }
    return sum;
  }

  void step(std::int64_t d, std::int64_t t, std::int64_t b, std::vector<double>& h,
            std::vector<double>& c) const {
    const std::vector<double> old = h;
    const auto gate = [&](std::int64_t g, std::int64_t k) {
      return from_input(d, t, b, g * kHidden + k) + from_state(d, old, g * kHidden + k);
    };
    for (std::int64_t k = 0; k < kHidden; ++k) {
      double& state = h[static_cast<std::size_t>(k)];
      double& cell = c[static_cast<std::size_t>(k)];
      if (s_.op == "RNN") {
        state = std::tanh(gate(0, k));
      } else if (s_.op == "LSTM") {
        const double input = sigmoid(gate(0, k) + p_.at({d, k}) * cell);
        const double forget =
            s_.coupled ? 1 - input : sigmoid(gate(2, k) + p_.at({d, 2 * kHidden + k}) * cell);
        cell = forget * cell + input * std::tanh(gate(3, k));
        state = sigmoid(gate(1, k) + p_.at({d, kHidden + k}) * cell) * std::tanh(cell);
      } else {
        std::vector<double> kept(old);
        for (std::int64_t j = 0; j < kHidden; ++j) {
          kept[static_cast<std::size_t>(j)] *= sigmoid(gate(1, j));
        }
        const std::int64_t row = 2 * kHidden + k;
        const double candidate =
            s_.linear_before_reset
                ? from_input(d, t, b, row) + sigmoid(gate(1, k)) * from_state(d, old, row)
                : from_input(d, t, b, row) + from_state(d, kept, row);
        const double z = sigmoid(gate(0, k));
        state = (1 - z) * std::tanh(candidate) + z * state;
      }
    }
  }

  void check_sample(const Tensor& y, std::int64_t d, std::int64_t b) const {
    const std::int64_t directions = s_.directions();
    const std::int64_t length = s_.lengths[static_cast<std::size_t>(b)];
    const bool backwards = s_.direction == "reverse" || d == 1;
    std::vector<double> h;
    std::vector<double> c;
    for (std::int64_t k = 0; k < kHidden; ++k) {
      h.push_back(initial(h0_, d, b, k));
      c.push_back(initial(c0_, d, b, k));
    }
    for (std::int64_t s = 0; s < kSteps; ++s) {
      const std::int64_t t = s < length && backwards ? length - 1 - s : s;
      if (s < length) {
        step(d, t, b, h, c);
      }
      for (std::int64_t k = 0; k < kHidden; ++k) {
        const std::int64_t row =
            s_.batch_first ? (b * kSteps + t) * directions + d : (t * directions + d) * kBatch + b;
        const float got = y.values<float>()[static_cast<std::size_t>(row * kHidden + k)];
        const double expected = s < length ? h[static_cast<std::size_t>(k)] : 0;
        CHECK(static_cast<double>(got) == doctest::Approx(expected).epsilon(1e-5));
      }
    }
  }

  Setup s_;
  std::mt19937 random_;
  Array x_, w_, r_, b_, h0_, c0_, p_;
};

}  // namespace

TEST_CASE("recurrent layers: agree with loops over single numbers") {
  for (const auto& [op, gates] : {std::pair("RNN", 1), {"GRU", 3}, {"LSTM", 4}}) {
    for (const char* direction : {"forward", "reverse", "bidirectional"}) {
      for (const bool batch_first : {false, true}) {
        CAPTURE(op);
        CAPTURE(direction);
        Setup setup{.op = op, .gates = gates, .direction = direction, .batch_first = batch_first};
        Naive(setup).check();
        setup.linear_before_reset = true;
        setup.coupled = true;
        Naive(setup).check();
      }
    }
  }
}

TEST_CASE("recurrent layers: named activations with parameters, and clipping") {
  const Tensor x = floats({1, 1, 1}, {3});
  const Tensor one = floats({1, 1, 1}, {1});
  const auto run = [&](const std::vector<std::pair<std::string, AttributeValue>>& attributes) {
    return values(OneLayer("RNN", {}, attributes).run({x, one, one}))[0];
  };
  const auto named = [](const char* name) {
    return std::pair<std::string, AttributeValue>("activations", std::vector<std::string>{name});
  };
  CHECK(run({named("Relu")}) == 3);
  CHECK(run({named("Affine"), {"activation_alpha", std::vector<float>{2}}}) == 6);
  CHECK(run({named("Relu"), {"clip", 2.0F}}) == 2);
  CHECK(run({named("HardSigmoid")}) == 1);
  CHECK_THROWS_WITH(run({named("Gelu")}), "layer 'it' (RNN): activation 'Gelu' is not supported");
  CHECK_THROWS_WITH(run({{"activations", std::vector<std::string>{}}}),
                    "layer 'it' (RNN): 0 activations are given, expected 1");
}

TEST_CASE("recurrent layers: inputs that do not fit are refused") {
  const OneLayer lstm("LSTM");
  CHECK_THROWS_WITH(lstm.run({floats({4, 3, 2}), floats({1, 20, 3}), floats({1, 20, 5})}),
                    "layer 'it' (LSTM): weights 1x20x3 and 1x20x5 do not fit 4 gates over input "
                    "4x3x2 in 1 directions");
  const std::vector<std::int32_t> lengths = {9, 0, 0};
  CHECK_THROWS_WITH(lstm.run({floats({4, 3, 2}), floats({1, 20, 2}), floats({1, 20, 5}), Tensor(),
                              Tensor({3}, std::span<const std::int32_t>(lengths))}),
                    "layer 'it' (LSTM): a sequence length is 9, expected 0 to 4");
}

}  // namespace offcut::ops::recurrent_test
