// Pruning by scores. A share is exact: ties are broken by the order of elements, so that the same
// scores always give the same mask. O(elements) by selection.

#include "models/compress/pruning.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "models/compress/rules.h"

namespace offcut::compress {
namespace {

/// Returns which elements of the list stay.
std::vector<bool> kept(const Scores& scores, double rate) {
  const auto pruned =
      static_cast<std::size_t>(std::llround(rate * static_cast<double>(scores.size())));
  std::vector<std::size_t> order(scores.size());
  for (std::size_t i = 0; i < order.size(); ++i) {
    order[i] = i;
  }
  std::nth_element(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(pruned), order.end(),
                   [&](std::size_t a, std::size_t b) {
                     return std::pair(scores[a], a) < std::pair(scores[b], b);
                   });
  std::vector<bool> keep(scores.size(), true);
  for (std::size_t i = 0; i < pruned; ++i) {
    keep[order[i]] = false;
  }
  return keep;
}

}  // namespace

Network prune_share(const Network& network, const std::vector<Target>& targets,
                    const std::vector<Scores>& scores, double rate, bool global) {
  Changes changes(network);
  if (!global) {
    for (std::size_t i = 0; i < targets.size(); ++i) {
      changes.limit(targets[i].name, mask(kept(scores[i], rate)));
    }
    return changes.network();
  }
  Scores all;
  for (const Scores& own : scores) {
    all.insert(all.end(), own.begin(), own.end());
  }
  const std::vector<bool> keep = kept(all, rate);
  auto first = keep.begin();
  for (std::size_t i = 0; i < targets.size(); ++i) {
    const auto last = first + static_cast<std::ptrdiff_t>(scores[i].size());
    changes.limit(targets[i].name, mask({first, last}));
    first = last;
  }
  return changes.network();
}

Network prune_below(const Network& network, const std::vector<Target>& targets,
                    const std::vector<Scores>& scores, const std::vector<double>& thresholds) {
  Changes changes(network);
  for (std::size_t i = 0; i < targets.size(); ++i) {
    std::vector<bool> keep;
    for (const double score : scores[i]) {
      keep.push_back(score > thresholds[i]);
    }
    changes.limit(targets[i].name, mask(std::move(keep)));
  }
  return changes.network();
}

std::vector<ParameterSpec> share_parameters() {
  return {
      {.name = "rate", .least = 0, .most = 1, .doc = "the share of weights that become 0"},
      {.name = "scope",
       .is_text = true,
       .one_of = {"layer", "global"},
       .doc = "whether the rate is that of each layer or of all together"},
      {.name = "steps",
       .is_whole = true,
       .fallback = 1,
       .least = 1,
       .most = 1000,
       .doc = "steps to the rate, with training between them (Zhu and Gupta, 2017, equation 1)"},
      targets_parameter()};
}

}  // namespace offcut::compress
