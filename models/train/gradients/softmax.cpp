// The gradient of Softmax: y * (dy - sum of y * dy over the group).

#include "models/train/softmax_gradient.h"

namespace offcut::train {
namespace {

struct SoftmaxSlope {
  static double part(double y, double dy) { return y * dy; }
  static double slope(double y, double dy, double sum) { return y * (dy - sum); }
};

}  // namespace

void register_softmax(Registry<Gradient>& registry) {
  registry.add({.name = "Softmax",
                .doc = "y * (dy - sum of y * dy)",
                .reads_outputs = true,
                .backward = softmax_backward<SoftmaxSlope>});
}

}  // namespace offcut::train
