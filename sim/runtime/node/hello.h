#pragma once

#include <string>
#include <vector>

#include "models/base/units.h"
#include "sim/runtime/service/answerer.h"

namespace offcut::runtime {

/// The view of a cut that a tier gives to the tier before it.
struct CutSpec {
  bool is_used = false;                          // This tier or a later one computes layers.
  std::vector<TensorSpec> needs;                 // The tensors that must come.
  std::vector<TensorSpec> gives;                 // The outputs of the network that come back.
  Seconds service;                               // Predicted of this tier, for one request.
  Seconds total;                                 // The same of this tier and those after it.
  std::vector<std::vector<std::string>> layers;  // By tier, this one first.
};

/// The first message of each side of a connection. A node sends that of the tier before it at once,
/// and gets the other when the next tier is ready.
struct Hello {
  std::string refusal = {};  // Not empty: why this node does not serve the other one.
  std::string token;
  std::string model;
  std::vector<std::string> tiers;  // The names of this tier and those after it.
  std::size_t cores = 1;
  std::vector<CutSpec> cuts;
  /// The error of the clock offset of each tier after this one, to this one.
  std::vector<Seconds> clock_errors;
};

std::string to_text(const Hello& hello);
/// Throws std::invalid_argument unless the text is that of a hello of this version.
Hello read_hello(const std::string& text);

}  // namespace offcut::runtime
