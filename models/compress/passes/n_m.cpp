// N:M sparsity: of every M weights that follow one another along the input channels, the N of the
// greatest magnitude stay (Zhou et al., 2021; 2:4 is what sparse tensor cores multiply: Mishra et
// al., 2021). A last group of fewer than M keeps at most N.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>

#include "models/compress/pruning.h"
#include "models/compress/rules.h"
#include "models/graph/parameter_value.h"

namespace offcut::compress {
namespace {

/// Returns the axis of input channels: axis 1 of a kernel, or the other one of a matrix.
std::size_t input_axis(const Target& target, std::size_t rank) {
  if (target.channel_axis == rank - 1) {
    return rank - 2;
  }
  return target.channel_axis == 0 && rank != 2 ? 1 : target.channel_axis == 0 ? rank - 1 : 0;
}

/// Returns which weights stay.
std::vector<bool> kept_of_groups(const Tensor& weights, std::size_t axis, std::size_t n,
                                 std::size_t m) {
  const Shape& shape = weights.shape();
  const auto extent = static_cast<std::size_t>(shape[axis]);
  const std::size_t inner = std::accumulate(
      shape.begin() + std::ptrdiff_t(axis) + 1, shape.end(), std::size_t{1},
      [](std::size_t product, std::int64_t e) { return product * static_cast<std::size_t>(e); });
  const auto values = weights.values<float>();
  std::vector<bool> keep(values.size(), false);
  for (std::size_t line = 0; line < values.size() / extent; ++line) {
    const std::size_t start = line / inner * inner * extent + line % inner;
    for (std::size_t first = 0; first < extent; first += m) {
      std::vector<std::size_t> group;
      for (std::size_t i = first; i < std::min(first + m, extent); ++i) {
        group.push_back(start + i * inner);
      }
      std::stable_sort(group.begin(), group.end(), [&](std::size_t a, std::size_t b) {
        return std::abs(values[a]) > std::abs(values[b]);
      });
      for (std::size_t i = 0; i < std::min(n, group.size()); ++i) {
        keep[group[i]] = true;
      }
    }
  }
  return keep;
}

Network prune_groups(const Network& network, const Parameters& parameters,
                     const Material& /*material*/) {
  const auto n = static_cast<std::size_t>(parameters.at("n"));
  const auto m = static_cast<std::size_t>(parameters.at("m"));
  if (n >= m) {
    throw std::invalid_argument(fmt::format("n must be less than m, got n={} and m={}", n, m));
  }
  Changes changes(network);
  for (const Target& target : targets_of(network.graph, parameters.text("layers"))) {
    const Tensor weights = read_parameter(network.graph.tensor(target.tensor));
    const std::size_t axis = input_axis(target, weights.shape().size());
    changes.limit(target.name, mask(kept_of_groups(weights, axis, n, m)));
  }
  return changes.network();
}

}  // namespace

void register_n_m(Registry<Pass>& registry) {
  registry.add({.name = "n-m",
                .doc = "pruning: of every m weights along the input channels, n stay",
                .citation = "Zhou, Ma, Zhu, Liu, Zhang, Yuan, Sun, Li, ICLR 2021; Mishra et al., "
                            "2021",
                .parameters = {{.name = "n",
                                .is_whole = true,
                                .fallback = 2,
                                .least = 1,
                                .most = 1024,
                                .doc = "weights of a group that stay"},
                               {.name = "m",
                                .is_whole = true,
                                .fallback = 4,
                                .least = 2,
                                .most = 1024,
                                .doc = "weights of a group"},
                               targets_parameter()},
                .apply = prune_groups});
}

}  // namespace offcut::compress
