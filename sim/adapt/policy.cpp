// The parameters that learning policies share.

#include "sim/adapt/policy.h"

namespace offcut::adapt {

ParameterSpec arms_parameter() {
  return {.name = kArms,
          .is_whole = true,
          .fallback = 4,
          .least = 2,
          .most = 64,
          .doc =
              "the most plans that are tried: the first one and those that are best at the rates "
              "around the stated one"};
}

ParameterSpec epsilon_parameter() {
  return {.name = "epsilon",
          .fallback = 0.1,
          .least = 0,
          .most = 1,
          .doc = "the probability of a random plan"};
}

}  // namespace offcut::adapt
