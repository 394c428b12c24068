#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "models/cost/boosted_trees.h"
#include "models/cost/profile.h"

namespace offcut::cost {

/// Predicts the time of layers of one kind on a device:
///
///     (c0 + c1 MACs + c2 parameter bytes + c3 activation bytes + c4 exponentials)
///         * exp(sum of the trees)
///
/// with c >= 0; the exponentials are those of an activation that may be fused after the layer.
/// Neurosurgeon fits such a line, here on relative errors. The trees model the effects that a line
/// can't: steps of tiles, windows, and channels that don't fill a vector (found by nn-Meter).
struct KindModel {
  std::size_t samples = 0;        // The samples it was fitted to; 0: layers of this kind are free.
  std::vector<double> line;       // The coefficients c.
  std::vector<Tree> corrections;  // Corrections of the logarithm.
};

/// Predicts layer times on a device for any model from the profiles of a few.
struct Predictor {
  /// Models by the name of the kind, from narrow to wide: "Relu after Add<Conv", "Relu after Add"
  /// or "Softmax before MatMul" if a layer may be fused with its neighbours, two kinds of products,
  /// the operator, "any".
  std::map<std::string, KindModel> kinds;
  /// The median error of whole models, each predicted from the others. None: unknown.
  std::optional<double> left_out_error = {};

  Seconds predict(const LayerFeatures& features) const;
};

/// Fits a predictor, deterministically. REQUIRES: there is at least one row.
Predictor fit_predictor(const std::vector<ProfileRow>& rows);

/// Returns the features that the trees use.
std::vector<double> tree_features(const LayerFeatures& features);
inline constexpr std::size_t kTreeFeatures = 18;
inline constexpr std::size_t kLineTerms = 5;

/// The time of a model, measured and predicted from the profiles of the other models.
struct ModelError {
  std::string model;
  std::int64_t batch = 1;
  double measured = 0;   // Seconds.
  double predicted = 0;  // Seconds.

  double relative() const { return predicted / measured - 1; }
};

/// The errors when each model is predicted from all others.
struct LeaveOneOut {
  std::vector<ModelError> models;  // In the order of the rows.
  double median_model_error = 0;   // The median of the absolute relative errors.
  double median_layer_error = 0;   // The same for layers with 1/1000 of their model's time or more.
};

/// Predicts each model from all others. Calls `progress` with the share of the models that is done.
/// REQUIRES: the rows are of at least two models, whose measured times are not 0.
LeaveOneOut leave_one_model_out(const std::vector<ProfileRow>& rows,
                                const std::function<void(double done)>& progress = {});

}  // namespace offcut::cost
