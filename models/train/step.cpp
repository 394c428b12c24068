// Runs a batch through the layers in their order and back in the opposite one. A tensor is freed
// after its last reader on the way forward, unless the way back reads it; there, it is freed after
// the layer that made it. With checkpoints, each part of the network is run a second time right
// before its way back.

#include "models/train/step.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "models/train/floats.h"
#include "models/train/kernel.h"
#include "models/train/step_plan.h"
#include "models/train/store.h"
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

class TrainingStep::State {
 public:
  State(const Graph& graph, const Registry<Gradient>& gradients, Weights& weights, const Loss& loss,
        Parameters loss_parameters, const StepOptions& options)
      : graph_(graph),
        weights_(weights),
        loss_(loss),
        loss_parameters_(std::move(loss_parameters)),
        plan_(plan_step(graph, gradients, weights, loss, options)),
        forward_(graph.tensor_count()),
        slopes_(graph.tensor_count()),
        saved_(graph.layer_count()),
        fast_(options.fast_kernels ? fast_kernels() : nullptr) {
    const auto scope = enter();
    for (LayerId id = 0; id < graph.layer_count(); ++id) {
      const StepPlan::LayerPlan& layer = plan_.layers[id];
      kernels_.push_back(layer.runs ? make_kernel({graph, id, layer.gradient, layer.wanted,
                                                   layer.trains, options.seed})
                                    : nullptr);
    }
    find_kept();
  }

  StepResult run(const exec::TensorMap& inputs, const Target& target, std::uint64_t step) {
    const auto scope = enter();
    step_ = step;
    memory_ = {};
    set_inputs(inputs);
    const std::size_t parts = plan_.parts.size() - 1;
    for (std::size_t part = 0; part < parts; ++part) {
      go_forward(part, part + 1 == parts, true);
    }
    memory_.kept = bytes();
    StepResult result = losses(target);
    result.gradients.resize(weights_.count());
    for (std::size_t part = parts; part-- > 0;) {
      if (part + 1 < parts) {
        go_forward(part, true, false);
      }
      go_back(part, result);
    }
    for (TensorId id = 0; id < graph_.tensor_count(); ++id) {
      forward_.release(id);
    }
    return result;
  }

  StepMemory memory() const { return memory_; }

 private:
  std::unique_ptr<KernelFactory::Scope> enter() const { return fast_ ? fast_->enter() : nullptr; }

  std::unique_ptr<Kernel> make_kernel(const KernelSite& site) {
    auto fast = fast_ ? fast_->make(site) : nullptr;
    return fast ? std::move(fast) : reference_kernel(site);
  }

