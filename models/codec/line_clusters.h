#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace offcut::codec {

/// The first centroids of k-means.
enum class Seeds {
  quantiles,  // The medians of groups of equally many values, and the least and greatest value.
  linear,     // Evenly spaced from the least to the greatest value.
};

/// Returns at most `most` centroids of numbers on a line, ascending and distinct, by so many rounds
/// of Lloyd's algorithm or until none moves; if there are at most so many distinct values, these.
/// The same values give the same centroids. REQUIRES: there are values, all finite, and most > 0.
std::vector<float> line_clusters(std::span<const float> values, std::size_t most, Seeds seeds,
                                 int rounds);

/// Returns the index of the nearest centroid, of two equally near ones the lower.
/// REQUIRES: the centroids are ascending, and not empty.
std::size_t nearest_centroid(const std::vector<float>& centroids, float value);

}  // namespace offcut::codec
