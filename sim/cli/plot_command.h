#pragma once

#include <string>
#include <vector>

namespace offcut::cli {

/// The values of --format and --width.
inline const std::vector<std::string> kPlotFormats = {"svg", "png", "pdf"};
inline const std::vector<std::string> kPlotWidths = {"single", "double"};

struct PlotArguments {
  std::vector<std::string> results;  // Folders of results, or CSV files.
  std::vector<std::string> kinds;    // Empty: all that apply.
  std::vector<std::string> figures;  // Columns of summary.csv, for plots of sweeps; empty: latencies.
  std::vector<std::string> formats;  // Empty: svg.
  std::string width = "single";
  std::string out;  // Empty: see plot().
};

/// Becomes the program in Python that draws, which returns the exit code of the command. Without
/// `out`, the folder is `plots` in that of the results, or results/plots for several. Throws
/// InputError if an argument is invalid, or there is no Python.
int plot(const PlotArguments& arguments);

}  // namespace offcut::cli
