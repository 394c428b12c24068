// NonMaxSuppression against a naive loop that takes the best box that is left, again and again.

#include <doctest/doctest.h>

#include <algorithm>
#include <array>

#include "tests/models/ops/naive/places.h"

namespace offcut::ops::non_max_suppression_test {
namespace {

using Corners = std::array<double, 4>;  // Top, left, bottom, right.

Corners corners_of(const float* b, bool by_centre) {
  if (by_centre) {
    return {b[1] - b[3] / 2.0, b[0] - b[2] / 2.0, b[1] + b[3] / 2.0, b[0] + b[2] / 2.0};
  }
  return {std::min(b[0], b[2]), std::min(b[1], b[3]), std::max(b[0], b[2]), std::max(b[1], b[3])};
}

double area_of(const Corners& c) { return std::max(0.0, c[2] - c[0]) * std::max(0.0, c[3] - c[1]); }

/// Returns the intersection over the union.
double shared_part(const Corners& a, const Corners& b) {
  const double both = area_of(
      {std::max(a[0], b[0]), std::max(a[1], b[1]), std::min(a[2], b[2]), std::min(a[3], b[3])});
  return both == 0 ? 0 : both / (area_of(a) + area_of(b) - both);
}

}  // namespace

TEST_CASE("non-maximum suppression: random boxes, limits and thresholds, with equal scores") {
  std::mt19937 random(14);
  for (int round = 0; round < 200; ++round) {
    const bool by_centre = round % 2 == 1;
    const std::int64_t count = 12;
    std::vector<float> boxes;
    for (std::int64_t i = 0; i < 2 * count * 4; ++i) {
      boxes.push_back(static_cast<float>(random() % 8 + (by_centre && i % 4 >= 2 ? 1U : 0U)));
    }
    std::vector<float> scores;
    for (std::int64_t i = 0; i < 2 * 3 * count; ++i) {
      scores.push_back(static_cast<float>(random() % 9) / 8);
    }
    const std::int64_t limit = round % 5;
    // Quotients such as 1/2 are reached exactly, and then do not suppress.
    const float overlap = static_cast<float>(random() % 5) / 4;
    const bool has_least = round % 3 != 0;
    const float least = static_cast<float>(random() % 5) / 8;
    std::vector<std::int64_t> expected;
    for_each_place({2, 3}, [&](const Place& p) {
      const float* const own_scores = scores.data() + (p[0] * 3 + p[1]) * count;
      std::vector<bool> left(static_cast<std::size_t>(count), true);
      for (std::int64_t taken = 0; taken < limit; ++taken) {
        std::int64_t best = -1;
        for (std::int64_t i = 0; i < count; ++i) {
          const bool counts =
              left[static_cast<std::size_t>(i)] && (!has_least || own_scores[i] > least);
          best = counts && (best < 0 || own_scores[i] > own_scores[best]) ? i : best;
        }
        if (best < 0) {
          break;
        }
        expected.insert(expected.end(), {p[0], p[1], best});
        const auto box = [&](std::int64_t i) {
          return corners_of(boxes.data() + (p[0] * count + i) * 4, by_centre);
        };
        left[static_cast<std::size_t>(best)] = false;
        for (std::int64_t i = 0; i < count; ++i) {
          if (shared_part(box(best), box(i)) > overlap) {
            left[static_cast<std::size_t>(i)] = false;
          }
        }
      }
    });
    CAPTURE(round);
    std::vector<Tensor> inputs = {floats({2, count, 4}, boxes), floats({2, 3, count}, scores),
                                  int64_tensor({1}, {limit}), floats({1}, {overlap})};
    if (has_least) {
      inputs.push_back(floats({1}, {least}));
    }
    const Tensor got = OneLayer("NonMaxSuppression", {0, 1, 2, 3, 4},
                                {{"center_point_box", std::int64_t{by_centre ? 1 : 0}}})
                           .run(inputs);
    const auto found = got.values<std::int64_t>();
    CHECK(std::vector<std::int64_t>(found.begin(), found.end()) == expected);
  }
}

}  // namespace offcut::ops::non_max_suppression_test
