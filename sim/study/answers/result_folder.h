#pragma once

#include <string>
#include <vector>

#include "sim/study/answers/figure_comparison.h"

namespace offcut::study {

/// Reads the runs of a folder that `offcut sweep` (sweep.csv) or `offcut run` (summary.csv) wrote,
/// with these figures. Each variant of a sweep is a side, with a name like "FOLDER: VARIANT". The
/// first row of a run is that of the scenario's own plan. The rows after it, of the plans with which
/// it is compared, are sides of their own, with names like "FOLDER: ALGORITHM", if
/// `with_compared_plans` and there is one variant; otherwise they are left out. A varied seed is no parameter: its runs are replications. The
/// file is read row by row. Throws InputError if the folder has neither file, or it is no table of
/// runs.
std::vector<ComparedSide> read_results(const std::string& folder,
                                       const std::vector<std::string>& figures,
                                       bool with_compared_plans);

}  // namespace offcut::study
