#include "models/ops/bitwise.h"

#include <fmt/format.h>

#include <stdexcept>

#include "models/ops/arguments.h"
#include "models/ops/binary.h"

namespace offcut::ops {

void require_integers(const Call& call) {
  call.shape(0);
  const DataType type = call.inputs[0].type;
  if (type != DataType::uint8 && type != DataType::int8 && type != DataType::int32 &&
      type != DataType::int64) {
    throw std::invalid_argument(fmt::format("input 0 is {}, expected integers", to_text(type)));
  }
}

std::vector<TensorType> infer_bitwise(const Call& call) {
  require_integers(call);
  return infer_binary(call);
}

Operator bitwise(std::string name, std::string doc,
                 std::vector<Tensor> (*forward)(const Call&, std::span<const Tensor>)) {
  return {.name = std::move(name),
          .doc = std::move(doc),
          .kind = always<LayerKind::elementwise>,
          .infer = infer_bitwise,
          .macs = no_macs,
          .forward = forward};
}

}  // namespace offcut::ops
