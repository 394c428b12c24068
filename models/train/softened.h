#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "models/train/loss.h"

namespace offcut::train {

/// The logarithms of softmax(logits / temperature) of one sample, in float64.
template <class T>
std::vector<double> log_probabilities(const ClassAxis& axis, const T* logits, std::int64_t sample,
                                      double temperature) {
  const std::int64_t start = axis.start(sample);
  std::vector<double> logs(static_cast<std::size_t>(axis.classes));
  for (std::size_t c = 0; c < logs.size(); ++c) {
    logs[c] = static_cast<double>(logits[start + static_cast<std::int64_t>(c) * axis.places]) /
              temperature;
  }
  const double greatest = *std::max_element(logs.begin(), logs.end());
  double sum = 0;
  for (const double log : logs) {
    sum += std::exp(log - greatest);
  }
  const double shift = greatest + std::log(sum);
  for (double& log : logs) {
    log -= shift;
  }
  return logs;
}

}  // namespace offcut::train
