// Runs layers in their order and back in the opposite one. A tensor is freed after its last reader
// on the way forward, unless it crosses to another part or the way back reads it; there, it is
// freed after the layer that made it.

#include "models/train/layer_runner.h"

#include <algorithm>

#include "models/train/floats.h"
#include "models/train/sum_to.h"

namespace offcut::train {
namespace {

/// Multiplies the slope of an exit's loss by the exit's weight.
Tensor weighted(const Tensor& slope, double weight) {
  Tensor result(slope.type());
  const auto from = slope.values<float>();
  std::transform(from.begin(), from.end(), result.values<float>().begin(),
                 [&](float x) { return static_cast<float>(x * weight); });
  return result;
}

}  // namespace

void Passage::save(LayerId layer, std::vector<Value> values) {
  for (const Value& old : saved_[layer]) {
    saved_bytes_ -= old.bytes();
  }
  for (const Value& value : values) {
    saved_bytes_ += value.bytes();
  }
  saved_[layer] = std::move(values);
}

LayerRunner::LayerRunner(const Graph& graph, const StepPlan& plan, Weights& weights,
                         const StepOptions& options)
    : graph_(graph),
      plan_(plan),
      weights_(weights),
      fast_(options.fast_kernels ? fast_kernels() : nullptr) {
  const auto scope = enter();
  for (LayerId id = 0; id < graph.layer_count(); ++id) {
    const StepPlan::LayerPlan& layer = plan.layers[id];
    kernels_.push_back(layer.runs ? make_kernel({graph, id, layer.gradient, layer.wanted,
                                                 layer.trains, options.seed})
                                  : nullptr);
  }
  find_kept();
}

std::unique_ptr<Kernel> LayerRunner::make_kernel(const KernelSite& site) {
  auto fast = fast_ ? fast_->make(site) : nullptr;
  return fast ? std::move(fast) : reference_kernel(site);
}

void LayerRunner::find_kept() {
  kept_.resize(graph_.tensor_count());
  for (LayerId id = 0; id < graph_.layer_count(); ++id) {
    if (!plan_.layers[id].goes_back) {
      continue;
    }
    const Layer& layer = graph_.layer(id);
    for (std::size_t i = 0; i < layer.inputs.size(); ++i) {
      if (layer.inputs[i] != kAbsent && kernels_[id]->reads_input(i)) {
        kept_[layer.inputs[i]] = true;
      }
    }
    for (const TensorId output : layer.outputs) {
      kept_[output] = kept_[output] || kernels_[id]->reads_outputs();
    }
  }
}

Value LayerRunner::value(TensorId id, const Passage& passage) const {
  if (id == kAbsent) {
    return {};
  }
  const TensorNode& tensor = graph_.tensor(id);
  return tensor.is_parameter() ? Value(weights_.of(tensor)) : passage.forward[id];
}

std::vector<Value> LayerRunner::values(const std::vector<TensorId>& ids,
                                       const Passage& passage) const {
  std::vector<Value> all;
  for (const TensorId id : ids) {
    all.push_back(value(id, passage));
  }
  return all;
}

void LayerRunner::forward(std::span<const LayerId> layers, Way way, Passage& passage) {
  for (const LayerId id : layers) {
    if (!plan_.layers[id].runs) {
      continue;
    }
    const Layer& layer = graph_.layer(id);
    Passed passed = kernels_[id]->forward(values(layer.inputs, passage), passage.step());
    for (std::size_t i = 0; i < layer.outputs.size(); ++i) {
      passage.forward.set(layer.outputs[i], std::move(passed.outputs[i]));
    }
    passage.save(id, way.keeps ? std::move(passed.saved) : std::vector<Value>());
    for (auto& [input, tensor] : passed.updates) {
      if (way.updates) {
        weights_.set(graph_.tensor(layer.inputs[input]).name, std::move(tensor));
      }
    }
    passage.count_peak();
    release_read(layer.inputs, id, way.keeps, passage);
    release_read(layer.outputs, id, way.keeps, passage);
  }
}

void LayerRunner::release_read(const std::vector<TensorId>& ids, LayerId reader, bool keeps,
                               Passage& passage) const {
  for (const TensorId id : ids) {
    if (id != kAbsent && plan_.last_reader[id] <= reader && !plan_.crosses[id] &&
        !(keeps && kept_[id])) {
      passage.forward.release(id);
    }
  }
}

void LayerRunner::backward(std::span<const LayerId> layers, Passage& passage,
                           std::vector<Tensor>& gradients) {
  for (std::size_t i = layers.size(); i-- > 0;) {
    const LayerId id = layers[i];
    const Layer& layer = graph_.layer(id);
    std::vector<Value> slopes;
    for (const TensorId output : layer.outputs) {
      slopes.push_back(passage.slopes[output]);
    }
    const bool has_slope = std::any_of(slopes.begin(), slopes.end(),
                                       [](const Value& slope) { return !slope.absent(); });
    if (plan_.layers[id].goes_back && has_slope) {
      take(id,
           kernels_[id]->backward({values(layer.inputs, passage), values(layer.outputs, passage),
                                   passage.saved(id), slopes}),
           passage, gradients);
    }
    passage.count_peak();
    passage.save(id, {});
    for (const TensorId output : layer.outputs) {
      passage.slopes.release(output);
      passage.forward.release(output);
    }
  }
}

void LayerRunner::take(LayerId id, const std::vector<Value>& found, Passage& passage,
                       std::vector<Tensor>& gradients) const {
  const Layer& layer = graph_.layer(id);
  for (std::size_t i = 0; i < layer.inputs.size() && i < found.size(); ++i) {
    if (!plan_.layers[id].wanted[i] || found[i].absent()) {
      continue;
    }
    const TensorNode& tensor = graph_.tensor(layer.inputs[i]);
    if (tensor.is_parameter()) {
      Tensor& gradient = gradients[*weights_.find(tensor.name)];
      gradient = added(gradient, found[i].tensor());
    } else {
      passage.slopes.set(layer.inputs[i], added(passage.slopes[layer.inputs[i]], found[i]));
    }
  }
}

ExitLosses evaluate_exits(const LayerRunner& runner, std::span<const std::size_t> exits,
                          const Loss& loss, const Parameters& parameters, const Target& target,
                          Passage& passage) {
  const StepPlan& plan = runner.plan();
  ExitLosses result;
  for (const std::size_t exit : exits) {
    const TensorId id = plan.predictions[exit];
    const Tensor prediction = runner.value(id, passage).tensor();
    const LossValue found = loss.evaluate(parameters, prediction, target);
    const double weight = plan.exit_weights[exit];
    result.loss += weight * found.loss;
    result.losses.push_back(found.loss);
    result.predictions.push_back(prediction);
    passage.slopes.set(
        id, added(passage.slopes[id], weight == 1 ? found.slope : weighted(found.slope, weight)));
  }
  return result;
}

}  // namespace offcut::train
