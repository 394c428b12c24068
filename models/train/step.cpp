// Runs a batch through the layers and back; see layer_runner.cpp. With checkpoints, each part of
// the network is run a second time right before its way back.

#include "models/train/step.h"

#include <numeric>

#include "models/train/layer_runner.h"

namespace offcut::train {

class TrainingStep::State {
 public:
  State(const Graph& graph, const Registry<Gradient>& gradients, Weights& weights, const Loss& loss,
        Parameters loss_parameters, const StepOptions& options)
      : graph_(graph),
        weights_(weights),
        loss_(loss),
        loss_parameters_(std::move(loss_parameters)),
        plan_(plan_step(graph, gradients, weights, loss, options)),
        layers_(graph.layer_count()),
        exits_(plan_.predictions.size()),
        runner_(graph, plan_, weights, options) {
    std::iota(layers_.begin(), layers_.end(), LayerId{0});
    std::iota(exits_.begin(), exits_.end(), std::size_t{0});
  }

  StepResult run(const exec::TensorMap& inputs, const Target& target, std::uint64_t step) {
    const auto scope = runner_.enter();
    Passage passage(graph_, step);
    set_inputs(inputs, passage);
    const std::size_t parts = plan_.parts.size() - 1;
    for (std::size_t part = 0; part < parts; ++part) {
      runner_.forward(layers_of(part), {.keeps = part + 1 == parts, .updates = true}, passage);
    }
    memory_.kept = passage.bytes();
    StepResult result = losses(target, passage);
    for (std::size_t part = parts; part-- > 0;) {
      if (part + 1 < parts) {
        runner_.forward(layers_of(part), {.keeps = true, .updates = false}, passage);
      }
      runner_.backward(layers_of(part), passage, result.gradients);
    }
    memory_.peak = passage.peak();
    return result;
  }

  StepMemory memory() const { return memory_; }

 private:
  std::span<const LayerId> layers_of(std::size_t part) const {
    return std::span(layers_).subspan(plan_.parts[part], plan_.parts[part + 1] - plan_.parts[part]);
  }

  void set_inputs(const exec::TensorMap& inputs, Passage& passage) const {
    exec::check_inputs(graph_, exec::whole(graph_), inputs);
    for (const TensorId id : graph_.inputs()) {
      if (const auto it = inputs.find(id); it != inputs.end()) {
        passage.forward.set(id, it->second);
      }
    }
  }

  StepResult losses(const Target& target, Passage& passage) const {
    ExitLosses found = evaluate_exits(runner_, exits_, loss_, loss_parameters_, target, passage);
    return {.loss = found.loss,
            .losses = std::move(found.losses),
            .predictions = std::move(found.predictions),
            .gradients = std::vector<Tensor>(weights_.count())};
  }

  const Graph& graph_;
  const Weights& weights_;
  const Loss& loss_;
  Parameters loss_parameters_;
  StepPlan plan_;
  std::vector<LayerId> layers_;
  std::vector<std::size_t> exits_;
  LayerRunner runner_;
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
