#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/base/units.h"

namespace offcut::partition {

/// Devices of one kind. Each may run one stage of the pipeline.
struct PipelineDevices {
  std::string name;
  std::size_t count = 1;
  Bytes memory;
  BytesPerSecond bandwidth;      // A device's link, each way.
  std::vector<Seconds> seconds;  // Per block.
  Seconds per_request = {};      // Before a stage: see CostTable::per_request.
};

/// The problem of distributing a chain of blocks (layers, or the layers between two cut vertices)
/// over different devices, each of which runs a range of blocks on one request after the other.
///
/// Invariants (check() throws std::logic_error): there is at least one block; each has a weight, a
/// size of its output, and a time on each kind of device, finite and not negative; bandwidths are
/// positive.
struct PipelineProblem {
  std::vector<Bytes> weights;  // Per block.
  std::vector<Bytes> passes;   // Per block: the tensors that the next one reads.
  Bytes input;                 // It is on the first stage's device at the start.
  std::vector<PipelineDevices> devices;

  std::size_t block_count() const { return weights.size(); }
  void check() const;
};

/// Blocks [first, last) on a device of one kind.
struct PipelineStage {
  std::size_t device;  // The index of the kind.
  std::size_t first;
  std::size_t last;

  bool operator==(const PipelineStage&) const = default;
};

/// Stages in the order of the data. A request leaves every `period`, and each takes `latency`.
struct PipelinePlan {
  std::vector<PipelineStage> stages;
  Seconds period;
  Seconds latency;
};

enum class PipelineGoal { period, latency };

/// Returns the memory that a stage needs: for its weights, its input and its output.
Bytes stage_memory(const PipelineProblem& problem, const PipelineStage& stage);

/// Returns the time of a stage's computation.
Seconds stage_time(const PipelineProblem& problem, const PipelineStage& stage);

/// Returns the plan with its period, which is the longest computation or transmission, because both
/// overlap, and its latency, which is their sum. Between two devices, the slower link counts; the
/// last stage sends nothing.
/// REQUIRES: problem.check() holds, the stages cover the blocks in order.
PipelinePlan evaluate_pipeline(const PipelineProblem& problem, std::vector<PipelineStage> stages);

/// Returns the approximate number of stages that best_pipeline() considers; its time is
/// proportional.
double pipeline_steps(const PipelineProblem& problem);

/// Returns the best pipeline over any of the devices in any order, each with enough memory for its
/// stage; none if the blocks do not fit. Hu, Imes, Zhao, Kundu, Beerel, Crago, Walters, "PipeEdge",
/// DSD 2022, and its code: h(i, S, u) is the best over the first i blocks with the devices S used
/// and u next. Devices of a kind are interchangeable, so S is a count per kind. With the goal
/// `latency`, the maximum becomes a sum (Zhang et al., "EdgeShard", IEEE IoT Journal, 2024).
/// O(blocks^2 * kinds^2 * product of (count + 1)).
///
/// Deviation: a device's time for a range of blocks is the sum of their times, after its time per
/// request. The answer is not
/// sent back, as in the papers.
/// REQUIRES: problem.check() holds.
std::optional<PipelinePlan> best_pipeline(const PipelineProblem& problem, PipelineGoal goal);

}  // namespace offcut::partition
