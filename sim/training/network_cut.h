#pragma once

#include <functional>
#include <string>
#include <vector>

#include "models/train/step_plan.h"
#include "sim/training/parted_trainer.h"

namespace offcut::training {

/// A cut of a network between a device, which has the head, and a server, which has the rest and
/// the loss.
struct NetworkCut {
  std::vector<std::size_t> part_of;  // By layer: 0 for the head, 1 for the rest.
  std::vector<LayerId> head, tail;
  Bytes activations;  // Of a sample, that cross up; an input has its type on the wire.
  Bytes labels;       // Of a sample, which go up with them.
  Bytes slopes;       // Of a sample, that come back; 0 if the head trains nothing.
  StatePart state;    // The head's.
  std::string name;   // "after pool2", or the layers after which it cuts branches.

  Bytes up(std::int64_t samples) const {
    return static_cast<double>(samples) * (activations + labels);
  }
  Bytes down(std::int64_t samples) const { return static_cast<double>(samples) * slopes; }
  bool trains_head() const { return slopes > Bytes(0); }
};

/// The cuts that a job's network has.
class CutModel {
 public:
  /// The job outlives the model.
  explicit CutModel(const Job& job);

  /// Returns the cut. REQUIRES: the head has all predecessors of its layers.
  NetworkCut of(const std::vector<bool>& in_head) const;
  /// Returns whether both sides have layers to run, and the server has the loss.
  bool is_legal(const std::vector<bool>& in_head) const;

  /// Returns the job's own cut, from Job::level_of or the layer of that name (empty: none), or else
  /// the legal cut with the least `time`, of equal ones the first: that of the smallest head.
  /// Throws InputError if there is none.
  NetworkCut choose(const std::string& layer,
                    const std::function<Seconds(const NetworkCut&)>& time) const;

  const train::StepPlan& plan() const { return plan_; }

 private:
  std::vector<bool> stated(const std::string& layer) const;
  std::vector<std::string> layers_to_cut_after() const;
  bool needs_slope(TensorId tensor, const std::vector<bool>& in_head) const;

  const Job& job_;
  train::Weights weights_;
  train::StepPlan plan_;
  Bytes labels_;  // Of a sample, on their way.
};

}  // namespace offcut::training
