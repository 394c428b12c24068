#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "models/compress/pass.h"

namespace offcut::compress {

/// Collects the changes of a pass to the parameters of a network, and the rules that further
/// training keeps. A parameter's rule has limits (masks, the greatest magnitude), which are applied
/// in their order, and then at most one projection (a grid, a codebook), of which the last one
/// counts. So passes can follow one another in any order, and the whole is idempotent.
class Changes {
 public:
  explicit Changes(const Network& network) : network_(network) {}

  /// Adds a limit. REQUIRES: it is idempotent, keeps zeros, and changes each element by itself,
  /// toward 0.
  void limit(const std::string& parameter, train::WeightRule rule);

  /// Sets the projection, and the grid that it rounds to, if it does. REQUIRES: it is idempotent,
  /// keeps zeros, and does not decrease where elements increase.
  void project(const std::string& parameter, train::WeightRule rule,
               std::optional<Grid> grid = std::nullopt);

  /// Returns the network with the rules, and the values that they give.
  Network network() const;

 private:
  const Network& network_;
  std::map<std::string, train::WeightRule> rules_;  // Those that changed.
  std::map<std::string, std::optional<Grid>> grids_;
};

/// Returns a limit that sets the elements to 0 where `keep` is false.
train::WeightRule mask(std::vector<bool> keep);

/// Returns float32 elements, each changed by `change`.
Tensor mapped(const Tensor& values, const std::function<float(float)>& change);

}  // namespace offcut::compress
