// Mean: (a + b + ..) / n, element by element over n inputs, with broadcasting.

#include <algorithm>
#include <functional>

#include "models/ops/arguments.h"
#include "models/ops/binary.h"

namespace offcut::ops {
namespace {

std::vector<TensorType> infer_mean(const Call& call) {
  float_shape(call, 0);
  return infer_many(call);
}

std::vector<Tensor> forward_mean(const Call& call, std::span<const Tensor> inputs) {
  const Tensor sum = forward_many<std::plus<>>(call, inputs).front();
  Tensor output(sum.type());
  const auto count = static_cast<float>(inputs.size());
  const auto from = sum.values<float>();
  std::transform(from.begin(), from.end(), output.values<float>().begin(),
                 [count](float x) { return x / count; });
  return {output};
}

}  // namespace

void register_mean(Registry<Operator>& registry) {
  registry.add({.name = "Mean",
                .doc = "the mean of the inputs, with broadcasting",
                .kind = always<LayerKind::elementwise>,
                .infer = infer_mean,
                .macs = no_macs,
                .forward = forward_mean});
}

}  // namespace offcut::ops
