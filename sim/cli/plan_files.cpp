#include "sim/cli/plan_files.h"

#include <algorithm>

#include "analysis/csv_writer.h"
#include "sim/cli/plan_text.h"

namespace offcut::cli {
namespace {

/// What algorithms for batches and pipelines say beside their layers' tiers; empty where they
/// don't.
std::string figure(const Plan& plan, const std::string& what) {
  const auto it = std::find_if(plan.figures.begin(), plan.figures.end(),
                               [&](const PlanFigure& figure) { return figure.what == what; });
  return it == plan.figures.end() ? "" : it->value;
}

void write_plan(CsvWriter& row, const Problem& problem, const Plan& plan) {
  const Cost& cost = plan.cost;
  row.text(is_proven(problem, plan) ? "yes" : "no").number(cost.latency());
  row.number(cost.compute_total()).number(cost.transmission_total()).number(cost.bottleneck);
  problem.power.busy > Watts(0) ? row.number(cost.energy.si()) : row.empty();
  const std::string makespan = figure(plan, "makespan_s");
  makespan.empty() ? row.empty() : row.text(makespan);
  cost.memory.empty() ? row.empty() : row.number(cost.memory.front());
  cost.up_bytes.empty() ? row.empty() : row.number(cost.up_bytes.front());
}

}  // namespace

void write_plans(const Problem& problem, const std::vector<SolvedPlan>& plans,
                 const std::string& path) {
  CsvWriter file(path, {"algorithm", "outcome", "optimal", "latency_s", "compute_s",
                        "transmission_s", "bottleneck_s", "energy_j", "makespan_s", "memory_bytes",
                        "upload_bytes", "solve_s", "cut"});
  for (const SolvedPlan& solved : plans) {
    file.text(solved.algorithm->name);
    if (const auto* declined = std::get_if<Declined>(&solved.outcome)) {
      file.text("declined: " + declined->reason);
      for (int i = 0; i < 9; ++i) {
        file.empty();
      }
      file.number(solved.solve_s).empty().end_row();
      continue;
    }
    const Plan& plan = std::get<Plan>(solved.outcome);
    write_plan(file.text("planned"), problem, plan);
    file.number(solved.solve_s).text(placement(problem, plan)).end_row();
  }
  file.close();
}

void write_sensitivity(const Problem& problem, const SensitivityStudy& study,
                       const std::vector<Stretch>& stretches, const std::string& path) {
  CsvWriter file(path, {"parameter", "from", "to", "objective_from", "objective_to", "cut"});
  for (const Stretch& stretch : stretches) {
    file.text(study.name).number(stretch.from).number(stretch.to);
    file.number(stretch.value_from).number(stretch.value_to);
    file.text(placement(problem, stretch.tier_of)).end_row();
  }
  file.close();
}

void write_pareto(const Problem& problem, const ParetoStudy& study, const Front& front,
                  const std::string& path) {
  std::vector<std::string> header;
  for (const std::string& name : study.names) {
    header.push_back(column_of(name));
  }
  header.emplace_back("cut");
  CsvWriter file(path, header);
  for (const FrontPoint& point : front.points) {
    for (const double value : point.values) {
      file.number(value);
    }
    file.text(placement(problem, point.tier_of, point.codecs)).end_row();
  }
  file.close();
}

}  // namespace offcut::cli
