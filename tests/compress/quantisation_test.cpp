// Quantised weights against their formulas, and codebooks against the best ones.

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "models/codec/line_clusters.h"
#include "tests/compress/networks.h"

namespace offcut::compress::quantisation_test {
namespace {

std::vector<float> quantised(const std::string& text, const std::string& name) {
  return values_in(applied(text, {.graph = lenet5()}).graph, name);
}

std::size_t distinct(const std::vector<float>& values) {
  return std::set<float>(values.begin(), values.end()).size();
}

/// The least sum of squared distances of clusters of sorted numbers, by dynamic programming over
/// all intervals.
double least_error(std::vector<double> values, std::size_t clusters) {
  std::sort(values.begin(), values.end());
  const std::size_t n = values.size();
  const auto error_of = [&](std::size_t first, std::size_t last) {
    double mean = 0;
    for (std::size_t i = first; i < last; ++i) {
      mean += values[i] / static_cast<double>(last - first);
    }
    double error = 0;
    for (std::size_t i = first; i < last; ++i) {
      error += (values[i] - mean) * (values[i] - mean);
    }
    return error;
  };
  std::vector<double> best(n + 1, std::numeric_limits<double>::infinity());
  best[0] = 0;
  for (std::size_t k = 0; k < clusters; ++k) {
    std::vector<double> next(n + 1, std::numeric_limits<double>::infinity());
    next[0] = 0;
    for (std::size_t last = 1; last <= n; ++last) {
      for (std::size_t first = 0; first < last; ++first) {
        next[last] = std::min(next[last], best[first] + error_of(first, last));
      }
    }
    best = next;
  }
  return best[n];
}

}  // namespace

TEST_CASE("linear: every weight is the nearest level, for all bits, of tensors and channels") {
  const std::vector<float> were = values_in(lenet5(), "conv2.weight");  // 16 channels of 150.
  for (int bits = 2; bits <= 8; ++bits) {
    const double half = std::pow(2, bits - 1) - 1;
    const std::vector<float> whole =
        quantised(fmt::format("linear:bits={},per=tensor,range=max", bits), "conv2.weight");
    const std::vector<float> parts =
        quantised(fmt::format("linear:bits={},per=channel,range=max", bits), "conv2.weight");
    double greatest = 0;
    for (const float w : were) {
      greatest = std::max(greatest, std::abs(double{w}));
    }
    for (std::size_t channel = 0; channel < 16; ++channel) {
      double own = 0;
      for (std::size_t i = 0; i < 150; ++i) {
        own = std::max(own, std::abs(double{were[channel * 150 + i]}));
      }
      for (std::size_t i = channel * 150; i < (channel + 1) * 150; ++i) {
        CHECK(
            whole[i] ==
            doctest::Approx(std::round(were[i] / greatest * half) * greatest / half).epsilon(1e-5));
        CHECK(parts[i] ==
              doctest::Approx(std::round(were[i] / own * half) * own / half).epsilon(1e-5));
      }
    }
    CHECK(double(distinct(whole)) <= 2 * half + 1);
  }
}

TEST_CASE("linear: the range of the least squares is no worse, and far better with few bits") {
  const std::vector<float> were = values_in(lenet5(), "fc4.weight");
  const auto error = [&](const std::string& text) {
    const std::vector<float> are = quantised(text, "fc4.weight");
    double sum = 0;
    for (std::size_t i = 0; i < were.size(); ++i) {
      sum += (double{were[i]} - are[i]) * (double{were[i]} - are[i]);
    }
    return sum;
  };
  for (int bits = 2; bits <= 8; ++bits) {
    for (const char* const mode : {"symmetric", "asymmetric"}) {
      const auto text = [&](const char* range) {
        return fmt::format("linear:bits={},per=tensor,mode={},range={}", bits, mode, range);
      };
      CHECK(error(text("mse")) <= error(text("max")));
    }
  }
  CHECK(error("linear:bits=2,per=tensor,range=mse") <
        0.6 * error("linear:bits=2,per=tensor,range=max"));
}

TEST_CASE("integer: round(X * scale + shift), and back") {
  const std::vector<float> were = values_in(lenet5(), "fc5.weight");
  const std::vector<float> given = quantised("integer:scale=50,shift=3", "fc5.weight");
  const std::vector<float> own = quantised("integer:bits=4", "fc5.weight");
  const auto [low, high] = std::minmax_element(were.begin(), were.end());
  const double scale = 15 / (double{*high} - *low);
  const double shift = std::round(-*low * scale);
  for (std::size_t i = 0; i < were.size(); ++i) {
    const double integer = std::clamp(std::round(were[i] * 50.0) + 3, -128.0, 127.0);
    CHECK(given[i] == doctest::Approx((integer - 3) / 50).epsilon(1e-5));
    const double level = std::clamp(std::round(were[i] * scale) + shift, 0.0, 15.0);
    CHECK(own[i] == doctest::Approx((level - shift) / scale).epsilon(1e-4));
  }
}

TEST_CASE("sub-integer: round(X * 2^p), where p is given or the largest that fits") {
  const std::vector<float> were = values_in(lenet5(), "fc5.weight");
  const std::vector<float> given = quantised("sub-integer:p=5", "fc5.weight");
  const std::vector<float> own = quantised("sub-integer:bits=8", "fc5.weight");
  double greatest = 0;
  for (const float w : were) {
    greatest = std::max(greatest, std::abs(double{w}));
  }
  int p = 0;
  while (std::round(greatest * std::pow(2, p + 1)) <= 127) {
    ++p;
  }
  for (std::size_t i = 0; i < were.size(); ++i) {
    CHECK(given[i] == std::round(were[i] * 32.0) / 32);
    CHECK(own[i] == std::round(were[i] * std::pow(2, p)) / std::pow(2, p));
  }
  CHECK_THROWS_WITH_AS(applied("sub-integer:p=x", {.graph = lenet5()}),
                       "sub-integer: p: expected a whole number from -60 to 60, got 'x'",
                       std::invalid_argument);
}

TEST_CASE("mixed: the set I is in integers, the set F stays as it was") {
  const Graph before = lenet5();
  const Network after = applied("mixed:integers=conv*,floats=conv1,bits=3", {.graph = before});
  CHECK(values_in(after.graph, "conv1.weight") == values_in(before, "conv1.weight"));
  CHECK(values_in(after.graph, "fc4.weight") == values_in(before, "fc4.weight"));
  CHECK(distinct(values_in(after.graph, "conv2.weight")) <= 8);
  CHECK(after.rules.size() == 2);
  CHECK_THROWS_WITH_AS(applied("mixed:integers=conv1,floats=conv*", {.graph = before}),
                       "mixed: all weights of integers are also in floats", std::invalid_argument);
}

TEST_CASE("logarithmic: powers of two, the nearest by logarithm, and 0 below the window") {
  const std::vector<float> were = values_in(lenet5(), "fc4.weight");
  const std::vector<float> are = quantised("logarithmic:bits=3", "fc4.weight");
  double greatest = 0;
  for (const float w : were) {
    greatest = std::max(greatest, std::abs(double{w}));
  }
  const double highest = std::round(std::log2(greatest));
  const double lowest = highest - 2;  // Three magnitudes, and 0.
  for (std::size_t i = 0; i < were.size(); ++i) {
    const double magnitude = std::abs(double{were[i]});
    const double exponent = std::clamp(std::round(std::log2(magnitude)), lowest, highest);
    const double expected = magnitude < std::exp2(lowest - 1) ? 0 : std::exp2(exponent);
    CHECK(are[i] == std::copysign(static_cast<float>(expected), expected == 0 ? 1.0F : were[i]));
  }
}

TEST_CASE("kmeans: each weight is the mean of its cluster, which is the nearest one; zeros stay") {
  Network network = applied("magnitude:rate=0.5", {.graph = lenet5()});
  const std::vector<float> were = values_in(network.graph, "fc5.weight");
  network = applied("kmeans:bits=3", network);
  const std::vector<float> are = values_in(network.graph, "fc5.weight");
  const std::set<float> book(are.begin(), are.end());
  CHECK(book.size() <= 9);
  CHECK(book.contains(0));
  for (const float value : book) {
    double sum = 0;
    double count = 0;
    for (std::size_t i = 0; i < were.size(); ++i) {
      sum += are[i] == value ? were[i] : 0;
      count += are[i] == value ? 1 : 0;
    }
    CHECK(value == doctest::Approx(sum / count).epsilon(1e-5));
  }
  for (std::size_t i = 0; i < were.size(); ++i) {
    CHECK((were[i] == 0) == (are[i] == 0));
    for (const float value : book) {
      CHECK((were[i] == 0 || value == 0 ||
             std::abs(were[i] - are[i]) <= std::abs(were[i] - value) + 1e-6));
    }
  }
}

TEST_CASE("kmeans: clusters are near the best ones, and no better") {
  RandomStream stream = random_stream(5, "values");
  for (int round = 0; round < 20; ++round) {
    std::vector<float> values;
    for (int i = 0; i < 40; ++i) {
      values.push_back(static_cast<float>(stream() % 1000) / 500 - 1);
    }
    const std::size_t clusters = 2 + stream() % 6;
    for (const codec::Seeds seeds : {codec::Seeds::linear, codec::Seeds::quantiles}) {
      const std::vector<float> book = codec::line_clusters(values, clusters, seeds, 100);
      double error = 0;
      for (const float value : values) {
        const double distance = double{value} - book[codec::nearest_centroid(book, value)];
        error += distance * distance;
      }
      const double best = least_error({values.begin(), values.end()}, clusters);
      CHECK(error >= best * (1 - 1e-5));
      CHECK(error <= best * 1.5 + 0.05);
    }
  }
}

}  // namespace offcut::compress::quantisation_test
