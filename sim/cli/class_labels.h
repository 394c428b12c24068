#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/base/error.h"
#include "models/graph/tensor.h"

namespace offcut::cli {

/// The number of classes, where a tensor of that type looks like scores of classes: of floats, and
/// all extents but the last, or all but the second (as a convolution leaves it), are 1.
std::optional<std::int64_t> class_count(const TensorType& type);

/// The best classes with their scores, best first: "7 (0.998), 2 (0.00131)". `labels` has a name
/// for each class, or is empty: then classes are numbers. REQUIRES: class_count() of its type.
std::string top_classes(const Tensor& scores, const std::vector<std::string>& labels);

/// A text file with the name of a class on each line, from class 0 on. Throws InputError.
std::vector<std::string> read_labels(const std::string& path);

}  // namespace offcut::cli
