// Writes the result files of a run, except for the logs that grow while it runs. The columns and
// their meanings are in analysis/tables; this file only feeds them with rows.

#include "analysis/report.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <fstream>
#include <memory>

#include "analysis/tables/class_table.h"
#include "analysis/tables/energy_table.h"
#include "analysis/tables/exit_table.h"
#include "analysis/tables/figure_table.h"
#include "analysis/tables/group_table.h"
#include "analysis/tables/link_table.h"
#include "analysis/tables/result_tables.h"
#include "analysis/tables/summary_table.h"
#include "analysis/tables/tier_table.h"
#include "models/base/error.h"
#include "partition/plan_file.h"
#include "sim/scenario/resolved_paths.h"

namespace offcut::analysis {
namespace {

void write_summary(const scenario::Scenario& scenario, const std::vector<RunSummary>& runs,
                   const std::string& path) {
  TableWriter<SummaryRow> file(path, summary_table().columns);
  for (const RunSummary& run : runs) {
    file.add({scenario, run});
  }
  file.close();
}

void write_plans(const experiment::Experiment& experiment, const std::vector<RunSummary>& runs,
                 const std::string& path) {
  std::vector<partition::NamedPlan> plans;
  for (const RunSummary& run : runs) {
    for (std::size_t i = 0; i < run.plans.size(); ++i) {
      const experiment::PreparedModel& model = experiment.models[i];
      plans.push_back({run.algorithm, model.name, &model.graph, &model.problem, &run.plans[i],
                       model.group_name});
    }
  }
  partition::write_plan_file(plans, path);
}

/// Writes no file unless a plan has figures.
void write_figures(const experiment::Experiment& experiment, const std::vector<RunSummary>& runs,
                   const std::string& path) {
  std::unique_ptr<TableWriter<FigureRow>> file;
  for (const RunSummary& run : runs) {
    for (std::size_t i = 0; i < run.plans.size(); ++i) {
      for (const partition::PlanFigure& figure : run.plans[i].figures) {
        if (!file) {
          file = std::make_unique<TableWriter<FigureRow>>(path, figure_table().columns);
        }
        file->add({run.algorithm, experiment.name_of(experiment.models[i]), figure});
      }
    }
  }
  if (file) {
    file->close();
  }
}

void write_tiers(const scenario::Scenario& scenario, const std::vector<RunSummary>& runs,
                 const std::string& path) {
  const auto all = tier_table().columns;
  std::vector<Column<TierRow>> columns(all.begin(), all.end());
  if (scenario.training) {
    const auto of_tasks = tier_columns_of_tasks();
    columns.insert(columns.end(), of_tasks.begin(), of_tasks.end());
  }
  TableWriter<TierRow> file(path, columns);
  for (const RunSummary& run : runs) {
    for (std::size_t i = 0; i < run.record.tiers.size(); ++i) {
      const engine::TierUsage& tier = run.record.tiers[i];
      file.add({run, tier, i, &scenario.tiers[i]});
      for (std::size_t group = 0; group < tier.groups.size(); ++group) {
        const engine::TierUsage own = usage_of_group(tier, group);
        file.add({run, own, i, &scenario.tiers[i].machines[group], group});
      }
    }
  }
  file.close();
}

void write_energy(const std::vector<RunSummary>& runs, const std::string& path) {
  TableWriter<EnergyRow> file(path, energy_table().columns);
  for (const RunSummary& run : runs) {
    for (const engine::EnergyState& state : run.record.energy) {
      file.add({run, state});
    }
  }
  file.close();
}

void write_links(const scenario::Scenario& scenario, const std::vector<RunSummary>& runs,
                 const std::string& path) {
  const auto all = link_table().columns;
  std::vector<Column<LinkRow>> columns(all.begin(), all.end());
  if (scenario.updates.any()) {
    const auto of_updates = link_columns_of_updates();
    columns.insert(columns.end(), of_updates.begin(), of_updates.end());
  }
  if (scenario.training) {
    const auto of_tasks = link_columns_of_tasks();
    columns.insert(columns.end(), of_tasks.begin(), of_tasks.end());
  }
  TableWriter<LinkRow> file(path, columns);
  for (const RunSummary& run : runs) {
    for (const auto* links : {&run.record.hops, &run.record.teams}) {
      for (const engine::HopUsage& hop : *links) {
        for (const bool up : {true, false}) {
          file.add({run, hop, up});
        }
      }
    }
  }
  file.close();
}

void write_classes(const experiment::Experiment& experiment, const std::vector<RunSummary>& runs,
                   const std::string& path) {
  TableWriter<ClassRow> file(path, class_table().columns);
  for (const RunSummary& run : runs) {
    for (std::size_t i = 0; i < run.record.classes.size(); ++i) {
      const std::size_t model = experiment.first_model_of(i);
      file.add({run, run.record.classes[i], experiment.models[model].name, run.plans[model],
                run.class_latency[i]});
    }
  }
  file.close();
}

/// Writes no file unless the devices are in several groups.
void write_groups(const std::vector<RunSummary>& runs, const std::string& path) {
  if (std::none_of(runs.begin(), runs.end(),
                   [](const RunSummary& run) { return !run.record.groups.empty(); })) {
    return;
  }
  TableWriter<GroupRow> file(path, group_table().columns);
  for (const RunSummary& run : runs) {
    for (std::size_t i = 0; i < run.record.groups.size(); ++i) {
      file.add({run, i, run.record.groups[i], run.group_latency[i]});
    }
  }
  file.close();
}

/// Writes no file unless requests leave networks at exits.
void write_exits(const experiment::Experiment& experiment, const std::vector<RunSummary>& runs,
                 const std::string& path) {
  if (std::all_of(runs.begin(), runs.end(),
                  [](const RunSummary& run) { return run.exits.empty(); })) {
    return;
  }
  TableWriter<ExitRow> file(path, exit_table().columns);
  for (const RunSummary& run : runs) {
    for (const ExitUsage& exit : run.exits) {
      file.add({experiment, run, exit});
    }
  }
  file.close();
}

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
  names.emplace_back(kResolvedFile);
  return names;
}

OutputDirectory results_directory(const std::filesystem::path& folder) {
  return {folder, result_files(), kResolvedFile};
}

void write_report(const experiment::Experiment& experiment, const std::vector<RunSummary>& runs,
                  const OutputDirectory& out) {
  write_summary(experiment.scenario, runs, out.file("summary.csv"));
  if (experiment.scenario.has_requests) {
    write_plans(experiment, runs, out.file("plan.csv"));
    write_figures(experiment, runs, out.file("plan_figures.csv"));
    write_classes(experiment, runs, out.file("classes.csv"));
  }
  write_tiers(experiment.scenario, runs, out.file("tiers.csv"));
  write_links(experiment.scenario, runs, out.file("links.csv"));
  write_groups(runs, out.file("groups.csv"));
  write_exits(experiment, runs, out.file("exits.csv"));
  write_energy(runs, out.file("energy.csv"));
  write_resolved(experiment.scenario, runs.front().record, out);
}

}  // namespace offcut::analysis
