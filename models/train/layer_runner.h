#pragma once

#include <memory>
#include <span>
#include <vector>

#include "models/train/kernel.h"
#include "models/train/step_plan.h"
#include "models/train/store.h"

namespace offcut::train {

/// A batch on its way through layers and back: its tensors, and what kernels saved.
class Passage {
 public:
  Passage(const Graph& graph, std::uint64_t step)
      : forward(graph.tensor_count()),
        slopes(graph.tensor_count()),
        step_(step),
        saved_(graph.layer_count()) {}

  Store forward;
  Store slopes;

  std::uint64_t step() const { return step_; }
  std::size_t bytes() const { return forward.bytes() + slopes.bytes() + saved_bytes_; }
  std::size_t peak() const { return peak_; }
  void count_peak() { peak_ = std::max(peak_, bytes()); }

  const std::vector<Value>& saved(LayerId layer) const { return saved_[layer]; }
  void save(LayerId layer, std::vector<Value> values);

 private:
  std::uint64_t step_;
  std::vector<std::vector<Value>> saved_;
  std::size_t saved_bytes_ = 0;
  std::size_t peak_ = 0;
};

/// Runs layers of a network forward and back, a few at a time: those of a checkpointed part, or of
/// a machine's part. Several passages may be under way at once.
class LayerRunner {
 public:
  /// Graph, plan and weights outlive the runner.
  LayerRunner(const Graph& graph, const StepPlan& plan, Weights& weights,
              const StepOptions& options);
  LayerRunner(const LayerRunner&) = delete;

  /// Held by callers of the functions below; see KernelFactory.
  std::unique_ptr<KernelFactory::Scope> enter() const { return fast_ ? fast_->enter() : nullptr; }

  const StepPlan& plan() const { return plan_; }
  Value value(TensorId id, const Passage& passage) const;

  /// The circumstances of a way forward.
  struct Way {
    bool keeps = true;    // The way back follows: what it reads stays.
    bool updates = true;  // Running statistics change.
  };
  /// REQUIRES: layers are ascending, and the passage has the tensors that enter them.
  void forward(std::span<const LayerId> layers, Way way, Passage& passage);

  /// Takes the slopes of the layers' outputs to their inputs and adds the gradients of weights to
  /// `gradients`, by weight. REQUIRES: layers are ascending and have been forward, keeping.
  void backward(std::span<const LayerId> layers, Passage& passage, std::vector<Tensor>& gradients);

 private:
  std::unique_ptr<Kernel> make_kernel(const KernelSite& site);
  void find_kept();
  std::vector<Value> values(const std::vector<TensorId>& ids, const Passage& passage) const;
  void release_read(const std::vector<TensorId>& ids, LayerId reader, bool keeps,
                    Passage& passage) const;
  void take(LayerId id, const std::vector<Value>& found, Passage& passage,
            std::vector<Tensor>& gradients) const;

  const Graph& graph_;
  const StepPlan& plan_;
  Weights& weights_;
  std::unique_ptr<KernelFactory> fast_;
  std::vector<std::unique_ptr<Kernel>> kernels_;
  std::vector<bool> kept_;  // By tensor: the way back reads it.
};

/// The losses of some exits.
struct ExitLosses {
  double loss = 0;  // Weighted.
  std::vector<double> losses;
  std::vector<Tensor> predictions;
};

/// Evaluates the loss at exits of the plan, and adds the predictions' slopes to the passage.
ExitLosses evaluate_exits(const LayerRunner& runner, std::span<const std::size_t> exits,
                          const Loss& loss, const Parameters& parameters, const Target& target,
                          Passage& passage);

}  // namespace offcut::train
