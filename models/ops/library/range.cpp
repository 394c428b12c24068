// Range: start, start + delta, start + 2 * delta, .. up to but not including limit. All three are
// constants of one type, float32, int64 or int32.

#include <fmt/format.h>

#include <cmath>
#include <functional>
#include <stdexcept>

#include "models/ops/arguments.h"
#include "models/ops/binary.h"

namespace offcut::ops {
namespace {

template <class T>
T scalar(const Call& call, std::size_t input) {
  return call.known_value(input).values<T>().front();
}

std::int64_t count(float start, float limit, float delta) {
  const double steps = std::ceil((static_cast<double>(limit) - start) / delta);
  if (!(steps < 0x1p62)) {
    throw std::invalid_argument(
        fmt::format("the range {} to {} by {} has no end", start, limit, delta));
  }
  return static_cast<std::int64_t>(std::fmax(0, steps));
}

std::int64_t count(std::int64_t start, std::int64_t limit, std::int64_t delta) {
  if (delta == 0) {
    throw std::invalid_argument("delta is 0");
  }
  const auto distance = [](std::int64_t from, std::int64_t to) {  // Up to 2^64 - 1.
    return static_cast<std::uint64_t>(to) - static_cast<std::uint64_t>(from);
  };
  if (delta > 0 ? start >= limit : start <= limit) {
    return 0;
  }
  const std::uint64_t whole = delta > 0 ? distance(start, limit) : distance(limit, start);
  const std::uint64_t step = delta > 0 ? distance(0, delta) : distance(delta, 0);
  const std::uint64_t steps = (whole - 1) / step;
  if (steps >= std::uint64_t{1} << 62) {
    throw std::invalid_argument(
        fmt::format("the range {} to {} by {} is too long", start, limit, delta));
  }
  return static_cast<std::int64_t>(steps) + 1;
}

template <class T>
std::int64_t count_of(const Call& call) {
  using Wide = std::conditional_t<std::is_integral_v<T>, std::int64_t, T>;
  return count(Wide{scalar<T>(call, 0)}, Wide{scalar<T>(call, 1)}, Wide{scalar<T>(call, 2)});
}

template <class T>
std::vector<Tensor> range_values(const Call& call) {
  Tensor output(TensorType{kDataType<T>, {count_of<T>(call)}});
  const T start = scalar<T>(call, 0);
  const T delta = scalar<T>(call, 2);
  std::int64_t index = 0;
  for (T& x : output.values<T>()) {
    const T distance = wrapping(static_cast<T>(index), delta, std::multiplies<>());
    x = wrapping(start, distance, std::plus<>());
    ++index;
  }
  return {output};
}

std::vector<TensorType> infer_range(const Call& call) {
  require_inputs(call, 3, 3);
  const DataType type = number_type(call);
  if (type != DataType::float32 && type != DataType::int64 && type != DataType::int32) {
    throw std::invalid_argument(
        fmt::format("inputs are {}, only float32, int64 and int32 are supported", to_text(type)));
  }
  for (std::size_t i = 0; i < 3; ++i) {
    require_same_type(call, 0, i);
    if (elements(call.shape(i)) != 1) {
      throw std::invalid_argument(
          fmt::format("input {} is {}, expected a scalar", i, to_text(call.inputs[i])));
    }
  }
  const std::int64_t places = type == DataType::float32 ? count_of<float>(call)
                              : type == DataType::int64 ? count_of<std::int64_t>(call)
                                                        : count_of<std::int32_t>(call);
  return {output_type(type, {places})};
}

std::vector<Tensor> forward_range(const Call& call, std::span<const Tensor>) {
  switch (call.inputs[0].type) {
    case DataType::int64:
      return range_values<std::int64_t>(call);
    case DataType::int32:
      return range_values<std::int32_t>(call);
    default:
      return range_values<float>(call);
  }
}

}  // namespace

void register_range(Registry<Operator>& registry) {
  registry.add({.name = "Range",
                .doc = "start, start + delta, .. up to limit",
                .kind = always<LayerKind::data_movement>,
                .infer = infer_range,
                .macs = no_macs,
                .forward = forward_range});
}

}  // namespace offcut::ops
