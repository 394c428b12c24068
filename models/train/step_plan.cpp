// Finds the layers that a step runs (those that a prediction depends on), those through which
// gradients pass (they lie between a weight and a prediction), and the lifetimes of tensors.

#include "models/train/step_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "models/base/error.h"
#include "models/base/number_text.h"

namespace offcut::train {
namespace {

void add_predictions(const Graph& graph, const Loss& loss, const StepOptions& options,
                     StepPlan& plan) {
  for (const Exit& exit : exits_of(graph, options.exits)) {
    plan.predictions.push_back(prediction_of(graph, *graph.find_tensor(exit.output), loss));
    plan.exit_weights.push_back(exit.weight);
  }
}

/// Marks the layers that a prediction depends on.
void mark_running(const Graph& graph, StepPlan& plan) {
  for (const LayerId id : layers_before(graph, plan.predictions)) {
    plan.layers[id].runs = true;
  }
}

/// Marks the layers with a weight, or a tensor that depends on one, among their inputs.
void mark_going_back(const Graph& graph, const Registry<Gradient>& gradients,
                     const Weights& weights, StepPlan& plan) {
  std::vector<bool> depends(graph.tensor_count());
  for (TensorId id = 0; id < graph.tensor_count(); ++id) {
    const TensorNode& tensor = graph.tensor(id);
    depends[id] = tensor.is_parameter() && weights.find(tensor.name).has_value();
  }
  for (LayerId id = 0; id < graph.layer_count(); ++id) {
    StepPlan::LayerPlan& layer = plan.layers[id];
    for (const TensorId input : graph.layer(id).inputs) {
      layer.wanted.push_back(input != kAbsent && depends[input]);
    }
    layer.goes_back = layer.runs && std::find(layer.wanted.begin(), layer.wanted.end(), true) !=
                                        layer.wanted.end();
    const Gradient* const gradient = gradients.find(graph.layer(id).op_name);
    const bool passes_integers = gradient != nullptr && gradient->passes_integers;
    for (const TensorId output : graph.layer(id).outputs) {
      depends[output] = layer.goes_back &&
                        (passes_integers || graph.tensor(output).type.type == DataType::float32);
    }
  }
}

/// BatchNormalization trains if its scale does; layers without weights if a gradient passes them.
bool runs_in_training(const Graph& graph, LayerId id, const Weights& weights,
                      const StepPlan::LayerPlan& plan) {
  bool has_weights = false;
  bool trains = false;
  const Layer& layer = graph.layer(id);
  for (std::size_t i = 0; i < layer.inputs.size(); ++i) {
    if (layer.inputs[i] != kAbsent && plan.gradient->weights.has(i)) {
      const TensorNode& tensor = graph.tensor(layer.inputs[i]);
      has_weights = has_weights || tensor.is_parameter();
      trains = trains || (tensor.is_parameter() && weights.find(tensor.name).has_value());
    }
  }
  return has_weights ? trains : plan.goes_back;
}

void find_gradients(const Graph& graph, const Registry<Gradient>& gradients, const Weights& weights,
                    StepPlan& plan) {
  std::vector<Diagnostic> missing;
  for (LayerId id = 0; id < graph.layer_count(); ++id) {
    StepPlan::LayerPlan& layer = plan.layers[id];
    layer.gradient = gradients.find(graph.layer(id).op_name);
    if (layer.gradient != nullptr) {
      layer.trains = layer.runs && runs_in_training(graph, id, weights, layer);
    } else if (layer.goes_back) {
      missing.push_back({Place{graph.name()},
                         fmt::format("layer {}: the operator {} has no gradient; freeze the "
                                     "weights before it to train those after it",
                                     in_quotes(graph.layer(id).name), graph.layer(id).op_name)});
    }
  }
  if (!missing.empty()) {
    throw InputError(std::move(missing));
  }
}

void cut_into_parts(const Graph& graph, const StepOptions& options, StepPlan& plan) {
  const auto most = static_cast<int>(std::max<std::size_t>(1, graph.layer_count()));
  if (options.checkpoints < 1) {
    throw std::invalid_argument(
        fmt::format("checkpoints are {}, expected at least 1", options.checkpoints));
  }
  const auto parts = static_cast<std::size_t>(std::min(options.checkpoints, most));
  for (std::size_t part = 0; part <= parts; ++part) {
    plan.parts.push_back(part * graph.layer_count() / parts);
  }
  plan.last_reader.resize(graph.tensor_count());
  plan.crosses.resize(graph.tensor_count());
  for (TensorId id = 0; id < graph.tensor_count(); ++id) {
    const TensorNode& tensor = graph.tensor(id);
    plan.last_reader[id] = tensor.producer.value_or(0);
    for (const LayerId reader : tensor.consumers) {
      if (plan.layers[reader].runs) {
        plan.last_reader[id] = std::max(plan.last_reader[id], reader);
        plan.crosses[id] = plan.crosses[id] || !tensor.producer ||
                           plan.part_of(*tensor.producer) != plan.part_of(reader);
      }
    }
  }
  for (const TensorId prediction : plan.predictions) {
    plan.crosses[prediction] = true;
  }
}

}  // namespace

std::vector<Exit> exits_of(const Graph& graph, const std::vector<Exit>& chosen) {
  std::vector<std::string> names;
  std::vector<Exit> all;
  for (const TensorId output : graph.outputs()) {
    names.push_back(graph.tensor(output).name);
    all.push_back({names.back(), 1});
  }
  for (const Exit& exit : chosen) {
    if (std::find(names.begin(), names.end(), exit.output) == names.end()) {
      throw std::invalid_argument(fmt::format("the network has no output {}{}",
                                              in_quotes(exit.output),
                                              suggestion(exit.output, names)));
    }
    if (!(exit.weight >= 0)) {
      throw std::invalid_argument(fmt::format("the weight of exit {} is {}, expected at least 0",
                                              in_quotes(exit.output), number_text(exit.weight)));
    }
  }
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    if (std::any_of(chosen.begin(), chosen.begin() + static_cast<std::ptrdiff_t>(i),
                    [&](const Exit& before) { return before.output == chosen[i].output; })) {
      throw std::invalid_argument(
          fmt::format("exit {} is stated twice", in_quotes(chosen[i].output)));
    }
  }
  if (!chosen.empty() && std::all_of(chosen.begin(), chosen.end(),
                                     [](const Exit& exit) { return exit.weight == 0; })) {
    throw std::invalid_argument("every exit has the weight 0, so that nothing would be trained");
  }
  return chosen.empty() ? all : chosen;
}

