// ReverseSequence: the first sequence_lens[b] elements of each sample b along the time axis in
// reverse order, the others unchanged. One of the first two axes is time, the other the batch. Any
// element type.

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "models/ops/arguments.h"

namespace offcut::ops {
namespace {

struct Axes {
  std::int64_t batch, time;
};

Axes reverse_sequence_axes(const Call& call) {
  const Axes axes{call.attributes.integer("batch_axis", 1),
                  call.attributes.integer("time_axis", 0)};
  if (axes.batch + axes.time != 1 || axes.batch * axes.time != 0) {
    throw std::invalid_argument(
        fmt::format("batch_axis {} and time_axis {}: expected 0 and 1", axes.batch, axes.time));
  }
  return axes;
}

std::vector<TensorType> infer_reverse_sequence(const Call& call) {
  require_inputs(call, 2, 2);
  const Shape& x = call.shape(0);
  const auto batch = static_cast<std::size_t>(
      std::clamp<std::int64_t>(call.attributes.integer("batch_axis", 1), 0, 1));
  if (x.size() < 2 || call.inputs[1] != TensorType{DataType::int64, {x[batch]}}) {
    throw std::invalid_argument(
        fmt::format("sequence_lens {} do not fit input {}", to_text(call.inputs[1]), to_text(x)));
  }
  reverse_sequence_axes(call);
  return {call.inputs[0]};
}

std::vector<Tensor> forward_reverse_sequence(const Call& call, std::span<const Tensor> inputs) {
  const Shape& x = call.shape(0);
  const Axes axes = reverse_sequence_axes(call);
  const auto lengths = inputs[1].values<std::int64_t>();
  const std::int64_t steps = x[static_cast<std::size_t>(axes.time)];
  const std::int64_t batch = x[static_cast<std::size_t>(axes.batch)];
  const std::int64_t block = extent_between(x, 2, x.size()) *
                             static_cast<std::int64_t>(element_bytes(inputs[0].type().type));
  Tensor output(inputs[0].type());
  for (std::int64_t b = 0; b < batch; ++b) {
    const std::int64_t length = lengths[static_cast<std::size_t>(b)];
    if (length < 0 || length > steps) {
      throw std::invalid_argument(
          fmt::format("a sequence length is {}, expected 0 to {}", length, steps));
    }
    const auto place = [&](std::int64_t t) {
      return (axes.time == 0 ? t * batch + b : b * steps + t) * block;
    };
    for (std::int64_t t = 0; t < steps; ++t) {
      std::copy_n(inputs[0].bytes().data() + place(t < length ? length - 1 - t : t), block,
                  output.bytes().data() + place(t));
    }
  }
  return {output};
}

}  // namespace

void register_reverse_sequence(Registry<Operator>& registry) {
  registry.add({.name = "ReverseSequence",
                .doc = "sequences of given lengths in reverse order",
                .kind = always<LayerKind::data_movement>,
                .infer = infer_reverse_sequence,
                .macs = no_macs,
                .forward = forward_reverse_sequence});
}

}  // namespace offcut::ops
