// BitShift: a shifted by b bits in the `direction` LEFT or RIGHT, with numpy's broadcasting. uint8
// is the only unsigned type that offcut has. Shifts by all bits and more give 0.

#include <fmt/format.h>

#include <stdexcept>

#include "models/ops/binary.h"

namespace offcut::ops {
namespace {

struct Left {
  std::uint8_t operator()(std::uint8_t a, std::uint8_t b) const {
    return b > 7 ? std::uint8_t{0} : static_cast<std::uint8_t>(a << b);
  }
};
struct Right {
  std::uint8_t operator()(std::uint8_t a, std::uint8_t b) const {
    return b > 7 ? std::uint8_t{0} : static_cast<std::uint8_t>(a >> b);
  }
};

std::vector<TensorType> infer_bit_shift(const Call& call) {
  auto outputs = infer_binary(call);
  if (outputs[0].type != DataType::uint8) {
    throw std::invalid_argument(
        fmt::format("inputs are {}, only uint8 is supported", to_text(outputs[0].type)));
  }
  const std::string direction = call.attributes.text("direction", "");
  if (direction != "LEFT" && direction != "RIGHT") {
    throw std::invalid_argument(fmt::format("attribute 'direction' is '{}'", direction));
  }
  return outputs;
}

std::vector<Tensor> forward_bit_shift(const Call& call, std::span<const Tensor> inputs) {
  return {call.attributes.text("direction", "") == "LEFT"
              ? map_pairs<Left, std::uint8_t>(inputs[0], inputs[1])
              : map_pairs<Right, std::uint8_t>(inputs[0], inputs[1])};
}

}  // namespace

void register_bit_shift(Registry<Operator>& registry) {
  registry.add({.name = "BitShift",
                .doc = "a shifted by b bits, with broadcasting",
                .kind = always<LayerKind::elementwise>,
                .infer = infer_bit_shift,
                .macs = no_macs,
                .forward = forward_bit_shift});
}

}  // namespace offcut::ops
