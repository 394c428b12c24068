#pragma once

#include <string>

#include "models/base/column_table.h"
#include "partition/algorithm.h"

namespace offcut::analysis {

/// A figure of a plan.
struct FigureRow {
  std::string algorithm;
  std::string model;  // Its name in results.
  const partition::PlanFigure& figure;
};

/// The columns of plan_figures.csv.
const ColumnTable<FigureRow>& figure_table();

}  // namespace offcut::analysis
