#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "models/graph/graph.h"

namespace offcut::onnx {

/// A layer of a file that reads only constants, so that the import computes it.
struct ConstantLayer {
  std::string op_name;
  Attributes attributes;
  std::vector<std::shared_ptr<const Parameter>> inputs;  // Null: an omitted one.
};

/// Such layers, by the parameter that they make.
using ConstantLayers = std::map<std::shared_ptr<const Parameter>, ConstantLayer>;

}  // namespace offcut::onnx
