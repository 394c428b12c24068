// Gradient boosting of regression trees, small enough to be exhaustive: each node tries every
// threshold between two neighbouring values of every feature. Stable sorting and strict comparisons
// make the trees the same on every machine.
#include "models/cost/boosted_trees.h"

#include <algorithm>
#include <numeric>

namespace offcut::cost {
namespace {

using Samples = std::vector<std::size_t>;

struct Split {
  int feature = -1;
  double threshold = 0;
  double gain = 1e-12;  // A smaller gain is a rounding error.
};

class Grower {
 public:
  Grower(const std::vector<std::vector<double>>& x, std::span<const double> residuals,
         const BoostOptions& options)
      : x_(x), residuals_(residuals), options_(options) {}

  Tree grow() {
    Samples all(x_.size());
    std::iota(all.begin(), all.end(), 0);
    add(all, 0);
    return std::move(tree_);
  }

 private:
  int add(const Samples& samples, int depth) {
    const auto index = static_cast<int>(tree_.size());
    tree_.emplace_back();
    const Split split = depth < options_.depth ? best_split(samples) : Split();
    if (split.feature < 0) {
      const auto count = static_cast<double>(samples.size());
      tree_.back().value = options_.rate * sum(samples) / (count + options_.caution);
      return index;
    }
    Samples left;
    Samples right;
    for (const std::size_t i : samples) {
      (value(i, split.feature) < split.threshold ? left : right).push_back(i);
    }
    const int left_index = add(left, depth + 1);
    const int right_index = add(right, depth + 1);
    tree_[static_cast<std::size_t>(index)] = {.feature = split.feature,
                                              .threshold = split.threshold,
                                              .left = left_index,
                                              .right = right_index};
    return index;
  }

  double value(std::size_t sample, int feature) const {
    return x_[sample][static_cast<std::size_t>(feature)];
  }

  double sum(const Samples& samples) const {
    double sum = 0;
    for (const std::size_t i : samples) {
      sum += residuals_[i];
    }
    return sum;
  }

  /// Returns the split that reduces the squared error most.
  Split best_split(const Samples& samples) const {
    Split best;
    const double total = sum(samples);
    const auto count = static_cast<double>(samples.size());
    Samples order = samples;
    for (int feature = 0; feature < static_cast<int>(x_.front().size()); ++feature) {
      std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return value(a, feature) < value(b, feature);
      });
      double left = 0;
      for (std::size_t i = 1; i < order.size(); ++i) {
        left += residuals_[order[i - 1]];
        const double below = value(order[i - 1], feature);
        const double above = value(order[i], feature);
        if (below == above || i < options_.least_in_leaf ||
            order.size() - i < options_.least_in_leaf) {
          continue;
        }
        const auto n = static_cast<double>(i);
        const double right = total - left;
        const double gain = left * left / n + right * right / (count - n) - total * total / count;
        if (gain > best.gain) {
          best = {.feature = feature, .threshold = (below + above) / 2, .gain = gain};
        }
      }
    }
    return best;
  }

  const std::vector<std::vector<double>>& x_;
  std::span<const double> residuals_;
  const BoostOptions& options_;
  Tree tree_;
};

double evaluate(const Tree& tree, std::span<const double> x) {
  const TreeNode* node = &tree.front();
  while (node->feature >= 0) {
    const bool left = x[static_cast<std::size_t>(node->feature)] < node->threshold;
    node = &tree[static_cast<std::size_t>(left ? node->left : node->right)];
  }
  return node->value;
}

}  // namespace

std::vector<Tree> boost(const std::vector<std::vector<double>>& x, std::span<const double> y,
                        const BoostOptions& options) {
  std::vector<Tree> trees;
  std::vector<double> residuals(y.begin(), y.end());
  if (x.size() < 2 * options.least_in_leaf) {
    return trees;
  }
  for (int i = 0; i < options.trees; ++i) {
    trees.push_back(Grower(x, residuals, options).grow());
    for (std::size_t sample = 0; sample < x.size(); ++sample) {
      residuals[sample] -= evaluate(trees.back(), x[sample]);
    }
  }
  return trees;
}

double evaluate(const std::vector<Tree>& trees, std::span<const double> x) {
  double sum = 0;
  for (const Tree& tree : trees) {
    sum += evaluate(tree, x);
  }
  return sum;
}

}  // namespace offcut::cost
