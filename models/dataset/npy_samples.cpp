// NumPy arrays as samples: whole numbers of labels are classes, floats are the targets of a
// regression.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "models/base/error.h"
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
    throw InputError({path}, fmt::format("has elements of type {}, expected numbers",
                                         to_text(tensor.type().type)));
  }
  const auto values = result.values<float>();
  const auto bad =
      std::find_if(values.begin(), values.end(), [](float x) { return !std::isfinite(x); });
  if (bad != values.end()) {
    const std::int64_t size = tensor.size() / std::max<std::int64_t>(1, tensor.shape()[0]);
    throw InputError({path},
                     fmt::format("sample {} (counted from 0) has a value that is not finite",
                                 (bad - values.begin()) / std::max<std::int64_t>(1, size)));
  }
  return result;
}

}  // namespace

Samples read_npy_samples(const std::string& inputs, const std::string& labels) {
  const Tensor values = files::read_npy(inputs);
  if (values.shape().empty() || values.size() == 0) {
    throw InputError({inputs}, "holds no samples");
  }
  const std::int64_t count = values.shape()[0];
  const Tensor truth = files::read_npy(labels);
  if (truth.shape().empty() || truth.shape()[0] != count) {
    throw InputError({labels}, fmt::format("is {}, expected a row for each of {} samples",
                                           to_text(truth.shape()), count));
  }
  Samples samples{.inputs = to_float32(values, inputs), .source = labels};
  const bool is_class = with_values<std::uint8_t, std::int8_t, std::int32_t, std::int64_t, bool>(
      truth, [&](auto classes) {
        samples.labels = Tensor({DataType::int64, truth.shape()});
        std::copy(classes.begin(), classes.end(), samples.labels.values<std::int64_t>().begin());
      });
  if (is_class && truth.shape().size() != 1) {
    throw InputError({labels}, fmt::format("is {}, expected one label for each of {} samples",
                                           to_text(truth.shape()), count));
  }
  if (!is_class) {
    samples.targets = to_float32(truth, labels).reshaped({count, truth.size() / count});
  }
  return samples;
}

}  // namespace offcut::dataset
