#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/base/error.h"
#include "models/graph/tensor.h"

namespace offcut::cli {

/// Returns the number of classes if a tensor of that type looks like scores of classes: floats,
/// with all extents 1 but the last, or but the second, as a convolution leaves them.
std::optional<std::int64_t> class_count(const TensorType& type);

/// Returns the best classes with their scores, best first: "7 (0.998), 2 (0.00131)". `labels` names
/// each class; if it is empty, classes are numbers. REQUIRES: the type has a class_count().
std::string top_classes(const Tensor& scores, const std::vector<std::string>& labels);

/// Reads a text file with the name of a class on each line, from class 0 on. Throws InputError.
std::vector<std::string> read_labels(const std::string& path);

}  // namespace offcut::cli
