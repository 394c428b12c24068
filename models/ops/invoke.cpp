// Calls operators that compute in float32 with tensors of other floats. A second Call describes the
// same inputs in float32, with constants that are converted on first use; outputs are converted
// back. It relies on float_shape() to tell operators without float64 from others.

#include "models/ops/invoke.h"

#include <algorithm>
#include <memory>

#include "models/ops/arguments.h"
#include "models/ops/convert.h"

namespace offcut::ops {
namespace {

bool reads(const Call& call, bool (*is_wanted)(DataType)) {
  return std::any_of(call.inputs.begin(), call.inputs.end(),
                     [&](const TensorType& input) { return is_wanted(input.type); });
}

bool is_float64(DataType type) { return type == DataType::float64; }

/// A call with the same inputs in float32.
class Float32Call {
 public:
  Float32Call(const Call& call, bool (*is_converted)(DataType)) : call_(call) {
    for (std::size_t i = 0; i < call.inputs.size(); ++i) {
      const bool converted = is_converted(call.inputs[i].type);
      types_.push_back({converted ? DataType::float32 : call.inputs[i].type, call.inputs[i].shape});
      known_.push_back(converted && call.known[i] != nullptr ? keep_converted(*call.known[i])
                                                             : call.known[i]);
      if (converted && stored_ == DataType::float32) {
        stored_ = call.inputs[i].type;
      }
    }
    if (call.inputs.front().type == DataType::float32) {
      stored_ = DataType::float32;
    }
  }

  Call call() const { return {call_.attributes, call_.opset, types_, known_, call_.outputs}; }

  std::vector<Tensor> inputs(std::span<const Tensor> values) const {
    std::vector<Tensor> floats;
    for (std::size_t i = 0; i < values.size(); ++i) {
      floats.push_back(values[i].absent() ? values[i] : convert(values[i], types_[i].type));
    }
    return floats;
  }

  /// Returns the type in which output `index` is stored, if the operator makes `made`.
  DataType stored(const Operator& op, std::size_t index, DataType made) const {
    const auto& fixed = op.float32_outputs;
    const bool stays = std::find(fixed.begin(), fixed.end(), index) != fixed.end();
    return made == DataType::float32 && !stays ? stored_ : made;
  }

 private:
  const Parameter* keep_converted(const Parameter& parameter) {
    converted_.push_back(std::make_unique<Parameter>(
        [&parameter] { return convert(parameter.value(), DataType::float32); }));
    return converted_.back().get();
  }

  const Call& call_;
  std::vector<TensorType> types_;
  std::vector<const Parameter*> known_;
  std::vector<std::unique_ptr<Parameter>> converted_;
  DataType stored_ = DataType::float32;
};

/// Calls f(call), with the call in float32 and its Float32Call where the operator needs one, or
/// else with the call itself and null.
template <class F>
auto with_call(const Operator& op, const Call& call, F f) {
  if (!op.takes_short_floats && reads(call, is_short_float)) {
    const Float32Call floats(call, is_short_float);
    return f(floats.call(), &floats);
  }
  if (reads(call, is_float64)) {
    try {
      op.infer(call);
    } catch (const NoFloat64&) {
      const Float32Call floats(call, is_float64);
      return f(floats.call(), &floats);
    }
  }
  return f(call, static_cast<const Float32Call*>(nullptr));
}

}  // namespace

std::vector<TensorType> infer_outputs(const Operator& op, const Call& call) {
  return with_call(op, call, [&](const Call& own, const Float32Call* floats) {
    std::vector<TensorType> types = op.infer(own);
    for (std::size_t i = 0; floats != nullptr && i < types.size(); ++i) {
      types[i].type = floats->stored(op, i, types[i].type);
    }
    return types;
  });
}

LayerKind kind_of(const Operator& op, const Call& call) {
  return with_call(op, call, [&](const Call& own, const Float32Call*) { return op.kind(own); });
}

double count_macs(const Operator& op, const Call& call, std::span<const TensorType> outputs) {
  return with_call(op, call, [&](const Call& own, const Float32Call* floats) {
    return floats == nullptr ? op.macs(own, outputs) : op.macs(own, op.infer(own));
  });
}

std::vector<Tensor> run_operator(const Operator& op, const Call& call,
                                 std::span<const Tensor> inputs) {
  return with_call(op, call, [&](const Call& own, const Float32Call* floats) {
    if (floats == nullptr) {
      return op.forward(own, inputs);
    }
    std::vector<Tensor> made = op.forward(own, floats->inputs(inputs));
    for (std::size_t i = 0; i < made.size(); ++i) {
      made[i] = convert(made[i], floats->stored(op, i, made[i].type().type));
    }
    return made;
  });
}

}  // namespace offcut::ops
