// QuantizeLinear and DequantizeLinear with one scale, and quantised sums, which compute in float32
// in the order of the reference operators. Quantised convolutions and products for which there is
// no kernel run as the layers that they were merged from.

#include <algorithm>
#include <cmath>
#include <limits>

#include "models/exec/lowering.h"
#include "models/exec/pattern.h"

namespace offcut::exec {
namespace {

/// Rounds x / scale, which is limited first so that the conversion is defined.
template <class Q>
struct Quantizer {
  float scale, zero, low, high;

  explicit Quantizer(const Scale& to)
      : scale(to.scale),
        zero(static_cast<float>(to.zero)),
        low(static_cast<float>(std::numeric_limits<Q>::min()) - zero),
        high(static_cast<float>(std::numeric_limits<Q>::max()) - zero) {}

  Q operator()(float x) const {
    const float limited = std::min(std::max(low, x / scale), high);  // NaN becomes `low`.
    return static_cast<Q>(static_cast<std::int32_t>(std::rint(limited) + zero));
  }
};

/// Calls f with an element of the type, uint8 or int8.
template <class F>
void with_byte(DataType type, F f) {
  if (type == DataType::uint8) {
    f(std::uint8_t{});
  } else {
    f(std::int8_t{});
  }
}

template <class T>
float real(T integer, const Scale& from) {
  return static_cast<float>(static_cast<std::int32_t>(integer) - from.zero) * from.scale;
}

bool is_byte(DataType type) { return type == DataType::uint8 || type == DataType::int8; }

}  // namespace

std::pair<BufferId, BufferId> Lowering::places_alike(TensorId from, TensorId to) {
  const BufferId x = plain(from);
  const BufferId y =
      schedule_.add_scratch(std::max<std::size_t>(static_cast<std::size_t>(type(to).bytes()), 1));
  set_plain(to, y);
  return {x, y};
}

bool Lowering::lower_quantize(const Operation& operation) {
  if (!program_.has_op(operation, "QuantizeLinear") || program_.is_constant(operation.inputs[0]) ||
      !is_float(program_, operation.inputs[0])) {
    return false;
  }
  const TensorId result = operation.outputs.front();
  const auto scale = scale_of(program_, operation);
  if (!scale || !is_byte(type(result).type)) {
    return false;
  }
  const auto count = static_cast<std::size_t>(elements(type(result).shape));
  const auto [x, y] = places_alike(operation.inputs[0].id, result);
  schedule_.add_step(
      {.name = operation.name,
       .kernel = "quantize",
       .reads = {x},
       .writes = {y},
       .run = [x = x, y = y, count, to = *scale, type = type(result).type](BufferTable& buffers) {
         with_byte(type, [&](auto byte) {
           using Q = decltype(byte);
           std::transform(buffers.floats(x), buffers.floats(x) + count,
                          reinterpret_cast<Q*>(buffers.data(y)), Quantizer<Q>(to));
         });
       }});
  return true;
}

bool Lowering::lower_dequantize(const Operation& operation) {
  if (!program_.has_op(operation, "DequantizeLinear") ||
      program_.is_constant(operation.inputs[0])) {
    return false;
  }
  const DataType from_type = program_.type(operation.inputs[0]).type;
  const auto scale = scale_of(program_, operation);
  const TensorId result = operation.outputs.front();
  if (!scale || !is_byte(from_type) || type(result).type != DataType::float32) {
    return false;
  }
  const auto count = static_cast<std::size_t>(elements(type(result).shape));
  const auto [x, y] = places_alike(operation.inputs[0].id, result);
  schedule_.add_step({.name = operation.name,
                      .kernel = "dequantize",
                      .reads = {x},
                      .writes = {y},
                      .run = [x = x, y = y, count, from = *scale, from_type](BufferTable& buffers) {
                        with_byte(from_type, [&](auto byte) {
                          using Q = decltype(byte);
                          const auto* const integers = reinterpret_cast<const Q*>(buffers.data(x));
                          std::transform(integers, integers + count, buffers.floats(y),
                                         [from](Q integer) { return real(integer, from); });
                        });
                      }});
  return true;
}

void Lowering::lower_quantized(const Operation& operation) {
  const auto& group = std::get<Quantized>(operation.group);
  if (group.moves && fast_ && program_.layer(operation).work.kind == LayerKind::view) {
    lower_view(operation.inputs[0].id, operation.outputs.front());
    return;
  }
  if (group.weights.absent() && !group.moves && !group.averages && fast_) {
    const TensorId result = operation.outputs.front();
    const auto count = static_cast<std::size_t>(elements(type(result).shape));
    const BufferId a = plain(operation.inputs[0].id);
    const BufferId b = plain(operation.inputs[1].id);
    const BufferId y = schedule_.add_scratch(std::max<std::size_t>(count, 1));
    set_plain(result, y);
    add_quantized_sum(operation, a, b, y, count);
    return;
  }
  for (Operation part : *group.parts) {
    part.name = operation.name;
    lower(part);
  }
}

void Lowering::add_quantized_sum(const Operation& operation, BufferId a, BufferId b, BufferId y,
                                 std::size_t count) {
  const auto& group = std::get<Quantized>(operation.group);
  constexpr float kInfinite = std::numeric_limits<float>::infinity();
  float low = -kInfinite;
  float high = kInfinite;
  if (operation.activation) {
    const bool relu = operation.activation->kind == Activation::Kind::relu;
    low = relu ? 0 : operation.activation->low;
    high = relu ? kInfinite : operation.activation->high;
  }
  const DataType a_type = program_.type(operation.inputs[0]).type;
  const DataType b_type = program_.type(operation.inputs[1]).type;
  const DataType y_type = type(operation.outputs.front()).type;
  schedule_.add_step({.name = operation.name,
                      .kernel = "quantized sum",
                      .reads = {a, b},
                      .writes = {y},
                      .run = [=, from_a = group.inputs[0], from_b = group.inputs[1],
                              to = group.output](BufferTable& buffers) {
                        with_byte(a_type, [&](auto a_byte) {
                          with_byte(b_type, [&](auto b_byte) {
                            with_byte(y_type, [&](auto y_byte) {
                              using A = decltype(a_byte);
                              using B = decltype(b_byte);
                              using Y = decltype(y_byte);
                              const auto* const first = reinterpret_cast<const A*>(buffers.data(a));
                              const Quantizer<Y> quantize(to);
                              std::transform(
                                  first, first + count, reinterpret_cast<const B*>(buffers.data(b)),
                                  reinterpret_cast<Y*>(buffers.data(y)), [&](A one, B other) {
                                    const float sum = real(one, from_a) + real(other, from_b);
                                    return quantize(std::min(std::max(sum, low), high));
                                  });
                            });
                          });
                        });
                      }});
}

}  // namespace offcut::exec
