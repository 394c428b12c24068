#pragma once

#include "models/ops/arguments.h"

namespace offcut::ops {

/// Makes an operator that computes a bool f(x) of each float32 x; F is constructed from the
/// attributes.
template <class F>
Operator predicate(std::string name, std::string doc) {
  return {.name = std::move(name),
          .doc = std::move(doc),
          .kind = always<LayerKind::elementwise>,
          .infer = [](const Call& call) -> std::vector<TensorType> {
            require_inputs(call, 1, 1);
            F{call.attributes};  // Throws for attributes of another type.
            return {{DataType::boolean, float_shape(call, 0)}};
          },
          .macs = no_macs,
          .forward =
              [](const Call& call, std::span<const Tensor> inputs) {
                Tensor output(TensorType{DataType::boolean, inputs[0].shape()});
                const auto from = inputs[0].values<float>();
                const auto to = output.values<bool>();
                const F f{call.attributes};
                for (std::size_t i = 0; i < from.size(); ++i) {
                  to[i] = f(from[i]);
                }
                return std::vector<Tensor>{output};
              }};
}

}  // namespace offcut::ops
