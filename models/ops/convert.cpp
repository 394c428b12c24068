#include "models/ops/convert.h"

#include <algorithm>

#include "models/ops/element_types.h"

namespace offcut::ops {

Tensor convert(const Tensor& input, DataType to) {
  if (to == input.type().type) {
    return input;
  }
  return with_element_type(to, [&](auto a) {
    return with_element_type(input.type().type, [&](auto b) {
      using To = decltype(a);
      using From = decltype(b);
      Tensor output(TensorType{to, input.shape()});
      const auto from = input.values<From>();
      std::transform(from.begin(), from.end(), output.values<To>().begin(), converted<To, From>);
      return output;
    });
  });
}

}  // namespace offcut::ops
