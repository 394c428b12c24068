#pragma once

#include <nlohmann/json.hpp>

#include "analysis/statistics/training_summary.h"

namespace offcut::analysis {

/// Convert the summary that the process of a run sends to its parent.
nlohmann::json json_of(const TrainingSummary& summary);
TrainingSummary training_summary_of(const nlohmann::json& json);

}  // namespace offcut::analysis
