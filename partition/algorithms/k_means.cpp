// `k-means` puts similar layers on the same tier. Layers are points (time on the device, bytes of
// output, weights, depth; each scaled to 0..1). They form one cluster per tier (Lloyd, "Least
// squares quantization in PCM", IEEE Trans. Inf. Theory 28(2), 1982, equations 2 and 3), and
// clusters become tiers in the order of their mean depth. A layer is then moved out to the farthest
// tier of its producers. The objective is ignored, so this is a baseline. The first centres are
// evenly spaced over the layers, so there are no random draws. O(rounds * tiers * n).

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "partition/algorithm.h"

namespace offcut::partition {
namespace {

using Point = std::array<double, 4>;
constexpr std::size_t kDepth = 3;

void scale(std::vector<Point>& points) {
  for (std::size_t k = 0; k < Point().size(); ++k) {
    double most = 0;
    for (const Point& point : points) {
      most = std::max(most, point[k]);
    }
    for (Point& point : points) {
      point[k] = most > 0 ? point[k] / most : 0;
    }
  }
}

/// Returns the layers as points. Depth is the number of layers on the longest path from an input.
std::vector<Point> points_of(const Problem& problem) {
  std::vector<Point> points(problem.layer_count(), Point{});
  for (LayerId layer = 0; layer < points.size(); ++layer) {
    points[layer][0] = problem.seconds[0][layer].si();
    points[layer][2] = problem.memory.empty() ? 0 : problem.memory[layer].parameters.si();
  }
  std::vector<std::vector<LayerId>> readers(points.size());
  for (const CrossingTensor& tensor : problem.tensors) {
    if (tensor.producer) {
      points[*tensor.producer][1] += tensor.bytes.si();
      auto& direct = readers[*tensor.producer];
      direct.insert(direct.end(), tensor.consumers.begin(), tensor.consumers.end());
    }
  }
  for (LayerId layer = 0; layer < points.size(); ++layer) {
    for (const LayerId reader : readers[layer]) {
      points[reader][kDepth] = std::max(points[reader][kDepth], points[layer][kDepth] + 1);
    }
  }
  scale(points);
  return points;
}

double distance(const Point& a, const Point& b) {
  double sum = 0;
  for (std::size_t k = 0; k < a.size(); ++k) {
    sum += (a[k] - b[k]) * (a[k] - b[k]);
  }
  return sum;
}

std::size_t nearest_of(const std::vector<Point>& centres, const Point& point) {
  std::size_t nearest = 0;
  for (std::size_t i = 1; i < centres.size(); ++i) {
    if (distance(centres[i], point) < distance(centres[nearest], point)) {
      nearest = i;
    }
  }
  return nearest;
}

/// Returns the mean of each cluster; a centre without points stays in its place.
std::vector<Point> means(const std::vector<Point>& points, const std::vector<std::size_t>& cluster,
                         std::vector<Point> centres) {
  for (std::size_t i = 0; i < centres.size(); ++i) {
    Point sum{};
    double count = 0;
    for (std::size_t p = 0; p < points.size(); ++p) {
      for (std::size_t k = 0; cluster[p] == i && k < sum.size(); ++k) {
        sum[k] += points[p][k];
      }
      count += cluster[p] == i ? 1 : 0;
    }
    for (std::size_t k = 0; count > 0 && k < sum.size(); ++k) {
      centres[i][k] = sum[k] / count;
    }
  }
  return centres;
}

Answer solve_k_means(const Problem& problem, const Parameters& parameters) {
  const std::vector<Point> points = points_of(problem);
  const std::size_t clusters = problem.tier_count();
  std::vector<Point> centres;
  for (std::size_t i = 0; i < clusters && !points.empty(); ++i) {
    centres.push_back(points[(2 * i + 1) * points.size() / (2 * clusters)]);
  }
  std::vector<std::size_t> cluster(points.size());
  bool moves = true;
  for (double round = 0; moves && round < parameters.at("rounds"); ++round) {
    moves = round == 0;
    for (std::size_t p = 0; p < points.size(); ++p) {
      const std::size_t nearest = nearest_of(centres, points[p]);
      moves = moves || nearest != cluster[p];
      cluster[p] = nearest;
    }
    centres = means(points, cluster, std::move(centres));
  }
  std::vector<std::size_t> by_depth(centres.size());
  std::iota(by_depth.begin(), by_depth.end(), 0U);
  std::stable_sort(by_depth.begin(), by_depth.end(), [&](std::size_t a, std::size_t b) {
    return centres[a][kDepth] < centres[b][kDepth];
  });
  Assignment tier_of(points.size());
  for (LayerId layer = 0; layer < tier_of.size(); ++layer) {
    const auto rank = std::find(by_depth.begin(), by_depth.end(), cluster[layer]);
    tier_of[layer] = static_cast<std::size_t>(rank - by_depth.begin());
  }
  for (const LayerId layer : problem.goal.limits.pinned) {
    tier_of[layer] = 0;
  }
  std::vector<const CrossingTensor*> by_maker;
  for (const CrossingTensor& tensor : problem.tensors) {
    by_maker.push_back(&tensor);
  }
  std::stable_sort(by_maker.begin(), by_maker.end(),
                   [](const auto* a, const auto* b) { return a->producer < b->producer; });
  for (const CrossingTensor* tensor : by_maker) {
    for (const LayerId reader : tensor->consumers) {
      tier_of[reader] =
          std::max(tier_of[reader], tensor->producer ? tier_of[*tensor->producer] : 0);
    }
  }
  return tier_of;
}

}  // namespace

void register_k_means(Registry<Algorithm>& registry) {
  registry.add(
      {.name = "k-means",
       .doc = "similar layers together, a cluster per tier",
       .citation = "baseline; Lloyd, IEEE Trans. Inf. Theory 28(2), 1982",
       .growth = {"rounds tiers layers"},
       .within = {.pins = true},
       .parameters = {{.name = "rounds",
                       .fallback = 100,
                       .least = 1,
                       .most = 1e6,
                       .doc = "rounds at most; it stops when no layer changes its cluster"}},
       .solve = solve_k_means});
}

}  // namespace offcut::partition
