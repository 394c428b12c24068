#pragma once

#include <map>
#include <string>
#include <vector>

#include "models/compress/channel_ties.h"
#include "models/ops/operator.h"

namespace offcut::compress {

/// The reading of composed axes, by layer: which of the factors of its axes carries the channels.
using FactorChoices = std::map<LayerId, std::size_t>;

/// The call of an operator by a layer of a graph, and the arrays that it points to.
class LayerCall {
 public:
  LayerCall(const Graph& graph, LayerId layer);
  LayerCall(const LayerCall&) = delete;
  LayerCall& operator=(const LayerCall&) = delete;

  const ops::Call& operator*() const { return call_; }
  const ops::Call* operator->() const { return &call_; }

 private:
  std::vector<TensorType> types_;
  std::vector<const Parameter*> known_;
  ops::Call call_;
};

/// A layer as a rule sees it: its axes, and means to tie them. An axis of an input or output that
/// the rule does not mention is fixed.
class LayerAxes {
 public:
  LayerAxes(const Graph& graph, LayerId layer, ChannelTies& ties, const FactorChoices& choices);

  const Layer& layer() const { return layer_; }
  const ops::Call& call() const { return *call_; }
  std::size_t outputs() const { return layer_.outputs.size(); }
  bool has(std::size_t input) const { return call_->has(input); }
  const Shape& in_shape(std::size_t input) const;
  const Shape& out_shape(std::size_t output) const;
  /// Throw std::invalid_argument if there is no such axis.
  Axis in(std::size_t input, std::size_t axis) const;
  Axis out(std::size_t output, std::size_t axis) const;
  std::int64_t extent(Axis axis) const { return ties_.extent(axis); }

  void tie(Axis a, std::int64_t i, Axis b, std::int64_t j);
  /// Ties two axes of the same extent position by position; fixes both if extents differ.
  void tie(Axis a, Axis b);
  /// Does the same for axes over which the operator sums.
  void tie_summed(Axis a, Axis b);
  void fix(Axis axis);
  void fix(Axis axis, std::int64_t position);
  void sum_over(Axis axis) { ties_.sum_over(axis); }

  /// Returns which one of several factors of the composed axes carries channels.
  std::size_t choose_factor(std::size_t factors);

  /// Fixes the axes that were not mentioned; all of them after an error.
  void fix_unmentioned();
  void fix_all();
  std::size_t factors() const { return factors_; }

 private:
  std::vector<TensorId> tensors() const;

  const Graph& graph_;
  LayerId id_;
  const Layer& layer_;
  LayerCall call_;
  ChannelTies& ties_;
  const FactorChoices& choices_;
  std::size_t factors_ = 1;
  std::set<Axis> mentioned_;
};

/// A layer on its way into the graph without channels: a rule changes attributes and constants that
/// state numbers of channels.
class Adaptation {
 public:
  Adaptation(const Graph& graph, LayerId id, const KeptPositions& kept, Layer& changed,
             std::map<std::size_t, Tensor>& constants)
      : layer(changed),
        call_(graph, id),
        old_(graph.layer(id)),
        kept_(kept),
        graph_(graph),
        constants_(constants) {}

  Layer& layer;  // With the attributes as they are now.

  const ops::Call& before() const { return *call_; }
  bool has(std::size_t input) const { return call_->has(input); }
  /// The positions that are left, empty if all of them are.
  const std::vector<std::int64_t>& kept_in(std::size_t input, std::size_t axis) const {
    return kept_[old_.inputs.at(input)].at(axis);
  }
  const std::vector<std::int64_t>& kept_out(std::size_t output, std::size_t axis) const {
    return kept_[old_.outputs.at(output)].at(axis);
  }
  Shape new_in_shape(std::size_t input) const { return shape_left(old_.inputs.at(input)); }
  Shape new_out_shape(std::size_t output) const { return shape_left(old_.outputs.at(output)); }
  bool is_cut(std::size_t input) const;

  /// Gives the layer a constant of its own in the place of an input.
  void replace(std::size_t input, Tensor value) { constants_[input] = std::move(value); }
  void replace_list(std::size_t input, const std::vector<std::int64_t>& values);
  void drop_attribute(std::string_view name);
  /// Sets a list that is an attribute up to opset first_opset - 1 and an input from then on.
  void set_list(std::string_view attribute, std::size_t input, int first_opset,
                const std::vector<std::int64_t>& values);

 private:
  Shape shape_left(TensorId tensor) const;

  LayerCall call_;
  const Layer& old_;
  const KeptPositions& kept_;
  const Graph& graph_;
  std::map<std::size_t, Tensor>& constants_;
};

/// How operators of a family pass channels on. Rules describe operators, never networks: an
/// operator that no rule names keeps all positions of its inputs and outputs.
struct ChannelRule {
  std::string name;  // The family's.
  std::string doc;   // One line: what is tied.
  std::vector<std::string> operators;

  /// Ties positions of which each is computed from the others' alone, or over which is summed.
  /// std::invalid_argument fixes the whole layer.
  void (*tie)(LayerAxes&);

  /// Changes what states numbers of channels, in layers that lose some.
  void (*adapt)(Adaptation&) = nullptr;
};

void register_channel_rules(
    Registry<ChannelRule>& registry);  // From models/compress/channel_rules.

/// Finds the channels of a network. Positions of the network's inputs and outputs are fixed.
ChannelMap channel_map(const Graph& graph, const Registry<ChannelRule>& rules);

/// Returns the rule of an operator, or null.
const ChannelRule* rule_of(const Registry<ChannelRule>& rules, std::string_view op_name);

}  // namespace offcut::compress

extern template class offcut::Registry<offcut::compress::ChannelRule>;  // In channel_rule.cpp.
