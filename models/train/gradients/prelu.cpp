// The gradient of PRelu: 1 where x > 0, else the slope's value; and x where x < 0.

#include "models/train/binary_gradient.h"

namespace offcut::train {
namespace {

struct PreluSlopes {
  template <class T>
  static T left([[maybe_unused]] T a, [[maybe_unused]] T b) {
    return a > 0 ? T{1} : b;
  }
  template <class T>
  static T right([[maybe_unused]] T a, [[maybe_unused]] T b) {
    return a < 0 ? a : T{0};
  }
};

}  // namespace

void register_prelu(Registry<Gradient>& registry) {
  registry.add({.name = "PRelu",
                .doc = "1 or the slope's value; x where x < 0",
                .reads_inputs = {0, 1},
                .weights = {1},
                .backward = binary_backward<PreluSlopes>});
}

}  // namespace offcut::train
