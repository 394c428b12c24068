#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/base/parameters.h"
#include "models/base/registry.h"
#include "models/graph/tensor.h"

namespace offcut::train {

/// The truth for a batch, of which a loss reads what it needs.
struct Target {
  Tensor labels;   // The class of each sample, from 0 on: int64.
  Tensor values;   // Numbers of the prediction's type and number of elements.
  Tensor teacher;  // The logits of a teacher, of the prediction's type and shape.
};

struct LossValue {
  double loss = 0;  // A mean over the batch.
  Tensor slope;     // dL/d prediction.
};

/// A loss of a batch of predictions, float32 or float64. evaluate() throws std::invalid_argument
/// for targets that do not fit, with the number of the sample.
struct Loss {
  std::string name;
  std::string doc;
  std::string citation;
  std::vector<ParameterSpec> parameters = {};

  /// The loss takes the input of these operators in the place of their output if the network ends
  /// in one of them, and is computed without overflow: cross entropy takes the logits of a Softmax.
  std::vector<std::string> absorbs = {};
  bool needs_teacher = false;

  LossValue (*evaluate)(const Parameters&, const Tensor& prediction, const Target&);
};

void register_losses(Registry<Loss>& registry);  // Generated from models/train/losses.

/// A batch of logits: axis 1 has the classes, all other axes are samples.
struct ClassAxis {
  std::int64_t batch, classes, places;

  /// Throws std::invalid_argument if the prediction has no axis 1.
  explicit ClassAxis(const Shape& prediction);
  std::int64_t samples() const { return batch * places; }
  /// Returns where the first logit of a sample lies; the next ones are `places` apart.
  std::int64_t start(std::int64_t sample) const {
    return sample / places * classes * places + sample % places;
  }
};

/// Returns the class of each sample. Throws std::invalid_argument if there are not as many labels
/// as samples, or one is out of range.
std::vector<std::int64_t> checked_labels(const ClassAxis& axis, const Target& target);

/// Returns how many of the samples have their greatest logit (the first of equal ones) at the
/// label. A single logit stands for class 1 if it is above 0, else for class 0. Throws like
/// checked_labels().
std::int64_t count_correct(const Tensor& prediction, const Tensor& labels);

}  // namespace offcut::train
