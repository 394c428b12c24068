// `offcut fit`: fits a device to profiles, and predicts each model from the others to say how well.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <tuple>

#include "models/base/readable.h"
#include "models/cost/predictor.h"
#include "sim/cli/commands.h"
#include "sim/cli/console.h"
#include "sim/cli/output_file.h"
#include "sim/cli/overwriting.h"
#include "sim/cli/progress_bar.h"
#include "sim/cli/terminal.h"
#include "sim/cli/text_table.h"
#include "sim/scenario/predictor_file.h"

namespace offcut::cli {
namespace {

void check_fit(const cost::ProfileRow& row, const cost::ProfileRow& first,
               std::vector<Diagnostic>& diagnostics) {
  if (row.features.op.empty() || row.model.empty()) {
    diagnostics.push_back(
        {row.place,
         fmt::format("layer {} has no {}; expected a profile as offcut profile writes it",
                     in_quotes(row.layer), row.model.empty() ? "model" : "operator")});
  } else if (row.threads != first.threads) {
    diagnostics.push_back(
        {row.place, fmt::format("was measured with {}, but {} with {}: they are two devices",
                                counted(row.threads, "thread"), first.place.file, first.threads)});
  }
}

/// Reads all rows of all files. A model that two of them hold is an error.
std::vector<cost::ProfileRow> read_all(const std::vector<std::string>& paths) {
  std::vector<cost::ProfileRow> rows;
  std::vector<Diagnostic> diagnostics;
  std::set<std::tuple<std::string, std::int64_t, std::string>> seen;
  for (const std::string& path : paths) {
    try {
      const std::size_t before = diagnostics.size();
      for (cost::ProfileRow& row : cost::read_profile(path).rows) {
        if (diagnostics.size() > before) {
          break;  // One error of each file is enough.
        }
        rows.push_back(std::move(row));
        check_fit(rows.back(), rows.front(), diagnostics);
        if (!seen.insert({rows.back().model, rows.back().batch, rows.back().layer}).second) {
          diagnostics.push_back(
              {rows.back().place, fmt::format("layer {} of {} is in an earlier file, too",
                                              in_quotes(rows.back().layer), rows.back().model)});
        }
      }
    } catch (const InputError& error) {
      diagnostics.insert(diagnostics.end(), error.diagnostics().begin(), error.diagnostics().end());
    }
  }
  std::map<std::string, double> sums;
  for (const cost::ProfileRow& row : rows) {
    sums[row.model] += row.median;
  }
  for (const auto& [model, sum] : sums) {
    if (sum <= 0 && diagnostics.empty()) {
      diagnostics.push_back({Place{paths.front()}, fmt::format("{} takes no time at all", model)});
    }
  }
  if (diagnostics.empty() && sums.size() < 2) {
    diagnostics.push_back({Place{paths.front()},
                           "holds one model; expected at least two, since each is predicted from "
                           "the others"});
  }
  if (!diagnostics.empty()) {
    throw InputError(std::move(diagnostics));
  }
  return rows;
}

/// Predicts each model from the others, with a progress bar.
cost::LeaveOneOut errors_shown(const std::vector<cost::ProfileRow>& rows) {
  ProgressBar bar("fit");
  return cost::leave_one_model_out(rows, [&](double done) { bar.show(done); });
}

void print_errors(const cost::LeaveOneOut& errors) {
  TextTable table({"held-out model", ">batch", ">measured", ">predicted", ">error"});
  for (const cost::ModelError& error : errors.models) {
    table.add({error.model, fmt::format("{}", error.batch), to_readable(Seconds(error.measured)),
               to_readable(Seconds(error.predicted)),
               fmt::format("{:+.1f} %", 100 * error.relative())});
  }
  const std::string median = fmt::format(
      "median absolute error: {} of whole models, {} of layers that take at least a thousandth of "
      "their model\n",
      to_percent(errors.median_model_error), to_percent(errors.median_layer_error));
  say("{}\n{}", table.text(), fitted(median));
}

}  // namespace

int fit(const FitOptions& options) {
  if (options.profiles.empty()) {
    throw InputError({"fit"}, "expected files of offcut profile, or --latencies FILE");
  }
  if (!options.bind.empty()) {
    throw InputError({"--bind"},
                     "needs --latencies: a profile has the extents that it was measured with");
  }
  refuse_overwriting("--out", {options.out}, options.profiles);
  const std::vector<cost::ProfileRow> rows = read_all(options.profiles);
  const cost::Predictor predictor = cost::fit_predictor(rows);
  const cost::LeaveOneOut errors = errors_shown(rows);
  const std::string about =
      fmt::format("fitted to {} of {}, {}", counted(rows.size(), "layer"),
                  counted(errors.models.size(), "model"), counted(rows.front().threads, "thread"));
  write_beside(options.out, [&](const std::string& path) {
    scenario::write_predictor(predictor, errors, about, path);
  });
  say("{}\n\n", about);
  print_errors(errors);
  say("\nwritten: {}\n", options.out);
  return 0;
}

}  // namespace offcut::cli
