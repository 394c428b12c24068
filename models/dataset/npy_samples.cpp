// NumPy arrays as samples: whole numbers of labels are classes, floats are the targets of a
// regression.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "models/base/error.h"
#include "models/base/number_text.h"
#include "models/base/readable.h"
#include "models/dataset/readers.h"
#include "models/files/npy.h"

namespace offcut::dataset {
namespace {

/// Calls f(values) with the elements of a tensor of one of these types. Returns whether it is one.
template <class... T, class F>
bool with_values(const Tensor& tensor, F f) {
  return ((tensor.type().type == kDataType<T> ? (f(tensor.values<T>()), true) : false) || ...);
}

Tensor to_float32(const Tensor& tensor, const std::string& path) {
  Tensor result({DataType::float32, tensor.shape()});
  const float divisor = tensor.type().type == DataType::uint8 ? 255 : 1;
  const bool known =
      with_values<float, double, std::uint8_t, std::int8_t, std::int32_t, std::int64_t>(
          tensor, [&](auto values) {
            std::transform(values.begin(), values.end(), result.values<float>().begin(),
                           [&](auto value) { return static_cast<float>(value) / divisor; });
          });
  if (!known) {
    throw InputError({path},
                     fmt::format("has elements of type {}, expected float32, float64, uint8, "
                                 "int8, int32 or int64",
                                 to_text(tensor.type().type)));
  }
  const auto values = result.values<float>();
  const auto bad =
      std::find_if(values.begin(), values.end(), [](float x) { return !std::isfinite(x); });
  if (bad != values.end()) {
    const std::int64_t size = std::max<std::int64_t>(1, tensor.size() / tensor.shape()[0]);
    const std::int64_t place = bad - values.begin();
    throw InputError({path}, fmt::format("row {}, element {} (both counted from 0): {}; expected a "
                                         "number that a float32 can hold",
                                         place / size, place % size, number_text(*bad)));
  }
  return result;
}

}  // namespace

Samples read_npy_samples(const std::string& inputs, const std::string& labels) {
  const Tensor values = files::read_npy(inputs);
  if (values.shape().empty() || values.size() == 0) {
    throw InputError({inputs},
                     fmt::format("holds no samples: its shape is {}", to_text(values.shape())));
  }
  const std::int64_t count = values.shape()[0];
  const Tensor truth = files::read_npy(labels);
  if (truth.shape().empty() || truth.shape()[0] != count) {
    throw InputError({labels},
                     fmt::format("has the shape {}, expected {}: one for each sample of {}",
                                 to_text(truth.shape()), counted(count, "row"), inputs));
  }
  Samples samples{
      .inputs = to_float32(values, inputs), .source = inputs, .source_of_labels = labels};
  const bool is_class = with_values<std::uint8_t, std::int8_t, std::int32_t, std::int64_t, bool>(
      truth, [&](auto classes) {
        samples.labels = Tensor({DataType::int64, truth.shape()});
        std::copy(classes.begin(), classes.end(), samples.labels.values<std::int64_t>().begin());
      });
  if (is_class && truth.shape().size() != 1) {
    throw InputError({labels}, fmt::format("has whole numbers of the shape {}, expected {}: one "
                                           "label for each sample",
                                           to_text(truth.shape()), count));
  }
  if (!is_class) {
    samples.targets = to_float32(truth, labels).reshaped({count, truth.size() / count});
  }
  return samples;
}

}  // namespace offcut::dataset
