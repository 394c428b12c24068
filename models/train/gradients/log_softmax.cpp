// The gradient of LogSoftmax: dy - exp(y) * (sum of dy over the group).

#include <cmath>

#include "models/train/softmax_gradient.h"

namespace offcut::train {
namespace {

struct LogSoftmaxSlope {
  static double part(double, double dy) { return dy; }
  static double slope(double y, double dy, double sum) { return dy - std::exp(y) * sum; }
};

}  // namespace

void register_log_softmax(Registry<Gradient>& registry) {
  registry.add({.name = "LogSoftmax",
                .doc = "dy - exp(y) * (sum of dy)",
                .reads_outputs = true,
                .backward = softmax_backward<LogSoftmaxSlope>});
}

}  // namespace offcut::train
