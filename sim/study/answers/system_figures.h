#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/study/under_load/load_model.h"

namespace offcut::study {

/// A configuration and the loads and delays that are predicted for it.
struct PredictedSystem {
  const experiment::Experiment& experiment;
  const LoadModel& model;
  const SystemChoice& choice;
  SystemLoad load;
};

/// The columns of summary.csv that predicted_figure() knows: latencies and their quantiles,
/// throughput and goodput, late and dropped requests, the devices' energy per answer, and money.
std::vector<std::string> predictable_figures();

/// Returns the figure, in the column's unit; none if it is not known for the system, such as energy
/// where a power draw is not, or is none of predictable_figures().
///
/// - Latencies are distributed as DelayDistribution says, over the requests that are answered.
/// - Energy: a device computes and sends for each request as in an idle system, and is idle for the
///   rest of the time. Radios are not shared between requests.
/// - Money: the machines exist for the whole run, and messages are those of all requests.
std::optional<double> predicted_figure(const std::string& figure, const PredictedSystem& system);

/// Returns the highest offered load, 1 being all of the capacity, of the tiers and links that can't
/// escape it: no admission rule rejects requests there, and no request gives up.
double inescapable_load(const PredictedSystem& system);

/// Returns a hash of all that is predicted: two configurations with the same one can't be told from
/// each other by prediction.
std::uint64_t prediction_hash(const PredictedSystem& system);

}  // namespace offcut::study
