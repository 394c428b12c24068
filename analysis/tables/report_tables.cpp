// Feeds the tables of a run with rows, except for the logs that grow while it runs. The columns and
// their meanings are in the other files of this folder.

#include "analysis/tables/report_tables.h"

#include <algorithm>
#include <memory>

#include "analysis/tables/class_table.h"
#include "analysis/tables/energy_table.h"
#include "analysis/tables/exit_table.h"
#include "analysis/tables/figure_table.h"
#include "analysis/tables/group_table.h"
#include "analysis/tables/link_table.h"
#include "analysis/tables/summary_table.h"
#include "analysis/tables/tier_table.h"
#include "partition/plan_file_table.h"

namespace offcut::analysis {
namespace {

void write_summary(const scenario::Scenario& scenario, const std::vector<RunSummary>& runs,
                   const TableTargets& targets) {
  TargetWriter<SummaryRow> file(targets("summary.csv"), summary_table().columns);
  for (const RunSummary& run : runs) {
    file.add({scenario, run});
  }
  file.close();
}

void write_plans(const experiment::Experiment& experiment, const std::vector<RunSummary>& runs,
                 const TableTargets& targets) {
  std::vector<partition::NamedPlan> plans;
  for (const RunSummary& run : runs) {
    for (std::size_t i = 0; i < run.plans.size(); ++i) {
      const experiment::PreparedModel& model = experiment.models[i];
      plans.push_back({run.algorithm, model.name, &model.graph, &model.problem, &run.plans[i],
                       model.group_name});
    }
  }
  partition::write_plan_table(plans, targets("plan.csv"));
}

/// Writes no file unless a plan has figures.
void write_figures(const experiment::Experiment& experiment, const std::vector<RunSummary>& runs,
                   const TableTargets& targets) {
  std::unique_ptr<TargetWriter<FigureRow>> file;
  for (const RunSummary& run : runs) {
    for (std::size_t i = 0; i < run.plans.size(); ++i) {
      for (const partition::PlanFigure& figure : run.plans[i].figures) {
        if (!file) {
          file = std::make_unique<TargetWriter<FigureRow>>(targets("plan_figures.csv"),
                                                          figure_table().columns);
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
                 const TableTargets& targets) {
  const auto all = tier_table().columns;
  std::vector<Column<TierRow>> columns(all.begin(), all.end());
  if (scenario.training) {
    const auto of_tasks = tier_columns_of_tasks();
    columns.insert(columns.end(), of_tasks.begin(), of_tasks.end());
  }
  TargetWriter<TierRow> file(targets("tiers.csv"), columns);
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

void write_energy(const std::vector<RunSummary>& runs, const TableTargets& targets) {
  TargetWriter<EnergyRow> file(targets("energy.csv"), energy_table().columns);
  for (const RunSummary& run : runs) {
    for (const engine::EnergyState& state : run.record.energy) {
      file.add({run, state});
    }
  }
  file.close();
}

void write_links(const scenario::Scenario& scenario, const std::vector<RunSummary>& runs,
                 const TableTargets& targets) {
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
  TargetWriter<LinkRow> file(targets("links.csv"), columns);
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
                   const TableTargets& targets) {
  TargetWriter<ClassRow> file(targets("classes.csv"), class_table().columns);
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
void write_groups(const std::vector<RunSummary>& runs, const TableTargets& targets) {
  if (std::none_of(runs.begin(), runs.end(),
                   [](const RunSummary& run) { return !run.record.groups.empty(); })) {
    return;
  }
  TargetWriter<GroupRow> file(targets("groups.csv"), group_table().columns);
  for (const RunSummary& run : runs) {
    for (std::size_t i = 0; i < run.record.groups.size(); ++i) {
      file.add({run, i, run.record.groups[i], run.group_latency[i]});
    }
  }
  file.close();
}

/// Writes no file unless requests leave networks at exits.
void write_exits(const experiment::Experiment& experiment, const std::vector<RunSummary>& runs,
                 const TableTargets& targets) {
  if (std::all_of(runs.begin(), runs.end(),
                  [](const RunSummary& run) { return run.exits.empty(); })) {
    return;
  }
  TargetWriter<ExitRow> file(targets("exits.csv"), exit_table().columns);
  for (const RunSummary& run : runs) {
    for (const ExitUsage& exit : run.exits) {
      file.add({experiment, run, exit});
    }
  }
  file.close();
}

}  // namespace

void write_report_tables(const experiment::Experiment& experiment,
                         const std::vector<RunSummary>& runs, const TableTargets& targets) {
  write_summary(experiment.scenario, runs, targets);
  if (experiment.scenario.has_requests) {
    write_plans(experiment, runs, targets);
    write_figures(experiment, runs, targets);
    write_classes(experiment, runs, targets);
  }
  write_tiers(experiment.scenario, runs, targets);
  write_links(experiment.scenario, runs, targets);
  write_groups(runs, targets);
  write_exits(experiment, runs, targets);
  write_energy(runs, targets);
}

std::list<NamedTable> report_tables(const experiment::Experiment& experiment,
                                    const std::vector<RunSummary>& runs) {
  std::list<NamedTable> tables;
  write_report_tables(experiment, runs, [&](const std::string& name) {
    return TableTarget(tables.emplace_back(NamedTable{name, {}}).table);
  });
  return tables;
}

}  // namespace offcut::analysis
