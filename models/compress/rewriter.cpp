// Adds layers to a new graph while a list turns the old tensor ids into new ones. Types are
// inferred anew, so that layers may read other types than before.
#include "models/compress/rewriter.h"

namespace offcut::compress {

Rewriter::Rewriter(const Graph& from, const Registry<ops::Operator>& operators)
    : from_(from), operators_(operators), result_(from.name()), ids_(from.tensor_count(), kAbsent) {
  for (const TensorId id : from.inputs()) {
    const TensorNode& input = from.tensor(id);
    ids_[id] = result_.add_input(input.name, input.type, from.wire_type(id));
  }
}

TensorId Rewriter::at(TensorId old) {
  if (old == kAbsent) {
    return kAbsent;
  }
  const TensorNode& tensor = from_.tensor(old);
  if (ids_[old] == kAbsent && tensor.is_parameter()) {
    const bool is_taken = result_.find_tensor(tensor.name).has_value();
    ids_[old] = result_.add_parameter(is_taken ? unused(tensor.name) : tensor.name, tensor.type,
                                      tensor.parameter);
  }
  return ids_[old];
}

TensorId Rewriter::constant(const std::string& name, Tensor value) {
  return named_constant(unused(name), std::move(value));
}

TensorId Rewriter::named_constant(const std::string& name, Tensor value) {
  const TensorType type = value.type();
  return result_.add_parameter(name, type, parameter_of(std::move(value)));
}

TensorId Rewriter::replaced(const std::string& name, Tensor value) {
  return result_.find_tensor(name) ? constant(name, std::move(value))
                                   : named_constant(name, std::move(value));
}

TensorId Rewriter::add(Layer layer, const std::string& output) {
  const LayerId id = ops::apply(result_, operators_, std::move(layer), {output});
  return result_.layer(id).outputs.front();
}

LayerId Rewriter::copy(LayerId old) {
  Layer layer = from_.layer(old);
  std::vector<std::string> names;
  for (const TensorId output : layer.outputs) {
    names.push_back(from_.tensor(output).name);
  }
  layer.outputs.clear();
  for (TensorId& input : layer.inputs) {
    input = at(input);
  }
  const LayerId id = ops::apply(result_, operators_, std::move(layer), names);
  for (std::size_t i = 0; i < names.size(); ++i) {
    ids_[from_.layer(old).outputs[i]] = result_.layer(id).outputs[i];
  }
  return id;
}

std::string Rewriter::unused(std::string name) const {
  while (from_.find_tensor(name) || from_.find_layer(name) || result_.find_tensor(name) ||
         result_.find_layer(name)) {
    name += "_";
  }
  return name;
}

Graph Rewriter::finish() {
  for (const TensorId output : from_.outputs()) {
    result_.add_output(at(output));
  }
  return std::move(result_);
}

std::shared_ptr<const Parameter> parameter_of(Tensor value) {
  return std::make_shared<const Parameter>([value = std::move(value)] { return value; });
}

}  // namespace offcut::compress
