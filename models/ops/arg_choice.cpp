#include "models/ops/arg_choice.h"

#include <fmt/format.h>

#include <stdexcept>

#include "models/ops/arguments.h"
#include "models/ops/binary.h"
#include "models/ops/lines.h"

namespace offcut::ops {
namespace {

bool prefers_last(const Call& call) {
  return call.opset >= 12 && call.attributes.integer("select_last_index", 0) != 0;
}

/// Returns whether b, which comes later, is chosen instead of a. A NaN is, whatever the others are,
/// as in numpy and so in ONNX's reference implementation.
template <class T>
bool is_preferred(T b, T a, bool greatest, bool last) {
  if (b != b || a != a) {
    return b != b && (a == a || last);
  }
  return (greatest ? b > a : b < a) || (last && b == a);
}

}  // namespace

std::vector<TensorType> infer_arg(const Call& call) {
  require_inputs(call, 1, 1);
  number_type(call);
  const std::size_t axis = axis_argument(call, 0);
  prefers_last(call);
  Shape shape = call.shape(0);
  if (shape[axis] == 0) {
    throw std::invalid_argument(
        fmt::format("input {} has no elements to choose from", to_text(shape)));
  }
  shape[axis] = 1;
  if (call.attributes.integer("keepdims", 1) == 0) {
    shape.erase(shape.begin() + static_cast<std::ptrdiff_t>(axis));
  }
  return {{DataType::int64, std::move(shape)}};
}

std::vector<Tensor> forward_arg(const Call& call, const Tensor& input, bool greatest) {
  const bool last = prefers_last(call);
  const Lines lines = lines_along(call.shape(0), axis_argument(call, 0));
  Tensor output(infer_arg(call).front());
  std::int64_t* to = output.values<std::int64_t>().data();
  with_number_type(input.type().type, [&](auto zero) {
    const auto* const from = input.values<decltype(zero)>().data();
    lines.for_each([&](std::int64_t start) {
      std::int64_t best = 0;
      for (std::int64_t k = 1; k < lines.extent; ++k) {
        best = is_preferred(from[start + k * lines.step], from[start + best * lines.step], greatest,
                            last)
                   ? k
                   : best;
      }
      *to++ = best;
    });
  });
  return {output};
}

}  // namespace offcut::ops
