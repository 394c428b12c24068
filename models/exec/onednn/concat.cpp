// Concatenations. If the plan has a place for it, a part is made directly in the result's own
// buffer; only parts that lie elsewhere, or in another layout, are copied.

#include <algorithm>

#include "models/exec/onednn/lowering.h"
#include "models/ops/arguments.h"

namespace offcut::exec {

using dnnl::memory;

std::optional<OneDnnLowering::Form> OneDnnLowering::place_of(TensorId tensor) {
  const auto found = placements_.find(tensor);
  if (found == placements_.end()) {
    return std::nullopt;
  }
  const Placement& placement = found->second;
  const Shape& shape = type(tensor).shape;
  const memory::desc layout = placement.in_blocks ? blocked_layout(shape) : plain_layout(shape);
  if (!places_.contains(placement.whole)) {
    places_[placement.whole] =
        schedule().add_scratch(static_cast<std::size_t>(type(placement.whole).bytes()));
  }
  if (!places_.contains(tensor)) {
    const std::int64_t places = ops::extent_between(shape, 2, shape.size());
    places_[tensor] =
        schedule().add_part(places_.at(placement.whole),
                            static_cast<std::size_t>(placement.channel * places) * sizeof(float));
  }
  return Form{layout, places_.at(tensor)};
}

bool OneDnnLowering::lower_concat(const Operation& operation) {
  const TensorId result = operation.outputs.front();
  const auto whole = place_of(result);
  if (!whole) {
    return false;
  }
  const std::int64_t places = ops::extent_between(type(result).shape, 2, type(result).shape.size());
  std::int64_t channel = 0;
  for (const Operand& input : operation.inputs) {
    const TensorId part = input.id;
    const auto own = place_of(part);
    const Form from = natural(part);
    if (!own || own->buffer != from.buffer || !lies_in(part, result, channel)) {
      const Shape& shape = type(part).shape;
      const memory::desc layout =
          placements_.at(result).in_blocks ? blocked_layout(shape) : plain_layout(shape);
      const Form to{
          layout, schedule().add_part(whole->buffer,
                                      static_cast<std::size_t>(channel * places) * sizeof(float))};
      copy(from, to, operation.name);
    }
    channel += type(part).shape[1];
  }
  put(result, *whole);
  return true;
}

/// Returns whether the plan places the part `channel` channels after the result's first.
bool OneDnnLowering::lies_in(TensorId part, TensorId result, std::int64_t channel) const {
  const Placement& own = placements_.at(part);
  const Placement& whole = placements_.at(result);
  return own.whole == whole.whole && own.channel == whole.channel + channel;
}

}  // namespace offcut::exec
