// Finds infinities and NaNs: in tensors, by the exponent of each element; in constants, before
// anything runs; and in a computation, by the processor's sticky flags.

#include "models/exec/finite.h"

#include <algorithm>
#include <bit>
#include <cfenv>
#include <cmath>
#include <limits>

namespace offcut::exec {
namespace {

/// An infinity or a NaN has the largest exponent. Integers are compared, because the compiler can
/// vectorise that.
template <class Bits, class T>
bool has_small_exponents(std::span<const T> values) {
  const auto exponent = std::bit_cast<Bits>(std::numeric_limits<T>::infinity());
  Bits largest = 0;
  for (const T value : values) {
    largest = std::max(largest, static_cast<Bits>(std::bit_cast<Bits>(value) & exponent));
  }
  return largest != exponent;
}

/// Returns whether each element is finite or equal to `allowed`.
bool is_finite_but(const Tensor& tensor, float allowed) {
  if (all_finite(tensor)) {
    return true;
  }
  if (allowed == 0 || tensor.type().type != DataType::float32) {
    return false;
  }
  const auto values = tensor.values<float>();
  return std::all_of(values.begin(), values.end(),
                     [=](float x) { return std::isfinite(x) || x == allowed; });
}

constexpr float kInfinity = std::numeric_limits<float>::infinity();

/// Returns the infinity that the constant input may have, or 0 if it may have none.
float allowed_infinity(const Program& program, const Operation& operation, std::size_t input) {
  constexpr std::size_t kMask = 3;
  if (std::holds_alternative<Attention>(operation.group)) {
    return input == kMask ? -kInfinity : 0;
  }
  if (program.has_op(operation, "Clip")) {
    return input == 1 ? -kInfinity : input == 2 ? kInfinity : 0;
  }
  return 0;
}

bool inputs_are_finite(const Program& program, const Operation& operation) {
  for (std::size_t i = 0; i < operation.inputs.size(); ++i) {
    const Operand& input = operation.inputs[i];
    if (program.is_constant(input) && !input.make &&
        !is_finite_but(program.constant(input), allowed_infinity(program, operation, i))) {
      return false;
    }
  }
  const auto* const attention = std::get_if<Attention>(&operation.group);
  return attention == nullptr || (std::isfinite(attention->scale) && attention->fill < kInfinity);
}

struct IsFinite {
  float allowed;

  bool operator()(float value) const { return std::isfinite(value) || value == allowed; }
  bool operator()(const std::vector<float>& values) const {
    return std::all_of(values.begin(), values.end(), [](float x) { return std::isfinite(x); });
  }
  bool operator()(const Tensor& value) const { return all_finite(value); }
  template <class Other>
  bool operator()(const Other&) const {
    return true;
  }
};

bool attributes_are_finite(const Layer& layer) {
  return std::all_of(layer.attributes.begin(), layer.attributes.end(), [&](const auto& attribute) {
    const auto& [name, value] = attribute;
    const bool limit = layer.op_name == "Clip";
    const float allowed = limit && name == "min"   ? -kInfinity
                          : limit && name == "max" ? kInfinity
                                                   : 0;
    return std::visit(IsFinite{allowed}, value);
  });
}

}  // namespace

bool all_finite(const Tensor& tensor) {
  switch (tensor.type().type) {
    case DataType::float32:
      return has_small_exponents<std::uint32_t>(tensor.values<float>());
    case DataType::float64:
      return has_small_exponents<std::uint64_t>(tensor.values<double>());
    default:
      return true;
  }
}

bool constants_are_finite(const Program& program) {
  for (std::size_t i = 0; i < program.size(); ++i) {
    if (program.merged_away(i)) {
      continue;
    }
    const auto& layers = program[i].layers;
    if (!inputs_are_finite(program, program[i]) ||
        !std::all_of(layers.begin(), layers.end(), [&](LayerId layer) {
          return attributes_are_finite(program.graph().layer(layer));
        })) {
      return false;
    }
  }
  return true;
}

int watched_flags() { return FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW; }

FiniteWatch::FiniteWatch(int threads)
    : threads_(threads), before_(std::fetestexcept(watched_flags())) {
  take_worker_flags(threads);
  std::feclearexcept(watched_flags());
}

FiniteWatch::~FiniteWatch() { std::feraiseexcept(before_); }

bool FiniteWatch::all_finite() const {
  std::feraiseexcept(take_worker_flags(threads_));
  return std::fetestexcept(watched_flags()) == 0;
}

}  // namespace offcut::exec
