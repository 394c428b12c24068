#pragma once

#include <string>
#include <vector>

namespace offcut::scheduling {

/// The values of a policy's parameter that a search for policies tries. A policy takes part in such
/// a search if each of its parameters has a default or such values; the others keep their defaults.
struct TriedValues {
  std::string parameter;
  std::vector<double> values;  // In SI, or as multiples of the mean service time of the tier.
  bool times_service = false;  // They are such multiples.
};

}  // namespace offcut::scheduling
