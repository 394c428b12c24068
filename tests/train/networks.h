#pragma once

#include <functional>
#include <string>
#include <vector>

#include "models/ops/operator.h"

namespace offcut::train {

const Registry<ops::Operator>& all_operators();

/// A network of the comparison with PyTorch, with its optimiser.
struct ComparedNetwork {
  std::string name;
  std::function<Graph()> build;
  std::string optimizer;
  double rate;
  double decay = 0;
  double clip = 0;         // The norm to clip gradients to; 0 for no clipping.
  bool from_file = false;  // The weights of the file, and the shipped images of digits.
  std::int64_t classes = 10;
  std::int64_t tokens = 0;  // Of an input of tokens; 0 for an image.
};
std::vector<ComparedNetwork> compared_networks();

}  // namespace offcut::train
