// `pipeline` runs the layers, in their order, as stages on several devices of the tiers' kinds, for
// the most requests per second (Hu et al., PipeEdge, DSD 2022). partition/solvers/pipeline.h has
// the algorithm: any devices in any order, each with its memory, all with links to a common switch.
// A stage passes on all tensors that later stages read, so a tensor that skips a stage goes through
// it.
//
// The assignment places all layers on the device, because a stage need not be on a tier of its own.
// The deployment is a team with a machine for each stage, in the order of the data; the answer is
// not sent back.

#include "partition/solvers/pipeline.h"

#include <fmt/format.h>

#include "models/graph/graph.h"
#include "partition/algorithm.h"

namespace offcut::partition {
namespace {

constexpr double kSecondsPerStep = 3e-9;
constexpr double kMostPipelineSteps = 3e9;  // About ten seconds.

/// Returns the bytes of tensors from before layer `last` that it or later layers read.
Bytes passed(const Problem& problem, LayerId last) {
  Bytes bytes;
  for (const CrossingTensor& tensor : problem.tensors) {
    const bool before = !tensor.producer || *tensor.producer < last;
    if (before && !tensor.consumers.empty() && tensor.consumers.back() >= last) {
      bytes += tensor.bytes;
    }
  }
  return bytes;
}

PipelineProblem pipeline_of(const Problem& problem, const Parameters& parameters) {
  PipelineProblem pipeline{.input = passed(problem, 0)};
  for (LayerId id = 0; id < problem.layer_count(); ++id) {
    pipeline.weights.emplace_back(
        problem.extras.graph == nullptr ? 0 : problem.extras.graph->layer(id).work.parameter_bytes);
    pipeline.passes.push_back(passed(problem, id + 1));
  }
  for (std::size_t tier = 0; tier < problem.tier_count(); ++tier) {
    pipeline.devices.push_back(
        {.name = problem.tiers[tier],
         .count = static_cast<std::size_t>(parameters.at(tier == 0 ? "devices" : "others")),
         .memory = Bytes(parameters.at(tier == 0 ? "memory" : "others_memory")),
         .bandwidth = BytesPerSecond(parameters.at("bandwidth")),
         .seconds = problem.seconds[tier],
         .per_request = problem.per_request_on(tier)});
  }
  return pipeline;
}

/// Returns the team whose machines compute one stage each. The link of the receiver carries what
/// the stage before it passes on: all links are alike.
Team team_of(const PipelineProblem& pipeline, const PipelinePlan& plan) {
  TeamStrand strand;
  for (std::size_t i = 0; i < plan.stages.size(); ++i) {
    const PipelineStage& stage = plan.stages[i];
    if (i > 0) {
      strand.push_back(TeamStep::receive(i, pipeline.passes[stage.first - 1]));
    }
    strand.push_back(TeamStep::compute(i, stage_time(pipeline, stage)));
  }
  return {.machines = plan.stages.size(),
          .bandwidth = pipeline.devices.front().bandwidth,
          .latency = {},
          .phases = {{std::move(strand)}}};
}

Answer solve_pipeline(const Problem& problem, const Parameters& parameters) {
  const PipelineProblem pipeline = pipeline_of(problem, parameters);
  if (pipeline_steps(pipeline) > kMostPipelineSteps) {
    return Declined{fmt::format("{} layers on so many devices take {:.0e} steps, more than {:.0e}",
                                problem.layer_count(), pipeline_steps(pipeline),
                                kMostPipelineSteps)};
  }
  const auto plan =
      problem.layer_count() == 0 ? std::nullopt : best_pipeline(pipeline, PipelineGoal::period);
  if (!plan) {
    return Declined{"no stages fit into the devices' memory"};
  }
  Answer answer = Assignment(problem.layer_count(), 0);
  answer.deployment = Deployment{.team = team_of(pipeline, *plan)};
  answer.measure = Measure::period;
  answer.figures = {{"period", "s", plan->period.si()}, {"latency", "s", plan->latency.si()}};
  for (std::size_t i = 0; i < plan->stages.size(); ++i) {
    const PipelineStage& stage = plan->stages[i];
    answer.figures.push_back(
        {.name = fmt::format("stage {}", i + 1),
         .value = fmt::format("{}: {}..{}", problem.tiers[stage.device],
                              problem.layers[stage.first], problem.layers[stage.last - 1]),
         .details = {{stage_memory(pipeline, stage).si(), "bytes"}}});
  }
  return answer;
}

ParameterSpec memory(std::string name, std::string doc) {
  return {.name = std::move(name),
          .dimension = Dimension::data,
          .fallback = 1e12,
          .doc = std::move(doc)};
}

/// See Growth::seconds.
double seconds_of_pipeline(const Problem& problem, const Parameters& parameters) {
  return kSecondsPerStep * pipeline_steps(pipeline_of(problem, parameters));
}

}  // namespace

void register_pipeline(Registry<Algorithm>& registry) {
  registry.add({.name = "pipeline",
                .doc = "stages on several different devices, for the most requests per second",
                .citation = "Hu et al., PipeEdge, DSD 2022",
                .growth = {"layers^2 tiers^2 devices", seconds_of_pipeline},
                .takes = {.graph = true},
                .parameters = {{.name = "devices",
                                .fallback = 4,
                                .most = 32,
                                .doc = "devices of the first tier's kind"},
                               {.name = "others",
                                .fallback = 0,
                                .most = 8,
                                .doc = "devices of each other tier's kind"},
                               {.name = "bandwidth",
                                .dimension = Dimension::bandwidth,
                                .fallback = 12.5e6,
                                .least = 1,
                                .doc = "of each device's link"},
                               memory("memory", "of each device, for weights, inputs and outputs"),
                               memory("others_memory", "of each of the others")},
                .solve = solve_pipeline,
                .branches = Branches::declined});
}

}  // namespace offcut::partition
