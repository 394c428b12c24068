#pragma once

#include <span>

#include "analysis/tables/summary_table.h"

namespace offcut::analysis {

/// The columns of summary.csv on the training of the devices. All are empty if the run has none.
std::span<const Column<SummaryRow>> training_columns();

}  // namespace offcut::analysis
