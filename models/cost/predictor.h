#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "models/cost/boosted_trees.h"
#include "models/cost/profile.h"

namespace offcut::cost {

/// How long layers of one kind take on a device:
///
///     (c0 + c1 MACs + c2 parameter bytes + c3 activation bytes + c4 exponentials)
///         * exp(sum of the trees)
///
/// with c >= 0; exponentials are those of an activation that may be fused behind the layer. The
/// line is what Neurosurgeon fits, on relative errors; the trees take what a line can't: steps of
/// tiles, windows, channels that don't fill a vector (nn-Meter's finding).
struct KindModel {
  std::size_t samples = 0;        // what it was fitted to; 0: always no time at all
  std::vector<double> line;       // c
  std::vector<Tree> corrections;  // of the logarithm
};

/// A device that is known from the profiles of a few models, and so for any other.
struct Predictor {
  /// By the kind's name, from the narrowest that was seen: "Relu after Add<Conv", "Relu after Add",
  /// "Softmax before MatMul" where a layer may be fused with its neighbours, two kinds of products,
  /// the operator, "any".
  std::map<std::string, KindModel> kinds;

  Seconds predict(const LayerFeatures& features) const;
};

/// Fits a predictor. Deterministic. REQUIRES: rows.
Predictor fit_predictor(const std::vector<ProfileRow>& rows);

/// The features that the trees look at.
std::vector<double> tree_features(const LayerFeatures& features);
inline constexpr std::size_t kTreeFeatures = 18;
inline constexpr std::size_t kLineTerms = 5;

/// What a model was predicted to take, by the profiles of the others.
struct ModelError {
  std::string model;
  std::int64_t batch = 1;
  double measured = 0;   // seconds
  double predicted = 0;  // seconds

  double relative() const { return predicted / measured - 1; }
};

/// How well each model is predicted from all others.
struct LeaveOneOut {
  std::vector<ModelError> models;  // in the order of the rows
  double median_model_error = 0;   // of the absolute relative errors
  double median_layer_error = 0;   // of the layers that take at least a thousandth of their model
};

/// REQUIRES: rows of at least two models, whose measured times are not 0.
LeaveOneOut leave_one_model_out(const std::vector<ProfileRow>& rows,
                                const std::function<void(double done)>& progress = {});

}  // namespace offcut::cost
