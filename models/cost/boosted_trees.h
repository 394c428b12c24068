#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace offcut::cost {

/// A node of a regression tree: samples with x[feature] < threshold go left; a leaf has feature -1.
struct TreeNode {
  int feature = -1;
  double threshold = 0;
  int left = 0, right = 0;  // Indices in the tree.
  double value = 0;         // The value of a leaf.

  bool operator==(const TreeNode&) const = default;
};
using Tree = std::vector<TreeNode>;  // The root comes first.

struct BoostOptions {
  int trees = 60;
  int depth = 4;
  std::size_t least_in_leaf = 3;
  double rate = 0.15;    // The learning rate: each tree corrects this share of the residuals.
  double caution = 1.0;  // A leaf of n samples has n / (n + caution) of their mean.
};

/// Fits a regression by gradient boosting (Friedman, Annals of Statistics 29(5), 2001): each tree
/// is a least-squares fit to the residuals of the trees before it. Deterministic: splits are
/// searched exhaustively, and ties go to the first feature and the smallest threshold. Outside the
/// range of the samples, the prediction is the same as at its edge.
std::vector<Tree> boost(const std::vector<std::vector<double>>& x, std::span<const double> y,
                        const BoostOptions& options = {});

double evaluate(const std::vector<Tree>& trees, std::span<const double> x);

}  // namespace offcut::cost
