// The gradient of Mul, a * b: b and a times the slope.

#include "models/train/binary_gradient.h"

namespace offcut::train {
namespace {

struct MulSlopes {
  template <class T>
  static T left([[maybe_unused]] T a, [[maybe_unused]] T b) {
    return b;
  }
  template <class T>
  static T right([[maybe_unused]] T a, [[maybe_unused]] T b) {
    return a;
  }
};

}  // namespace

void register_mul(Registry<Gradient>& registry) {
  registry.add({.name = "Mul",
                .doc = "b and a",
                .reads_inputs = {0, 1},
                .weights = {0, 1},
                .backward = binary_backward<MulSlopes>});
}

}  // namespace offcut::train
