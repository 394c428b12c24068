// Copies a graph layer by layer through ops::apply(), which infers the types of the smaller
// tensors. They must be those that the channels say; anything else is a wrong rule, and an error.
#include "models/compress/without_channels.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>

#include "models/base/error.h"

namespace offcut::compress {
namespace {

class Rebuild {
 public:
  Rebuild(const Graph& graph, KeptPositions kept, const ChannelLibraries& libraries)
      : graph_(graph),
        kept_(std::move(kept)),
        libraries_(libraries),
        result_(graph.name()),
        ids_(graph.tensor_count(), kAbsent) {}

  Graph run() {
    for (const TensorId input : graph_.inputs()) {
      const TensorNode& tensor = graph_.tensor(input);
      ids_[input] = result_.add_input(tensor.name, tensor.type, graph_.wire_type(input));
    }
    for (LayerId id = 0; id < graph_.layer_count(); ++id) {
      add_layer(id);
    }
    for (const TensorId output : graph_.outputs()) {
      result_.add_output(new_id(output));
    }
    return std::move(result_);
  }

 private:
  TensorType type_left(TensorId id) const {
    TensorType type = graph_.tensor(id).type;
    for (std::size_t axis = 0; axis < type.shape.size(); ++axis) {
      const auto& positions = kept_[id][axis];
      type.shape[axis] = positions.empty() ? type.shape[axis] : std::ssize(positions);
    }
    return type;
  }

  bool is_cut(TensorId id) const {
    return std::any_of(kept_[id].begin(), kept_[id].end(),
                       [](const auto& positions) { return !positions.empty(); });
  }

  /// Parameters are added when the first layer reads them.
  TensorId new_id(TensorId id) {
    if (ids_[id] == kAbsent && graph_.tensor(id).is_parameter()) {
      const TensorNode& tensor = graph_.tensor(id);
      std::shared_ptr<const Parameter> parameter = tensor.parameter;
      if (is_cut(id)) {
        parameter = std::make_shared<Parameter>([whole = parameter, kept = kept_[id]] {
          Tensor part = whole->read();
          for (std::size_t axis = 0; axis < kept.size(); ++axis) {
            part = kept[axis].empty() ? part : taken(part, axis, kept[axis]);
          }
          return part;
        });
      }
      ids_[id] = result_.add_parameter(tensor.name, type_left(id), std::move(parameter));
    }
    return ids_[id];
  }

  TensorId add_constant(const Layer& layer, const std::string& name, const Tensor& value) {
    std::string own = fmt::format("{}.{}", layer.name, name);
    while (result_.find_tensor(own) || graph_.find_tensor(own)) {
      own += '_';
    }
    return result_.add_parameter(std::move(own), value.type(),
                                 std::make_shared<Parameter>([value] { return value; }));
  }

  /// Rewrites attributes and constants of a layer that loses channels, and returns the constants.
  std::map<std::size_t, Tensor> adapt(LayerId id, Layer& layer) const {
    std::map<std::size_t, Tensor> constants;
    const ChannelRule* const rule = rule_of(libraries_.rules, layer.op_name);
    const Layer& old = graph_.layer(id);
    const auto cut = [&](TensorId tensor) { return tensor != kAbsent && is_cut(tensor); };
    if (rule != nullptr && rule->adapt != nullptr &&
        (std::any_of(old.inputs.begin(), old.inputs.end(), cut) ||
         std::any_of(old.outputs.begin(), old.outputs.end(), cut))) {
      Adaptation adaptation(graph_, id, kept_, layer, constants);
      rule->adapt(adaptation);
    }
    return constants;
  }

  void add_layer(LayerId id) {
    const Layer& old = graph_.layer(id);
    Layer layer = old;
    const std::map<std::size_t, Tensor> constants = adapt(id, layer);
    for (std::size_t i = 0; i < std::max(old.inputs.size(), most_of(constants)); ++i) {
      const TensorId input = i < old.inputs.size() ? old.inputs[i] : kAbsent;
      layer.inputs.resize(std::max(layer.inputs.size(), i + 1), kAbsent);
      const auto constant = constants.find(i);
      if (constant != constants.end()) {
        layer.inputs[i] = add_constant(
            old, input == kAbsent ? fmt::format("input{}", i) : graph_.tensor(input).name,
            constant->second);
      } else {
        layer.inputs[i] = input == kAbsent ? kAbsent : new_id(input);
      }
    }
    layer.outputs.clear();
    std::vector<std::string> names;
    for (const TensorId output : old.outputs) {
      names.push_back(graph_.tensor(output).name);
    }
    const LayerId added =
        ops::apply(result_, libraries_.operators, std::move(layer), std::move(names));
    for (std::size_t i = 0; i < old.outputs.size(); ++i) {
      const TensorId output = result_.layer(added).outputs[i];
      ids_[old.outputs[i]] = output;
      if (result_.tensor(output).type != type_left(old.outputs[i])) {
        throw std::logic_error(
            fmt::format("layer {} ({}): without channels it makes {}, and its rule says {}",
                        in_quotes(old.name), old.op_name, to_text(result_.tensor(output).type),
                        to_text(type_left(old.outputs[i]))));
      }
    }
  }

  static std::size_t most_of(const std::map<std::size_t, Tensor>& constants) {
    return constants.empty() ? 0 : constants.rbegin()->first + 1;
  }

  const Graph& graph_;
  const KeptPositions kept_;
  const ChannelLibraries& libraries_;
  Graph result_;
  std::vector<TensorId> ids_;  // Of the old graph's tensors in the new one.
};

}  // namespace

Tensor taken(const Tensor& tensor, std::size_t axis, const std::vector<std::int64_t>& positions) {
  TensorType type = tensor.type();
  const auto extent = static_cast<std::size_t>(type.shape.at(axis));
  std::size_t outer = 1;
  std::size_t inner = element_bytes(type.type);
  for (std::size_t i = 0; i < type.shape.size(); ++i) {
    (i < axis ? outer : inner) *= i == axis ? 1 : static_cast<std::size_t>(type.shape[i]);
  }
  type.shape[axis] = std::ssize(positions);
  Tensor part(std::move(type));
  std::byte* to = part.bytes().data();
  for (std::size_t o = 0; o < outer; ++o) {
    const std::byte* const from = tensor.bytes().data() + o * extent * inner;
    for (const std::int64_t position : positions) {
      std::memcpy(to, from + static_cast<std::size_t>(position) * inner, inner);
      to += inner;
    }
  }
  return part;
}

Graph without_channels(const Graph& graph, const ChannelMap& map, const std::vector<bool>& removed,
                       const ChannelLibraries& libraries) {
  return Rebuild(graph, kept_positions(map, removed), libraries).run();
}

}  // namespace offcut::compress
