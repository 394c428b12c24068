// Runs the parts of a network with the runner and the plan of a whole training step: a tensor that
// another part reads stays until its slope is there. Each batch in a part is a passage of its own.

#include "models/train/parted_step.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <stdexcept>

#include "models/base/error.h"
#include "models/train/layer_runner.h"
#include "models/train/sum_to.h"

namespace offcut::train {

class PartedStep::Passing {
 public:
  Passing(const Graph& graph, std::uint64_t step) : passage(graph, step) {}
  Passage passage;
  exec::TensorMap leaving;
};

class PartedStep::State {
 public:
  State(const Graph& graph, const Registry<Gradient>& gradients, Weights& weights, const Loss& loss,
        Parameters loss_parameters, std::vector<std::size_t> part_of, const StepOptions& options)
      : graph_(graph),
        weights_(weights),
        loss_(loss),
        loss_parameters_(std::move(loss_parameters)),
        part_of_(std::move(part_of)),
        plan_(plan_step(graph, gradients, weights, loss, options)) {
    if (part_of_.size() != graph.layer_count() || part_of_.empty()) {
      throw std::invalid_argument(fmt::format("parts are given for {} layers, expected {}",
                                              part_of_.size(), graph.layer_count()));
    }
    parts_.resize(*std::max_element(part_of_.begin(), part_of_.end()) + 1);
    add_layers();
    add_tensors();
    add_exits();
    add_weights();
    runner_ = std::make_unique<LayerRunner>(graph, plan_, weights, options);
  }

  struct Part {
    std::vector<LayerId> layers;
    std::vector<TensorId> enters, leaves, returns;
    std::vector<std::size_t> weights, exits;
  };
  const std::vector<Part>& parts() const { return parts_; }

  std::shared_ptr<Passing> forward(std::size_t index, const exec::TensorMap& inputs,
                                   std::uint64_t step) {
    const auto scope = runner_->enter();
    const Part& part = parts_[index];
    auto passing = std::make_shared<Passing>(graph_, step);
    for (const TensorId id : part.enters) {
      const auto it = inputs.find(id);
      if (it == inputs.end() || it->second.type() != graph_.tensor(id).type) {
        throw std::invalid_argument(fmt::format("part {} lacks {} as {}", index,
                                                in_quotes(graph_.tensor(id).name),
                                                to_text(graph_.tensor(id).type.shape)));
      }
      passing->passage.forward.set(id, it->second);
    }
    runner_->forward(part.layers, {}, passing->passage);
    for (const TensorId id : part.leaves) {
      passing->leaving[id] = passing->passage.forward[id].tensor();
    }
    return passing;
  }

  Returned backward(std::size_t index, Passing& passing, const exec::TensorMap& slopes,
                    const Target& target, std::vector<Tensor>& gradients) {
    const auto scope = runner_->enter();
    const Part& part = parts_[index];
    for (const auto& [id, slope] : slopes) {
      if (std::binary_search(part.leaves.begin(), part.leaves.end(), id)) {
        passing.passage.slopes.set(id, slope);
      }
    }
    ExitLosses losses =
        evaluate_exits(*runner_, part.exits, loss_, loss_parameters_, target, passing.passage);
    gradients.resize(weights_.count());
    runner_->backward(part.layers, passing.passage, gradients);
    Returned returned{.loss = losses.loss,
                      .losses = std::move(losses.losses),
                      .predictions = std::move(losses.predictions)};
    for (const TensorId id : part.returns) {
      if (Value slope = passing.passage.slopes[id]; !slope.absent()) {
        returned.slopes[id] = slope.tensor();
      }
    }
    return returned;
  }

  StepResult run(const exec::TensorMap& inputs, const Target& target, std::uint64_t step) {
    exec::TensorMap known = inputs;
    std::vector<std::shared_ptr<Passing>> passings;
    for (std::size_t part = 0; part < parts_.size(); ++part) {
      passings.push_back(forward(part, known, step));
      known.insert(passings.back()->leaving.begin(), passings.back()->leaving.end());
    }
    StepResult result;
    result.gradients.resize(weights_.count());
    result.losses.resize(plan_.predictions.size());
    result.predictions.resize(plan_.predictions.size());
    exec::TensorMap slopes;
    for (std::size_t part = parts_.size(); part-- > 0;) {
      Returned returned = backward(part, *passings[part], slopes, target, result.gradients);
      result.loss += returned.loss;
      for (std::size_t i = 0; i < parts_[part].exits.size(); ++i) {
        result.losses[parts_[part].exits[i]] = returned.losses[i];
        result.predictions[parts_[part].exits[i]] = std::move(returned.predictions[i]);
      }
      add_slopes(slopes, returned.slopes);
    }
    return result;
  }

 private:
  void add_layers() {
    for (LayerId id = 0; id < graph_.layer_count(); ++id) {
      parts_[part_of_[id]].layers.push_back(id);
      for (const TensorId input : graph_.layer(id).inputs) {
        if (input == kAbsent || !graph_.tensor(input).producer) {
          continue;
        }
        const LayerId from = *graph_.tensor(input).producer;
        if (part_of_[from] > part_of_[id]) {
          throw std::invalid_argument(
              fmt::format("layer {} is in part {} and reads from {}, which is in the later part {}",
                          in_quotes(graph_.layer(id).name), part_of_[id],
                          in_quotes(graph_.layer(from).name), part_of_[from]));
        }
      }
    }
    for (std::size_t part = 0; part < parts_.size(); ++part) {
      if (parts_[part].layers.empty()) {
        throw std::invalid_argument(fmt::format("part {} of {} has no layer", part, parts_.size()));
      }
    }
  }

