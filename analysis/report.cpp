// Writes the result files of a run, except for the logs that grow while it runs: its tables, and the
// scenario as it ran.

#include "analysis/report.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <fstream>

#include "analysis/page/page_file.h"
#include "analysis/tables/report_tables.h"
#include "analysis/tables/result_tables.h"
#include "models/base/error.h"
#include "sim/scenario/resolved_paths.h"

namespace offcut::analysis {
namespace {

/// Returns "device-edge up, device-edge down": the links that offcut serves itself, or those that
/// SimGrid serves. Returns "none" if there are none.
std::string links_text(const engine::RunRecord& record, bool ours) {
  std::vector<std::string> links;
  for (const engine::HopUsage& hop : record.hops) {
    if (hop.up_is_ours == ours) {
      links.push_back(hop.name + " up");
    }
    if (hop.down_is_ours == ours) {
      links.push_back(hop.name + " down");
    }
  }
  return links.empty() ? "none" : fmt::format("{}", fmt::join(links, ", "));
}

void write_resolved(const scenario::Scenario& scenario, const engine::RunRecord& chosen,
                    const OutputDirectory& out) {
  const std::string path = out.file("resolved.yaml");
  std::ofstream file(path, std::ios::binary);
  file << "# The scenario as it ran, every default filled in. Run it again: offcut run "
       << "resolved.yaml\n"
       << "# offcut " << OFFCUT_VERSION << ", SimGrid " << engine::simgrid_version()
       << " (network model CM02, max-min sharing, latency outside the link)\n"
       << "# links that SimGrid served: " << links_text(chosen, false)
       << "; that offcut served itself, to the same result: " << links_text(chosen, true) << "\n"
       << scenario::to_yaml(scenario::with_paths_from(scenario.resolved, out.path()));
  if (!file.flush()) {
    throw InputError({path}, "cannot be written");
  }
}

}  // namespace

std::vector<std::string> result_files() {
  std::vector<std::string> names;
  for (const TableText& table : result_table_texts()) {
    names.emplace_back(table.file);
  }
  names.emplace_back(kTrainedModel);
  names.emplace_back(kTimeline);
  names.emplace_back(kReportPage);
  names.emplace_back(kResolvedFile);
  return names;
}

OutputDirectory results_directory(const std::filesystem::path& folder) {
  return {folder, result_files(), kResolvedFile};
}

void write_report(const experiment::Experiment& experiment, const std::vector<RunSummary>& runs,
                  const OutputDirectory& out) {
  write_report_tables(experiment, runs, [&](const std::string& name) { return out.file(name); });
  write_resolved(experiment.scenario, runs.front().record, out);
}

}  // namespace offcut::analysis
