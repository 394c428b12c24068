// Walks over the layers, each of which its operator's rule ties. A reshape that composes an axis of
// several factors has to choose the one that carries channels: the outermost one at first. Where
// that leaves the composed axis fixed, the others are tried, and the choice with the most channels
// stays.
#include "models/compress/channel_rule.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace offcut::compress {
namespace {

constexpr std::size_t kMostTrials = 64;  // Of choices, each of which repeats the analysis.

/// A reshape whose choice may be changed.
struct OpenChoice {
  LayerId layer;
  std::size_t factors;
};

struct Analysis {
  ChannelMap map;
  std::vector<OpenChoice> dead;  // Reshapes whose composed axes are all fixed.
};

bool passes_no_channel(ChannelTies& ties, const Graph& graph, TensorId tensor) {
  for (std::size_t axis = 0; axis < graph.tensor(tensor).type.shape.size(); ++axis) {
    if (!ties.is_fixed({tensor, axis})) {
      return false;
    }
  }
  return true;
}

Analysis analyse(const Graph& graph, const Registry<ChannelRule>& rules,
                 const FactorChoices& choices) {
  ChannelTies ties(graph);
  for (const TensorId input : graph.inputs()) {
    ties.fix(input);
  }
  for (const TensorId output : graph.outputs()) {
    ties.fix(output);
  }
  std::vector<OpenChoice> open;
  for (LayerId id = 0; id < graph.layer_count(); ++id) {
    LayerAxes axes(graph, id, ties, choices);
    const ChannelRule* const rule = rule_of(rules, graph.layer(id).op_name);
    try {
      if (rule != nullptr) {
        rule->tie(axes);
      }
      axes.fix_unmentioned();
    } catch (const std::invalid_argument&) {
      axes.fix_all();
    }
    if (axes.factors() > 1) {
      open.push_back({id, axes.factors()});
    }
  }
  Analysis result;
  for (const OpenChoice& choice : open) {
    if (passes_no_channel(ties, graph, graph.layer(choice.layer).inputs.front())) {
      result.dead.push_back(choice);
    }
  }
  result.map = ties.map();
  return result;
}

}  // namespace

LayerCall::LayerCall(const Graph& graph, LayerId id)
    : types_([&] {
        std::vector<TensorType> types;
        for (const TensorId input : graph.layer(id).inputs) {
          types.push_back(input == kAbsent ? TensorType{} : graph.tensor(input).type);
        }
        return types;
      }()),
      known_([&] {
        std::vector<const Parameter*> known;
        for (const TensorId input : graph.layer(id).inputs) {
          known.push_back(input == kAbsent ? nullptr : graph.tensor(input).parameter.get());
        }
        return known;
      }()),
      call_{graph.layer(id).attributes, graph.layer(id).opset, types_, known_,
            graph.layer(id).outputs.size()} {}

LayerAxes::LayerAxes(const Graph& graph, LayerId layer, ChannelTies& ties,
                     const FactorChoices& choices)
    : graph_(graph),
      id_(layer),
      layer_(graph.layer(layer)),
      call_(graph, layer),
      ties_(ties),
      choices_(choices) {}

const Shape& LayerAxes::in_shape(std::size_t input) const { return call_->shape(input); }

const Shape& LayerAxes::out_shape(std::size_t output) const {
  return graph_.tensor(layer_.outputs.at(output)).type.shape;
}

Axis LayerAxes::in(std::size_t input, std::size_t axis) const {
  if (axis >= in_shape(input).size()) {
    throw std::invalid_argument(fmt::format("input {} has no axis {}", input, axis));
  }
  return {layer_.inputs[input], axis};
}

Axis LayerAxes::out(std::size_t output, std::size_t axis) const {
  if (axis >= out_shape(output).size()) {
    throw std::invalid_argument(fmt::format("output {} has no axis {}", output, axis));
  }
  return {layer_.outputs[output], axis};
}

void LayerAxes::tie(Axis a, std::int64_t i, Axis b, std::int64_t j) {
  mentioned_.insert({a, b});
  ties_.tie(a, i, b, j);
}

