#include "sim/cli/plan_files.h"

#include <algorithm>
#include <optional>

#include "analysis/csv_writer.h"
#include "sim/cli/plan_text.h"

namespace offcut::cli {
namespace {

/// What algorithms for batches and pipelines say beside their layers' tiers; none where they don't.
std::optional<double> figure(const Plan& plan, const std::string& title) {
  const auto it = std::find_if(plan.figures.begin(), plan.figures.end(),
                               [&](const PlanFigure& figure) { return figure.title() == title; });
  return it == plan.figures.end() ? std::nullopt : std::optional(std::get<double>(it->value));
}

void write_plan(CsvWriter& row, const Problem& problem, const Plan& plan) {
  const Cost& cost = plan.cost;
  row.text(is_proven(problem, plan) ? "yes" : "no").number(cost.latency());
  row.number(cost.compute_total()).number(cost.transmission_total()).number(cost.bottleneck);
  problem.power.busy > Watts(0) ? row.number(cost.energy.si()) : row.empty();
  row.optional(figure(plan, "makespan_s"));
  cost.memory.empty() ? row.empty() : row.number(cost.memory.front());
  cost.up_bytes.empty() ? row.empty() : row.number(cost.up_bytes.front());
}

std::vector<std::string> header_for(const std::vector<ModelPlans>& models,
                                    std::vector<std::string> columns) {
  if (!models.front().model.empty()) {
    columns.emplace_back("model");
  }
  return columns;
}

void end_row(CsvWriter& row, const ModelPlans& model) {
  if (!model.model.empty()) {
    row.text(model.model);
  }
  row.end_row();
}

void write_plans_of(const ModelPlans& model, CsvWriter& file) {
  for (const SolvedPlan& solved : model.plans) {
    file.text(solved.algorithm->name);
    if (const auto* declined = std::get_if<Declined>(&solved.outcome)) {
      file.text("declined: " + declined->reason);
      for (int i = 0; i < 9; ++i) {
        file.empty();
      }
      end_row(file.number(solved.solve_s).empty(), model);
      continue;
    }
    const Plan& plan = std::get<Plan>(solved.outcome);
    write_plan(file.text("planned"), model.problem(), plan);
    end_row(file.number(solved.solve_s).text(placement(model.problem(), plan)), model);
  }
}

}  // namespace

void write_plans(const std::vector<ModelPlans>& models, const std::string& path) {
  CsvWriter file(path,
                 header_for(models, {"algorithm", "outcome", "optimal", "latency_s", "compute_s",
                                     "transmission_s", "bottleneck_s", "energy_j", "makespan_s",
                                     "memory_bytes", "upload_bytes", "solve_s", "cut"}));
  for (const ModelPlans& model : models) {
    write_plans_of(model, file);
  }
  file.close();
}

void write_sensitivity(const std::vector<ModelPlans>& models, const std::string& path) {
  CsvWriter file(path, header_for(models, {"parameter", "from", "to", "objective_from",
                                           "objective_to", "cut"}));
  for (const ModelPlans& model : models) {
    for (const Stretch& stretch : model.stretches) {
      file.text(model.sensitivity->name).number(stretch.from).number(stretch.to);
      file.number(stretch.value_from).number(stretch.value_to);
      end_row(file.text(placement(model.problem(), stretch.tier_of)), model);
    }
  }
  file.close();
}

void write_pareto(const std::vector<ModelPlans>& models, const std::string& path) {
  std::vector<std::string> columns;
  for (const std::string& name : models.front().pareto->names) {
    columns.push_back(column_of(name));
  }
  columns.emplace_back("cut");
  CsvWriter file(path, header_for(models, std::move(columns)));
  for (const ModelPlans& model : models) {
    for (const FrontPoint& point : model.front.points) {
      for (const double value : point.values) {
        file.number(value);
      }
      end_row(file.text(placement(model.problem(), point.tier_of, point.codecs)), model);
    }
  }
  file.close();
}

}  // namespace offcut::cli