TensorId prediction_of(const Graph& graph, TensorId output, const Loss& loss) {
  const std::optional<LayerId> producer = graph.tensor(output).producer;
  if (!producer) {
    return output;
  }
  const Layer& layer = graph.layer(*producer);
  const bool absorbed =
      std::find(loss.absorbs.begin(), loss.absorbs.end(), layer.op_name) != loss.absorbs.end();
  if (!absorbed) {
    return output;
  }
  const Shape& shape = graph.tensor(output).type.shape;
  const auto rank = static_cast<std::int64_t>(shape.size());
  const std::int64_t axis = layer.attributes.integer("axis", layer.opset >= 13 ? -1 : 1);
  const bool over_classes = layer.op_name == "Sigmoid" || (axis + rank) % rank == 1;
  return over_classes ? layer.inputs[0] : output;
}

std::vector<LayerId> layers_before(const Graph& graph, const std::vector<TensorId>& tensors) {
  std::vector<bool> needed(graph.tensor_count());
  for (const TensorId id : tensors) {
    needed[id] = true;
  }
  std::vector<LayerId> layers;
  for (LayerId id = graph.layer_count(); id-- > 0;) {
    const Layer& layer = graph.layer(id);
    if (std::none_of(layer.outputs.begin(), layer.outputs.end(),
                     [&](TensorId output) { return needed[output]; })) {
      continue;
    }
    layers.push_back(id);
    for (const TensorId input : layer.inputs) {
      if (input != kAbsent) {
        needed[input] = true;
      }
    }
  }
  std::reverse(layers.begin(), layers.end());
  return layers;
}

std::size_t final_exit(const Graph& graph, const std::vector<Exit>& exits) {
  std::size_t best = 0, most = 0;
  for (std::size_t i = 0; i < exits.size(); ++i) {
    const std::size_t count = layers_before(graph, {*graph.find_tensor(exits[i].output)}).size();
    if (count > most) {
      best = i;
      most = count;
    }
  }
  return best;
}

std::size_t StepPlan::part_of(LayerId layer) const {
  const auto next = std::upper_bound(parts.begin(), parts.end(), layer);
  return static_cast<std::size_t>(next - parts.begin()) - 1;
}

StepPlan plan_step(const Graph& graph, const Registry<Gradient>& gradients, const Weights& weights,
                   const Loss& loss, const StepOptions& options) {
  StepPlan plan;
  plan.layers.resize(graph.layer_count());
  add_predictions(graph, loss, options, plan);
  mark_running(graph, plan);
  mark_going_back(graph, gradients, weights, plan);
  find_gradients(graph, gradients, weights, plan);
  cut_into_parts(graph, options, plan);
  return plan;
}

}  // namespace offcut::train