  /// Finds the tensors that enter and leave each part, and keeps them for the way back.
  void add_tensors() {
    std::vector<std::set<TensorId>> enters(parts_.size()), leaves(parts_.size()),
        returns(parts_.size());
    for (LayerId id = 0; id < graph_.layer_count(); ++id) {
      if (!plan_.layers[id].runs) {
        continue;
      }
      const Layer& layer = graph_.layer(id);
      for (std::size_t i = 0; i < layer.inputs.size(); ++i) {
        const TensorId input = layer.inputs[i];
        if (input == kAbsent || graph_.tensor(input).is_parameter()) {
          continue;
        }
        const std::optional<LayerId> from = graph_.tensor(input).producer;
        if (from && part_of_[*from] == part_of_[id]) {
          continue;
        }
        plan_.crosses[input] = true;
        enters[part_of_[id]].insert(input);
        if (from) {
          leaves[part_of_[*from]].insert(input);
        }
        if (plan_.layers[id].goes_back && plan_.layers[id].wanted[i]) {
          returns[part_of_[id]].insert(input);
        }
      }
    }
    for (std::size_t part = 0; part < parts_.size(); ++part) {
      parts_[part].enters.assign(enters[part].begin(), enters[part].end());
      parts_[part].leaves.assign(leaves[part].begin(), leaves[part].end());
      parts_[part].returns.assign(returns[part].begin(), returns[part].end());
    }
  }

  void add_exits() {
    for (std::size_t exit = 0; exit < plan_.predictions.size(); ++exit) {
      const std::optional<LayerId> from = graph_.tensor(plan_.predictions[exit]).producer;
      parts_[from ? part_of_[*from] : 0].exits.push_back(exit);
    }
  }

  void add_weights() {
    std::vector<std::optional<std::size_t>> owner(weights_.count());
    for (LayerId id = 0; id < graph_.layer_count(); ++id) {
      const Layer& layer = graph_.layer(id);
      for (std::size_t i = 0; i < layer.inputs.size(); ++i) {
        if (layer.inputs[i] == kAbsent || !plan_.layers[id].goes_back ||
            !plan_.layers[id].wanted[i]) {
          continue;
        }
        const TensorNode& tensor = graph_.tensor(layer.inputs[i]);
        const auto weight = tensor.is_parameter() ? weights_.find(tensor.name) : std::nullopt;
        if (!weight) {
          continue;
        }
        if (owner[*weight] && *owner[*weight] != part_of_[id]) {
          throw std::invalid_argument(
              fmt::format("layers in the parts {} and {} train the weight {}; expected one part",
                          *owner[*weight], part_of_[id], in_quotes(tensor.name)));
        }
        owner[*weight] = part_of_[id];
      }
    }
    for (std::size_t weight = 0; weight < owner.size(); ++weight) {
      if (owner[weight]) {
        parts_[*owner[weight]].weights.push_back(weight);
      }
    }
  }

  const Graph& graph_;
  Weights& weights_;
  const Loss& loss_;
  Parameters loss_parameters_;
  std::vector<std::size_t> part_of_;
  StepPlan plan_;
  std::vector<Part> parts_;
  std::unique_ptr<LayerRunner> runner_;
};

PartedStep::PartedStep(const Graph& graph, const Registry<Gradient>& gradients, Weights& weights,
                       const Loss& loss, Parameters loss_parameters,
                       std::vector<std::size_t> part_of, StepOptions options)
    : state_(std::make_unique<State>(graph, gradients, weights, loss, std::move(loss_parameters),
                                     std::move(part_of), options)) {}
PartedStep::~PartedStep() = default;
PartedStep::PartedStep(PartedStep&&) noexcept = default;

std::size_t PartedStep::parts() const { return state_->parts().size(); }
const std::vector<TensorId>& PartedStep::enters(std::size_t part) const {
  return state_->parts()[part].enters;
}
const std::vector<TensorId>& PartedStep::leaves(std::size_t part) const {
  return state_->parts()[part].leaves;
}
const std::vector<TensorId>& PartedStep::returns(std::size_t part) const {
  return state_->parts()[part].returns;
}
const std::vector<std::size_t>& PartedStep::weights(std::size_t part) const {
  return state_->parts()[part].weights;
}
bool PartedStep::has_loss(std::size_t part) const { return !state_->parts()[part].exits.empty(); }

std::shared_ptr<PartedStep::Passing> PartedStep::forward(std::size_t part,
                                                         const exec::TensorMap& inputs,
                                                         std::uint64_t step) {
  return state_->forward(part, inputs, step);
}
const exec::TensorMap& PartedStep::leaving(const Passing& passing) { return passing.leaving; }
std::size_t PartedStep::kept_bytes(const Passing& passing) { return passing.passage.bytes(); }

PartedStep::Returned PartedStep::backward(std::size_t part, Passing& passing,
                                          const exec::TensorMap& slopes, const Target& target,
                                          std::vector<Tensor>& gradients) {
  return state_->backward(part, passing, slopes, target, gradients);
}

StepResult PartedStep::run(const exec::TensorMap& inputs, const Target& target,
                           std::uint64_t step) {
  return state_->run(inputs, target, step);
}

void add_slopes(exec::TensorMap& sum, const exec::TensorMap& slopes) {
  for (const auto& [id, slope] : slopes) {
    Tensor& total = sum[id];
    total = added(total, slope);
  }
}

}  // namespace offcut::train
