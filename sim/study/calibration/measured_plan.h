#pragma once

#include <string>
#include <vector>

#include "sim/experiment/experiment.h"
#include "sim/study/calibration/measured_run.h"

namespace offcut::study {

/// The plan of a measured run, and its costs by a scenario in an idle system.
struct MeasuredPlan {
  partition::Assignment tier_of;
  std::vector<double> compute;               // Seconds by tier, without the time per request.
  std::vector<double> per_request;           // Seconds by tier, where the plan takes it.
  std::vector<double> up_bytes, down_bytes;  // By hop.
  double latency = 0;                        // Seconds.
};

/// Returns the plan of a run in an experiment, whose only model, tiers and device it must fit.
/// Throws InputError with all errors about the run's folder: another model, tiers or layers, or a
/// cut that goes back.
MeasuredPlan plan_of(const MeasuredRun& run, const experiment::Experiment& experiment);

/// Writes a plan.csv for the algorithm `file`.
void write_plan(const MeasuredPlan& plan, const experiment::Experiment& experiment,
                const std::string& path);

/// Throws InputError if the scenario is not of the kind that measured runs can be compared with:
/// one device, one model, tiers in a chain, and plans that do not change.
void check_comparable(const scenario::Scenario& scenario, const std::string& path);

}  // namespace offcut::study