  /// Marks the tensors that the way back reads.
  void find_kept() {
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

  void set_inputs(const exec::TensorMap& inputs) {
    exec::check_inputs(graph_, exec::whole(graph_), inputs);
    for (const TensorId id : graph_.inputs()) {
      if (const auto it = inputs.find(id); it != inputs.end()) {
        forward_.set(id, it->second);
      }
    }
  }

  Value value(TensorId id) const {
    if (id == kAbsent) {
      return {};
    }
    const TensorNode& tensor = graph_.tensor(id);
    return tensor.is_parameter() ? Value(weights_.of(tensor)) : forward_[id];
  }

  std::vector<Value> values(const std::vector<TensorId>& ids) const {
    std::vector<Value> all;
    for (const TensorId id : ids) {
      all.push_back(value(id));
    }
    return all;
  }

  std::size_t bytes() const { return forward_.bytes() + slopes_.bytes() + saved_bytes_; }
  void count_peak() { memory_.peak = std::max(memory_.peak, bytes()); }

  void save(LayerId id, std::vector<Value> saved) {
    for (const Value& old : saved_[id]) {
      saved_bytes_ -= old.bytes();
    }
    for (const Value& value : saved) {
      saved_bytes_ += value.bytes();
    }
    saved_[id] = std::move(saved);
  }

  /// Runs the layers of a part. `keeps` says whether the way back follows; `updates`, whether the
  /// running statistics change.
  void go_forward(std::size_t part, bool keeps, bool updates) {
    for (LayerId id = plan_.parts[part]; id < plan_.parts[part + 1]; ++id) {
      if (!plan_.layers[id].runs) {
        continue;
      }
      const Layer& layer = graph_.layer(id);
      Passed passed = kernels_[id]->forward(values(layer.inputs), step_);
      for (std::size_t i = 0; i < layer.outputs.size(); ++i) {
        forward_.set(layer.outputs[i], std::move(passed.outputs[i]));
      }
      save(id, keeps ? std::move(passed.saved) : std::vector<Value>());
      for (auto& [input, tensor] : passed.updates) {
        if (updates) {
          weights_.set(graph_.tensor(layer.inputs[input]).name, std::move(tensor));
        }
      }
      count_peak();
      release_read(layer.inputs, id, keeps);
      release_read(layer.outputs, id, keeps);
    }
  }

  void release_read(const std::vector<TensorId>& ids, LayerId reader, bool keeps) {
    for (const TensorId id : ids) {
      if (id != kAbsent && plan_.last_reader[id] <= reader && !plan_.crosses[id] &&
          !(keeps && kept_[id])) {
        forward_.release(id);
      }
    }
  }

  /// Computes the losses, and the slopes of the predictions.
  StepResult losses(const Target& target) {
    StepResult result;
    for (std::size_t exit = 0; exit < plan_.predictions.size(); ++exit) {
      const TensorId id = plan_.predictions[exit];
      const Tensor prediction = value(id).tensor();
      const LossValue found = loss_.evaluate(loss_parameters_, prediction, target);
      const double weight = plan_.exit_weights[exit];
      result.loss += weight * found.loss;
      result.losses.push_back(found.loss);
      result.predictions.push_back(prediction);
      slopes_.set(id,
                  added(slopes_[id], weight == 1 ? found.slope : weighted(found.slope, weight)));
    }
    return result;
  }

  void go_back(std::size_t part, StepResult& result) {
    for (LayerId id = plan_.parts[part + 1]; id-- > plan_.parts[part];) {
      const Layer& layer = graph_.layer(id);
      std::vector<Value> slopes;
      for (const TensorId output : layer.outputs) {
        slopes.push_back(slopes_[output]);
      }
      const bool has_slope = std::any_of(slopes.begin(), slopes.end(),
                                         [](const Value& slope) { return !slope.absent(); });
      if (plan_.layers[id].goes_back && has_slope) {
        const auto gradients = kernels_[id]->backward(
            {values(layer.inputs), values(layer.outputs), saved_[id], slopes});
        take(layer, plan_.layers[id].wanted, gradients, result);
      }
      count_peak();
      save(id, {});
      for (const TensorId output : layer.outputs) {
        slopes_.release(output);
        forward_.release(output);
      }
    }
  }

  /// Adds a layer's gradients to those of its inputs.
  void take(const Layer& layer, const std::vector<bool>& wanted,
            const std::vector<Value>& gradients, StepResult& result) {
    for (std::size_t i = 0; i < layer.inputs.size() && i < gradients.size(); ++i) {
      if (!wanted[i] || gradients[i].absent()) {
        continue;
      }
      const TensorNode& tensor = graph_.tensor(layer.inputs[i]);
      if (tensor.is_parameter()) {
        Tensor& gradient = result.gradients[*weights_.find(tensor.name)];
        gradient = added(gradient, gradients[i].tensor());
      } else {
        slopes_.set(layer.inputs[i], added(slopes_[layer.inputs[i]], gradients[i]));
      }
    }
  }

  const Graph& graph_;
  Weights& weights_;
  const Loss& loss_;
  Parameters loss_parameters_;
  StepPlan plan_;
  std::vector<std::unique_ptr<Kernel>> kernels_;
  std::vector<bool> kept_;
  Store forward_;
  Store slopes_;
  std::vector<std::vector<Value>> saved_;
  std::unique_ptr<KernelFactory> fast_;
  std::size_t saved_bytes_ = 0;
  std::uint64_t step_ = 0;
  StepMemory memory_;
};

TrainingStep::TrainingStep(const Graph& graph, const Registry<Gradient>& gradients,
                           Weights& weights, const Loss& loss, Parameters loss_parameters,
                           StepOptions options)
    : state_(std::make_unique<State>(graph, gradients, weights, loss, std::move(loss_parameters),
                                     options)) {}
TrainingStep::~TrainingStep() = default;
TrainingStep::TrainingStep(TrainingStep&&) noexcept = default;

StepResult TrainingStep::run(const exec::TensorMap& inputs, const Target& target,
                             std::uint64_t step) {
  return state_->run(inputs, target, step);
}

StepMemory TrainingStep::memory() const { return state_->memory(); }

}  // namespace offcut::train
