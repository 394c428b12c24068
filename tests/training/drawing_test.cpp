#include "sim/training/drawing.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

namespace offcut::training::drawing_test {
namespace {

TEST_CASE("drawing: orders are permutations, and every place is equally likely") {
  constexpr int kRounds = 6000;
  std::vector<int> first(6, 0);
  for (int i = 0; i < kRounds; ++i) {
    RandomStream stream = random_stream(static_cast<std::uint64_t>(i), "test");
    std::vector<std::size_t> order = random_order(6, stream);
    ++first[order.front()];
    std::sort(order.begin(), order.end());
    CHECK(order == std::vector<std::size_t>{0, 1, 2, 3, 4, 5});
  }
  for (const int count : first) {  // 1000, with a deviation of 29.
    CHECK(std::abs(count - 1000) < 120);
  }
}

TEST_CASE("drawing: samples are distinct, and each number is as likely as any other") {
  constexpr int kRounds = 5000;
  std::vector<int> counts(10, 0);
  for (int i = 0; i < kRounds; ++i) {
    RandomStream stream = random_stream(static_cast<std::uint64_t>(i), "test");
    const std::vector<std::size_t> sample = random_sample(10, 4, stream);
    CHECK(std::set<std::size_t>(sample.begin(), sample.end()).size() == 4);
    for (const std::size_t number : sample) {
      ++counts[number];
    }
  }
  for (const int count : counts) {  // 2000, with a deviation of 35.
    CHECK(std::abs(count - 2000) < 140);
  }
  RandomStream stream = random_stream(1, "test");
  CHECK(random_sample(3, 9, stream).size() == 3);
  CHECK(random_sample(0, 9, stream).empty());
}

TEST_CASE("drawing: a weighted sample's first number has the probability of its weight") {
  const std::vector<double> weights = {1, 0, 2, 5, 2};
  constexpr int kRounds = 10000;
  std::vector<double> firsts(5, 0);
  for (int i = 0; i < kRounds; ++i) {
    RandomStream stream = random_stream(static_cast<std::uint64_t>(i), "test");
    const std::vector<std::size_t> sample = weighted_sample(weights, 3, stream);
    REQUIRE(sample.size() == 3);
    firsts[sample.front()] += 1.0 / kRounds;
  }
  for (std::size_t i = 0; i < weights.size(); ++i) {
    CHECK(std::abs(firsts[i] - weights[i] / 10) < 0.02);
  }
  RandomStream stream = random_stream(1, "test");
  CHECK(weighted_sample(weights, 9, stream).size() == 4);
}

TEST_CASE("drawing: Dirichlet shares add up to 1, and are finite for any concentration") {
  RandomStream stream = random_stream(1, "test");
  for (const double alpha : {1e-6, 1e-3, 0.1, 1.0, 1e6}) {
    const std::vector<double> shares = dirichlet_shares(std::vector<double>(7, alpha), stream);
    CHECK(std::accumulate(shares.begin(), shares.end(), 0.0) == doctest::Approx(1));
    CHECK(std::all_of(shares.begin(), shares.end(),
                      [](double share) { return share >= 0 && share <= 1; }));
    if (alpha <= 1e-3) {
      CHECK(*std::max_element(shares.begin(), shares.end()) > 0.99);
    }
  }
  CHECK(dirichlet_shares({0, 1}, stream) == std::vector<double>{0, 1});
}

TEST_CASE("drawing: apportioned numbers add up, within one of their shares") {
  RandomStream stream = random_stream(2, "test");
  for (const std::size_t total : {0U, 1U, 10U, 997U}) {
    const std::vector<double> shares = dirichlet_shares({1, 2, 3, 0.1, 5}, stream);
    const std::vector<std::size_t> counts = apportioned(shares, total);
    CHECK(std::accumulate(counts.begin(), counts.end(), std::size_t{0}) == total);
    for (std::size_t i = 0; i < counts.size(); ++i) {
      CHECK(std::abs(static_cast<double>(counts[i]) - shares[i] * static_cast<double>(total)) < 1);
    }
  }
}

}  // namespace
}  // namespace offcut::training::drawing_test
