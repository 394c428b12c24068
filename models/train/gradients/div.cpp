// The gradient of Div, a / b: 1 / b and -a / b^2 times the slope.

#include "models/train/binary_gradient.h"

namespace offcut::train {
namespace {

struct DivSlopes {
  template <class T>
  static T left([[maybe_unused]] T a, [[maybe_unused]] T b) {
    return 1 / b;
  }
  template <class T>
  static T right([[maybe_unused]] T a, [[maybe_unused]] T b) {
    return -a / (b * b);
  }
};

}  // namespace

void register_div(Registry<Gradient>& registry) {
  registry.add({.name = "Div",
                .doc = "1 / b and -a / b^2",
                .reads_inputs = {0, 1},
                .weights = {0, 1},
                .backward = binary_backward<DivSlopes>});
}

}  // namespace offcut::train
