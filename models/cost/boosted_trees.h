#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace offcut::cost {

/// A node of a regression tree: goes left where x[feature] < threshold; a leaf has feature -1.
struct TreeNode {
  int feature = -1;
  double threshold = 0;
  int left = 0, right = 0;  // places in the tree
  double value = 0;         // of a leaf

  bool operator==(const TreeNode&) const = default;
};
using Tree = std::vector<TreeNode>;  // the root first

struct BoostOptions {
  int trees = 60;
  int depth = 4;
  std::size_t least_in_leaf = 3;
  double rate = 0.15;    // of what is left, each tree takes so much
  double caution = 1.0;  // a leaf of n samples takes n / (n + caution) of their mean
};

/// Regression by gradient boosting (Friedman, Annals of Statistics 29(5), 2001): each tree fits
/// what the sum of those before leaves over, in least squares. Deterministic: splits are searched
/// exhaustively and ties go to the first feature and the least threshold. Beyond the samples it
/// says what it says at their edge.
std::vector<Tree> boost(const std::vector<std::vector<double>>& x, std::span<const double> y,
                        const BoostOptions& options = {});

double evaluate(const std::vector<Tree>& trees, std::span<const double> x);

}  // namespace offcut::cost
