#include "sim/cli/class_labels.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <sstream>

#include "models/base/text_file.h"
#include "models/ops/convert.h"

namespace offcut::cli {
namespace {

constexpr std::size_t kShownClasses = 5;

template <class T>
std::string best(std::span<const T> scores, const std::vector<std::string>& labels) {
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const std::size_t shown = std::min(kShownClasses, order.size());
  const auto rank = [&](std::size_t i) { return std::isnan(scores[i]) ? -INFINITY : scores[i]; };
  std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(shown), order.end(),
                    [&](std::size_t a, std::size_t b) {
                      return rank(a) > rank(b) || (rank(a) == rank(b) && a < b);
                    });
  std::string text;
  for (std::size_t i = 0; i < shown; ++i) {
    const std::size_t id = order[i];
    text += fmt::format("{}{} ({:.3g})", i == 0 ? "" : ", ",
                        labels.empty() ? std::to_string(id) : labels[id], scores[id]);
  }
  return text;
}

}  // namespace

std::optional<std::int64_t> class_count(const TensorType& type) {
  const Shape& shape = type.shape;
  if ((type.type != DataType::float32 && type.type != DataType::float64 &&
       !is_short_float(type.type)) ||
      shape.empty()) {
    return std::nullopt;
  }
  const std::int64_t classes = *std::max_element(shape.begin(), shape.end());
  const bool one_image = elements(shape) == classes;
  const bool in_place = shape.back() == classes || (shape.size() > 1 && shape[1] == classes);
  return one_image && in_place && classes > 1 ? std::optional(classes) : std::nullopt;
}

std::string top_classes(const Tensor& scores, const std::vector<std::string>& labels) {
  const Tensor numbers = ops::convert(scores, DataType::float64);
  return best(numbers.values<double>(), labels);
}

std::vector<std::string> read_labels(const std::string& path) {
  std::istringstream file(read_text_file(path, "a text file with a label on each line"));
  std::vector<std::string> labels;
  for (std::string line; std::getline(file, line);) {
    line.erase(line.find_last_not_of("\r \t") + 1);
    labels.push_back(line);
  }
  while (!labels.empty() && labels.back().empty()) {
    labels.pop_back();
  }
  if (labels.empty()) {
    throw InputError({path}, "is empty, expected a label on each line");
  }
  return labels;
}

}  // namespace offcut::cli