void LayerAxes::tie(Axis a, Axis b) {
  if (extent(a) != extent(b)) {
    fix(a);
    fix(b);
    return;
  }
  mentioned_.insert({a, b});
  for (std::int64_t i = 0; i < extent(a); ++i) {
    ties_.tie(a, i, b, i);
  }
}

void LayerAxes::tie_summed(Axis a, Axis b) {
  tie(a, b);
  sum_over(a);
  sum_over(b);
}

void LayerAxes::fix(Axis axis) {
  mentioned_.insert(axis);
  ties_.fix(axis);
}

void LayerAxes::fix(Axis axis, std::int64_t position) {
  mentioned_.insert(axis);
  ties_.fix(axis, position);
}

std::size_t LayerAxes::choose_factor(std::size_t factors) {
  const auto choice = choices_.find(id_);
  factors_ = std::max(factors_, factors);
  return choice == choices_.end() ? 0 : std::min(choice->second, factors - 1);
}

std::vector<TensorId> LayerAxes::tensors() const {
  std::vector<TensorId> all = layer_.outputs;
  std::copy_if(layer_.inputs.begin(), layer_.inputs.end(), std::back_inserter(all),
               [](TensorId input) { return input != kAbsent; });
  return all;
}

void LayerAxes::fix_unmentioned() {
  for (const TensorId tensor : tensors()) {
    for (std::size_t axis = 0; axis < graph_.tensor(tensor).type.shape.size(); ++axis) {
      if (mentioned_.count({tensor, axis}) == 0) {
        ties_.fix({tensor, axis});
      }
    }
  }
}

void LayerAxes::fix_all() {
  for (const TensorId tensor : tensors()) {
    ties_.fix(tensor);
  }
}

bool Adaptation::is_cut(std::size_t input) const {
  const auto& axes = kept_[old_.inputs.at(input)];
  return std::any_of(axes.begin(), axes.end(), [](const auto& axis) { return !axis.empty(); });
}

Shape Adaptation::shape_left(TensorId tensor) const {
  Shape shape = graph_.tensor(tensor).type.shape;
  for (std::size_t axis = 0; axis < shape.size(); ++axis) {
    const auto& positions = kept_[tensor][axis];
    shape[axis] = positions.empty() ? shape[axis] : static_cast<std::int64_t>(positions.size());
  }
  return shape;
}

void Adaptation::set_list(std::string_view attribute, std::size_t input, int first_opset,
                          const std::vector<std::int64_t>& values) {
  if (layer.opset < first_opset) {
    layer.attributes.set(std::string(attribute), values);
  } else {
    replace_list(input, values);
  }
}

void Adaptation::replace_list(std::size_t input, const std::vector<std::int64_t>& values) {
  const Shape shape = {static_cast<std::int64_t>(values.size())};
  replace(input, Tensor(shape, std::span<const std::int64_t>(values)));
}

void Adaptation::drop_attribute(std::string_view name) {
  Attributes left;
  for (const auto& [key, value] : layer.attributes) {
    if (key != name) {
      left.set(key, value);
    }
  }
  layer.attributes = std::move(left);
}

const ChannelRule* rule_of(const Registry<ChannelRule>& rules, std::string_view op_name) {
  for (const auto& [name, rule] : rules) {
    if (std::find(rule.operators.begin(), rule.operators.end(), op_name) != rule.operators.end()) {
      return &rule;
    }
  }
  return nullptr;
}

ChannelMap channel_map(const Graph& graph, const Registry<ChannelRule>& rules) {
  FactorChoices choices;
  Analysis best = analyse(graph, rules, choices);
  std::size_t trials = 0;
  for (const OpenChoice& choice : std::vector<OpenChoice>(best.dead)) {
    for (std::size_t factor = 1; factor < choice.factors && trials < kMostTrials; ++factor) {
      ++trials;
      FactorChoices other = choices;
      other[choice.layer] = factor;
      Analysis answer = analyse(graph, rules, other);
      if (answer.map.count > best.map.count) {
        best = std::move(answer);
        choices = std::move(other);
      }
    }
  }
  return std::move(best.map);
}

}  // namespace offcut::compress

template class offcut::Registry<offcut::compress::ChannelRule>;
