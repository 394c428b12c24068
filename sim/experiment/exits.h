#pragma once

#include "models/graph/graph.h"
#include "sim/experiment/experiment.h"
#include "sim/experiment/plan_controller.h"
#include "sim/runtime/inference.h"

namespace offcut::experiment {

/// Gives the problem the exits of the plan. Throws InputError if the network has no such outputs.
void set_exits(const Graph& graph, const scenario::PlanChoice& plan, partition::Problem& problem);

/// Fills in the shares and accuracies of exits that the plan leaves out and that have a threshold:
/// counted on the inputs that the math computes, each of which leaves at the first exit that is
/// confident enough. Throws InputError if they can't be counted, since the math is off or an output
/// has no probabilities.
void measure_exits(const Graph& graph, const scenario::ModelChoice& model,
                   const runtime::Dataset& data, partition::Problem& problem);

/// Returns why a run can't compute the math of requests that leave at the exits of the plan; empty
/// if it can.
std::string math_refusal(const PreparedModel& model, const scenario::ModelChoice& choice);

/// Adds the family of a class's ways under a plan whose requests leave at exits, if they do, with
/// the class's own odds: those of the inputs, which `paths` then has by input, where `inference` is
/// not null. REQUIRES: paths.planned has the ways' itineraries.
void add_exit_family(const Experiment& experiment, std::size_t request_class,
                     std::size_t prepared_model, runtime::Inference* inference, Paths& paths,
                     engine::Simulation& simulation);

}  // namespace offcut::experiment
