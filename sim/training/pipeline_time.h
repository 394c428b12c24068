#pragma once

#include "sim/training/pipeline_plan.h"
#include "sim/training/strategy.h"
#include "sim/training/way.h"

namespace offcut::training {

/// A hop of a message in an idle system. From a device, messages go one after the other: the next
/// one begins when the last byte of the one before has left. Any other link is shared by the
/// messages on it, in equal parts.
struct PipelineHop {
  std::size_t line = 0;  // Equal numbers: the same link, in the same direction.
  Seconds arrives;       // From the beginning of the message, alone on the link.
  Seconds leaves;        // The last byte.
  bool shares = false;   // With other messages, instead of waiting for them.
};

/// A step of a pipeline, as times.
struct PipelineTimes {
  std::vector<std::vector<Seconds>> forward, back;          // By stage and micro-batch.
  std::vector<Seconds> update;                              // By stage.
  std::vector<std::vector<std::vector<PipelineHop>>> up;    // To the next stage, by micro-batch.
  std::vector<std::vector<std::vector<PipelineHop>>> down;  // Back from it.
  std::vector<bool> goes_back;                              // By stage.
};

/// Returns the time until the last stage has updated its weights, by the parts of the way that ends
/// last: every piece of work begins when the stage is through with the one before and its tensors
/// have arrived.
TimeParts time_of_pipeline(const PipelineTimes& times,
                           const std::vector<std::vector<PipelineWork>>& orders);

/// Returns the times of a step with micro-batches of these sizes.
PipelineTimes times_of_pipeline(const Job& job, const PipelinePlan& plan, const System& system,
                                const std::vector<std::int64_t>& sizes);

}  // namespace offcut::training
