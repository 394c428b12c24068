// EyeLike: ones on diagonal `k` of a matrix of the input's shape, zeros elsewhere, of the input's
// type or of type `dtype`.

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "models/ops/arguments.h"
#include "models/ops/convert.h"
#include "models/ops/element_types.h"
#include "models/ops/type_codes.h"

namespace offcut::ops {
namespace {

std::vector<TensorType> infer_eye_like(const Call& call) {
  require_inputs(call, 1, 1);
  const Shape& shape = call.shape(0);
  if (shape.size() != 2) {
    throw std::invalid_argument(fmt::format("input {} is not a matrix", to_text(shape)));
  }
  call.attributes.integer("k", 0);
  const DataType type = call.attributes.has("dtype")
                            ? type_of_code(call.attributes.integer("dtype", 0))
                            : call.inputs[0].type;
  return {output_type(type, shape)};
}

std::vector<Tensor> forward_eye_like(const Call& call, std::span<const Tensor>) {
  const TensorType type = infer_eye_like(call).front();
  // Floats of 16 bits have no arithmetic, not even a 1.
  Tensor output(TensorType{is_short_float(type.type) ? DataType::float32 : type.type, type.shape});
  const std::int64_t rows = output.shape()[0];
  const std::int64_t columns = output.shape()[1];
  const std::int64_t k = std::clamp(call.attributes.integer("k", 0), -rows, columns);
  with_element_type(output.type().type, [&](auto zero) {
    using T = decltype(zero);
    const auto y = output.values<T>();
    for (std::int64_t row = std::max<std::int64_t>(0, -k); row < std::min(rows, columns - k);
         ++row) {
      y[static_cast<std::size_t>(row * columns + row + k)] = T{1};
    }
  });
  return {convert(output, type.type)};
}

}  // namespace

void register_eye_like(Registry<Operator>& registry) {
  registry.add({.name = "EyeLike",
                .doc = "ones on a diagonal of a matrix of the input's shape",
                .kind = always<LayerKind::data_movement>,
                .infer = infer_eye_like,
                .macs = no_macs,
                .forward = forward_eye_like});
}

}  // namespace offcut::ops
