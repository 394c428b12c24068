#pragma once

#include <string>
#include <vector>

#include "sim/training/network_cut.h"

namespace offcut::training {

/// A machine of a pipeline: on the device's way, at that level.
struct Place {
  std::size_t device = 0;
  std::size_t level = 0;
};

/// A piece of a stage's work: a micro-batch forward or back.
struct PipelineWork {
  std::size_t micro = 0;
  bool is_forward = true;
  bool operator==(const PipelineWork&) const = default;
};

enum class PipelineSchedule { gpipe, one_forward_one_back };

/// Returns the order of a stage's work.
///
/// GPipe (Huang et al., NeurIPS 2019): all micro-batches forward, then all back. 1F1B (Narayanan et
/// al., "PipeDream", SOSP 2019, with a flush at the end of the batch): as many forward as there are
/// later stages, then one back after each one forward, so that a stage keeps the tensors of fewer
/// micro-batches.
std::vector<PipelineWork> order_of_stage(PipelineSchedule schedule, std::size_t stage,
                                         std::size_t stages, std::size_t micro_batches);

/// Returns the most micro-batches between their ways forward and back in that order.
std::size_t most_kept(const std::vector<PipelineWork>& order);

/// Cuts a chain of times[place][layer] into one range for each place, none of them empty, so that
/// the largest sum is the least possible; of equal cuts, the earliest one. Returns the place of
/// each layer. O(places * layers^2). REQUIRES: at least as many layers as places.
std::vector<std::size_t> balanced_cut(const std::vector<std::vector<double>>& times);

/// The stages of a pipeline, and what crosses from each to the next one.
struct PipelinePlan {
  std::vector<Place> places;
  std::vector<std::size_t> stage_of;         // By layer.
  std::vector<std::vector<LayerId>> layers;  // By stage.
  std::vector<Bytes> activations;            // Of a sample, after each stage but the last.
  std::vector<Bytes> slopes;                 // The same, back; 0 if nothing before it is trained.
  std::vector<Bytes> kept;                   // Of a sample, by stage, until its way back.
  std::vector<std::int64_t> sizes;           // Of the micro-batches of a full batch.
  PipelineSchedule schedule = PipelineSchedule::gpipe;

  std::size_t stages() const { return places.size(); }
  bool goes_back(std::size_t stage) const;  // Its layers have a way back.
  std::vector<PipelineWork> order(std::size_t stage, std::size_t micro_batches) const;
  /// "3 stages: conv1 to pool1, ...; 2, 1 and 1 micro-batches kept".
  std::string note(const Graph& network) const;
};

/// The places that a plan may use: those of `Tasks` or of a `System`.
struct PipelineSystem {
  std::size_t devices = 0;
  std::function<std::size_t(std::size_t device)> levels, group_of;
};

/// Returns the plan of a job's pipeline. Throws InputError if there are fewer places or layers than
/// stages, or more micro-batches than samples.
PipelinePlan plan_pipeline(const Job& job, const PipelineSystem& system);

/// Returns the pipeline's own parameters.
std::vector<ParameterSpec> pipeline_parameters();

}  // namespace offcut::training
