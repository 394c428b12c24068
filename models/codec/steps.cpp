#include "models/codec/steps.h"

#include "models/ops/type_codes.h"

namespace offcut::codec {

TensorId StepWriter::layer(const std::string& op, std::vector<TensorId> inputs,
                           const std::string& name, Attributes attributes) {
  // A layer may have the name of its output, so the decoding layer must not take the tensor's name.
  Layer layer{.name = full_name(name.empty() ? "decoded" : name),
              .op_name = op,
              .opset = opset_,
              .attributes = std::move(attributes),
              .inputs = std::move(inputs)};
  const LayerId id = ops::apply(graph_, operators_, std::move(layer), {full_name(name)});
  return graph_.layer(id).outputs.front();
}

TensorId StepWriter::cast(TensorId x, DataType type, const std::string& name) {
  Attributes attributes;
  attributes.set("to", ops::code_of_type(type));
  return layer("Cast", {x}, name, std::move(attributes));
}

TensorId StepWriter::reshape(TensorId x, const Shape& shape, const std::string& name) {
  const TensorId extents = constant({static_cast<std::int64_t>(shape.size())},
                                    std::span<const std::int64_t>(shape), name + ".shape");
  return layer("Reshape", {x, extents}, name);
}

TensorId StepWriter::half(TensorId x, const std::string& name) {
  const TensorId made = cast(x, DataType::float32, name);
  halves_.insert(full_name(name));
  return made;
}

TensorId StepWriter::constant(Tensor value, const std::string& name) {
  const TensorType type = value.type();
  return graph_.add_parameter(
      full_name(name), type,
      std::make_shared<const Parameter>([value = std::move(value)] { return value; }));
}

}  // namespace offcut::codec
