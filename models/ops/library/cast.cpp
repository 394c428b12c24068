// Cast: each element as the type `to` (ONNX's number of it). Real numbers lose their fraction when
// they become integers, and stop at the limits of the type; a NaN becomes 0. Integers wrap around.
// A bool is whether the number is not 0.

#include <fmt/format.h>

#include <array>
#include <stdexcept>

#include "models/ops/arguments.h"
#include "models/ops/element_types.h"

namespace offcut {
namespace {

struct Code {
  std::int64_t onnx;
  DataType type;
};

constexpr std::array<Code, 7> kCodes = {{{1, DataType::float32},
                                         {2, DataType::uint8},
                                         {3, DataType::int8},
                                         {6, DataType::int32},
                                         {7, DataType::int64},
                                         {9, DataType::boolean},
                                         {11, DataType::float64}}};

DataType target(const Call& call) {
  if (!call.attributes.has("to")) {
    throw std::invalid_argument("attribute 'to' is missing");
  }
  const std::int64_t to = call.attributes.integer("to", 0);
  for (const Code& code : kCodes) {
    if (code.onnx == to) {
      return code.type;
    }
  }
  throw std::invalid_argument(fmt::format("elements of type {} are not supported", to));
}

std::vector<TensorType> infer(const Call& call) {
  require_inputs(call, 1, 1);
  return {output_type(target(call), call.shape(0))};
}

template <class To, class From>
Tensor convert(const Tensor& input) {
  Tensor output(TensorType{kDataType<To>, input.shape()});
  const auto from = input.values<From>();
  const auto to = output.values<To>();
  for (std::size_t i = 0; i < from.size(); ++i) {
    to[i] = converted<To>(from[i]);
  }
  return output;
}

std::vector<Tensor> forward(const Call& call, std::span<const Tensor> inputs) {
  const DataType to = target(call);
  if (to == inputs[0].type().type) {
    return {inputs[0]};
  }
  return {with_element_type(to, [&](auto a) {
    return with_element_type(inputs[0].type().type,
                             [&](auto b) { return convert<decltype(a), decltype(b)>(inputs[0]); });
  })};
}

}  // namespace

void register_cast(Registry<Operator>& registry) {
  registry.add({.name = "Cast",
                .doc = "each element as another type",
                .kind = always<LayerKind::elementwise>,
                .infer = infer,
                .macs = no_macs,
                .forward = forward});
}

}  // namespace offcut
