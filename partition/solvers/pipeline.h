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
  BytesPerSecond bandwidth;      // of its link, each way
  std::vector<Seconds> seconds;  // per block
};

/// A chain of blocks (layers, or what lies between two cut vertices) to be laid out over unlike
/// devices, each of which runs a range of them on one request after the other.
///
/// Invariants (check() throws std::logic_error): at least one block, a weight and a size of what it
/// passes on for each, and a time on each kind; finite and not negative; bandwidths positive.
struct PipelineProblem {
  std::vector<Bytes> weights;  // per block
  std::vector<Bytes> passes;   // per block: the tensors that the next one reads
  Bytes input;                 // is on the first stage's device already
  std::vector<PipelineDevices> devices;

  std::size_t block_count() const { return weights.size(); }
  void check() const;
};

/// Blocks [first, last) on a device of a kind.
struct PipelineStage {
  std::size_t device;  // index of the kind
  std::size_t first;
  std::size_t last;

  bool operator==(const PipelineStage&) const = default;
};

/// Stages in the order of the data. A request leaves every `period`, each takes `latency`.
struct PipelinePlan {
  std::vector<PipelineStage> stages;
  Seconds period;
  Seconds latency;
};

enum class PipelineGoal { period, latency };

/// What a stage must hold: its weights, what it receives, and what it passes on.
Bytes stage_memory(const PipelineProblem& problem, const PipelineStage& stage);

/// Period: the longest computing or sending; both overlap. Latency: their sum. Between two devices
/// the slower link counts; the last stage sends nothing on.
/// REQUIRES: problem.check() holds, the stages cover the blocks in order.
PipelinePlan evaluate_pipeline(const PipelineProblem& problem, std::vector<PipelineStage> stages);

/// How many stages best_pipeline() looks at, about: what its time grows with.
double pipeline_steps(const PipelineProblem& problem);

/// The best pipeline over any of the devices in any order, each with enough memory for its stage;
/// none where the blocks fit nowhere. Hu, Imes, Zhao, Kundu, Beerel, Crago, Walters, "PipeEdge",
/// DSD 2022, and its code: h(i, S, u), the best over the first i blocks with the devices S used
/// and u next; devices of a kind are interchangeable, so S is a count per kind. With the goal
/// `latency` the maximum becomes a sum (Zhang et al., "EdgeShard", IEEE IoT Journal, 2024).
/// O(blocks^2 * kinds^2 * product of (count + 1)).
///
/// Deviations: a device's time for a range of blocks is the sum of theirs; the answer's way is
/// left out, as in the papers.
/// REQUIRES: problem.check() holds.
std::optional<PipelinePlan> best_pipeline(const PipelineProblem& problem, PipelineGoal goal);

}  // namespace offcut::partition
