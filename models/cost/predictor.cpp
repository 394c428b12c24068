// Fits a device's predictor to measured layers. Each kind of layer has a line, found by
// non-negative least squares on relative errors, and boosted trees that correct its logarithm. A
// layer counts for several kinds, narrow and wide ones, and a prediction takes the narrowest kind
// that was measured.
#include "models/cost/predictor.h"

#include <algorithm>
#include <cmath>

#include "models/base/quantile.h"
#include "models/cost/least_squares.h"

namespace offcut::cost {
namespace {

constexpr double kNothing = 20e-9;         // Seconds. A layer that takes less was fused away.
constexpr double kLeastShare = 1e-3;       // The errors of smaller shares of a model don't matter.
constexpr std::size_t kFewSamples = 8;     // The fewest samples of a kind with trees.
constexpr double kQuickest = 0.05;         // The quantile of times that counts as the quickest.
constexpr double kPull = 0.1;              // The weight of the quickest time against one sample.
constexpr std::size_t kFewNeighbours = 4;  // The fewest samples of a kind named by neighbours.
const std::string kAny = "any";
const std::string kAnyArithmetic = "any with arithmetic";

// Operators that may be fused after a layer, and those with an exponential for each element.
const std::vector<std::string> kFusedAfter = {"Add", "Clip", "Relu", "Sigmoid"};
const std::vector<std::string> kCostlyAfter = {"Elu", "Erf", "Sigmoid", "Softplus", "Tanh"};

std::vector<double> line_terms(const LayerFeatures& f) {
  const bool is_costly =
      std::find(kCostlyAfter.begin(), kCostlyAfter.end(), f.feeds) != kCostlyAfter.end();
  return {1, f.macs, f.parameter_bytes, f.activation_bytes,
          is_costly ? f.output_channels * f.output_places : 0};
}

/// Returns the kinds of a layer, the narrowest first. A layer with multiply-accumulates is never
/// fused into another one; for other layers, that depends on their neighbours. Products with one
/// row and with many rows are separate kinds, because only the latter re-use their weights.
std::vector<std::string> kinds_of(const LayerFeatures& f) {
  if (f.op == "Gemm" || f.op == "MatMul") {
    return {f.output_places > 1 ? "product of matrices" : "product with a vector", kAnyArithmetic};
  }
  if (f.macs > 0) {
    const bool is_depthwise = f.op == "Conv" && f.groups > 1 && f.groups == f.input_channels;
    return {is_depthwise ? "depthwise Conv" : f.op, kAnyArithmetic};
  }
  const std::string before = f.follows.substr(0, f.follows.find('<'));
  std::vector<std::string> kinds;
  if (before != f.follows) {
    kinds.push_back(f.op + " after " + f.follows);
  }
  if (!before.empty()) {
    kinds.push_back(f.op + " after " + before);
  }
  if (!f.feeds.empty()) {
    kinds.push_back(f.op + " before " + f.feeds);
  }
  if (!before.empty()) {
    kinds.push_back(kAny + " after " + before);
  }
  kinds.push_back(f.op);
  kinds.push_back(kAny);
  return kinds;
}

double on_line(const KindModel& kind, const LayerFeatures& f) {
  const std::vector<double> terms = line_terms(f);
  double sum = 0;
  for (std::size_t i = 0; i < kind.line.size(); ++i) {
    sum += kind.line[i] * terms[i];
  }
  return sum;
}

/// `least` is the time of the quickest layers. It pulls the line's constant weakly towards itself,
/// because a kind with only large layers says nothing about small ones.
KindModel fit_kind(const std::vector<const ProfileRow*>& all, double least) {
  std::vector<const ProfileRow*> rows;
  for (const ProfileRow* row : all) {
    if (row->median > kNothing) {
      rows.push_back(row);
    }
  }
  // All layers of a kind are fused away, or none: the majority decides.
  if (2 * rows.size() < all.size() || rows.empty()) {
    return {};
  }
  KindModel kind{.samples = rows.size()};
  std::vector<std::vector<double>> terms;
  for (const ProfileRow* row : rows) {
    terms.push_back(line_terms(row->features));
    for (double& term : terms.back()) {
      term /= row->median;  // This makes the errors relative.
    }
  }
  terms.push_back({kPull / least, 0, 0, 0, 0});
  std::vector<double> ones(rows.size(), 1);
  ones.push_back(kPull);
  kind.line = nonnegative_least_squares(terms, ones);
  std::vector<std::vector<double>> x;
  std::vector<double> y;
  for (const ProfileRow* row : rows) {
    x.push_back(tree_features(row->features));
    y.push_back(std::log(row->median / std::max(on_line(kind, row->features), kNothing)));
  }
  if (rows.size() >= kFewSamples) {
    kind.corrections = boost(x, y);
  }
  return kind;
}

}  // namespace

std::vector<double> tree_features(const LayerFeatures& f) {
  const auto log = [](double value) { return std::log2(1 + value); };
  const double per_group = f.input_channels / std::max(f.groups, 1.0);
  const double bytes = f.parameter_bytes + f.activation_bytes;
  std::vector<double> features = {
      log(f.macs), log(f.parameter_bytes), log(f.activation_bytes), log(f.input_channels),
      log(f.output_channels), log(f.output_places), f.kernel_size, f.stride, log(f.groups),
      log(per_group), f.macs / std::max(bytes, 1.0),
      // The channels in the last, partly filled vector of 16, of the input and of the output.
      std::fmod(f.input_channels, 16), std::fmod(f.output_channels, 16), log(f.model_bytes)};
  for (const std::string& op : kFusedAfter) {
    features.push_back(f.feeds == op ? 1 : 0);
  }
  return features;
}

Seconds Predictor::predict(const LayerFeatures& features) const {
  const auto own = kinds.find(features.op);
  const bool is_free = own != kinds.end() && own->second.samples == 0;
  for (const std::string& name : kinds_of(features)) {
    if (is_free && name.starts_with(kAny)) {
      return Seconds(0);  // An operator that is free elsewhere, such as a view, is free here.
    }
    const auto found = kinds.find(name);
    if (found == kinds.end()) {
      continue;
    }
    const KindModel& kind = found->second;
    if (kind.samples == 0) {
      return Seconds(0);
    }
    const double line = std::max(on_line(kind, features), kNothing);
    return Seconds(line * std::exp(evaluate(kind.corrections, tree_features(features))));
  }
  return Seconds(0);
}

Predictor fit_predictor(const std::vector<ProfileRow>& rows) {
  std::map<std::string, std::vector<const ProfileRow*>> by_kind;
  for (const ProfileRow& row : rows) {
    for (const std::string& kind : kinds_of(row.features)) {
      if (kind != kAny || row.median > kNothing) {  // An unknown operator must take some time.
        by_kind[kind].push_back(&row);
      }
    }
  }
  std::vector<double> seconds;
  for (const ProfileRow& row : rows) {
    if (row.median > kNothing) {
      seconds.push_back(row.median);
    }
  }
  const double least = seconds.empty() ? kNothing : quantile(seconds, kQuickest);
  Predictor predictor;
  for (const auto& [kind, samples] : by_kind) {
    const bool is_wide = kind.find(' ') == std::string::npos || kind == kAnyArithmetic;
    if (is_wide || samples.size() >= kFewNeighbours) {
      predictor.kinds[kind] = fit_kind(samples, least);
    }
  }
  return predictor;
}

LeaveOneOut leave_one_model_out(const std::vector<ProfileRow>& rows) {
  std::vector<std::string> models;
  for (const ProfileRow& row : rows) {
    if (std::find(models.begin(), models.end(), row.model) == models.end()) {
      models.push_back(row.model);
    }
  }
  LeaveOneOut result;
  std::vector<double> layer_errors;
  for (const std::string& model : models) {
    std::vector<ProfileRow> others;
    std::map<std::int64_t, ModelError> batches;
    for (const ProfileRow& row : rows) {
      if (row.model != model) {
        others.push_back(row);
      }
    }
    const Predictor predictor = fit_predictor(others);
    std::vector<std::pair<const ProfileRow*, double>> predictions;
    for (const ProfileRow& row : rows) {
      if (row.model == model) {
        const double predicted = predictor.predict(row.features).si();
        ModelError& error = batches[row.batch];
        error.model = model;
        error.batch = row.batch;
        error.measured += row.median;
        error.predicted += predicted;
        predictions.emplace_back(&row, predicted);
      }
    }
    for (const auto& [row, predicted] : predictions) {
      if (row->median >= kLeastShare * batches[row->batch].measured) {
        layer_errors.push_back(std::abs(predicted / row->median - 1));
      }
    }
    for (const auto& [batch, error] : batches) {
      result.models.push_back(error);
    }
  }
  std::vector<double> errors;
  for (const ModelError& error : result.models) {
    errors.push_back(std::abs(error.relative()));
  }
  result.median_model_error = quantile(errors, 0.5);
  result.median_layer_error = layer_errors.empty() ? 0 : quantile(layer_errors, 0.5);
  return result;
}

}  // namespace offcut::cost
