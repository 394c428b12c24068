// The tables that `offcut plan --out` writes beside plan.csv. Their last column names the model; it
// is written only if the scenario has several.

#include "sim/cli/plan_files.h"

#include <algorithm>
#include <array>

#include "partition/plan_file_table.h"
#include "sim/cli/plan_text.h"

namespace offcut::cli {
namespace {

constexpr std::string_view kModelDoc =
    "The model, as the scenario calls it. The column is there if the scenario has several.";

/// The answer of an algorithm for a model.
struct SolvedRow {
  const ModelPlans& model;
  const SolvedPlan& solved;

  const partition::Plan* plan() const { return std::get_if<partition::Plan>(&solved.outcome); }
};

/// Computes a value of the plan; nothing if the algorithm declined or failed.
template <class Value>
struct OfPlan {
  auto operator()(const SolvedRow& row) const {
    using Result = decltype(Value{}(row.model.problem(), *row.plan()));
    return row.plan() ? std::optional<Result>(Value{}(row.model.problem(), *row.plan()))
                      : std::nullopt;
  }
};

template <class Value>
constexpr OfPlan<Value> of_plan(Value /*value*/) {
  return {};
}

std::string outcome_text(const SolvedRow& row) {
  if (const auto* failed = std::get_if<partition::Failed>(&row.solved.outcome)) {
    return "failed: " + failed->reason;
  }
  const auto* declined = std::get_if<partition::Declined>(&row.solved.outcome);
  return declined ? "declined: " + declined->reason : "planned";
}

std::optional<Joules> energy(const partition::Problem& problem, const partition::Plan& plan) {
  const auto cost = plan.request_cost();
  return cost && unknown_power(problem, &*cost).empty() ? std::optional(cost->energy)
                                                        : std::nullopt;
}

std::optional<Bytes> first_of(const std::vector<Bytes>& bytes) {
  return bytes.empty() ? std::nullopt : std::optional(bytes.front());
}

constexpr auto kPlansColumns = std::to_array<Column<SolvedRow>>({
    {"algorithm", "", "The name of the algorithm.",
     [](const SolvedRow& row) { return row.solved.algorithm->name; }},
    {"outcome", "",
     "`planned`, or `declined: ` and the reason why the algorithm made no plan, or `failed: ` and "
     "the error in the algorithm. Without a plan, the columns that describe one are empty.",
     [](const SolvedRow& row) { return outcome_text(row); }},
    {"optimal", "", "`yes` if the algorithm proves that no plan is better, otherwise `no`.",
     of_plan([](const partition::Problem& problem, const partition::Plan& plan) {
       return partition::is_proven(problem, plan) ? "yes" : "no";
     })},
    {"latency_s", "s",
     "The predicted latency of one request in an idle system; of jobs or users with different "
     "cuts, the mean.",
     of_plan(
         [](const partition::Problem&, const partition::Plan& plan) { return plan.latency(); })},
    {"compute_s", "s",
     "The part of `latency_s` that is computing, encoding and decoding. Empty if several devices "
     "work on a request at the same time.",
     of_plan([](const partition::Problem&, const partition::Plan& plan) {
       const auto cost = plan.request_cost();
       return cost ? std::optional(cost->compute_total()) : std::nullopt;
     })},
    {"transmission_s", "s",
     "The part of `latency_s` that is transmission. Empty as `compute_s` is.",
     of_plan([](const partition::Problem&, const partition::Plan& plan) {
       const auto cost = plan.request_cost();
       return cost ? std::optional(cost->transmission_total()) : std::nullopt;
     })},
    {"bottleneck_s", "s",
     "The longest stage: the time between answers if requests follow each other closely.",
     of_plan([](const partition::Problem&, const partition::Plan& plan) {
       return plan.longest_stage();
     })},
    {"energy_j", "J",
     "The energy that the device uses for one request, with the promotion and the tail of its "
     "radio. Empty if the power draw of the device, or of a radio that the plan uses, is unknown.",
     of_plan([](const partition::Problem& problem, const partition::Plan& plan) {
       return energy(problem, plan);
     })},
    {"makespan_s", "s",
     "The time until all jobs of a batch, or all tiles of the first layers, are done. Empty unless "
     "the algorithm plans jobs or tiles.",
     of_plan([](const partition::Problem&, const partition::Plan& plan) { return plan.makespan; })},
    {"memory_bytes", "bytes", "The memory that the device's layers need. Empty if it is unknown.",
     of_plan([](const partition::Problem&, const partition::Plan& plan) {
       return first_of(plan.cost.memory);
     })},
    {"upload_bytes", "bytes", "Bytes that leave the device. Empty without a hop.",
     of_plan([](const partition::Problem& problem, const partition::Plan& plan) {
       const partition::Cost cost = plan.request_cost().value_or(plan.cost);
       return cost.up_bytes.empty() ? std::nullopt : std::optional(bytes_sent(problem, cost));
     })},
    {"solve_s", "s",
     "The CPU time that the algorithm took. Only this column differs between two calls.",
     [](const SolvedRow& row) { return row.solved.solve_s; }},
    {"cut", "", "The layers on each tier, as a short text.",
     of_plan([](const partition::Problem& problem, const partition::Plan& plan) {
       return placement(problem, plan);
     })},
    {"measure", "",
     "The figure by which the algorithm judges its plan: `latency`, `mean latency`, `longest "
     "latency`, `makespan` or `period`, as in summary.csv.",
     of_plan([](const partition::Problem&, const partition::Plan& plan) {
       return partition::name_of(plan.measure);
     })},
    {"measure_s", "s", "The figure as the plan predicts it for an idle system.",
     of_plan([](const partition::Problem&, const partition::Plan& plan) { return plan.promise; })},
    {"model", "", kModelDoc, [](const SolvedRow& row) { return row.model.model; }},
});
constexpr ColumnTable<SolvedRow> kPlansTable{
    "plans.csv",
    "A row per model and algorithm, written by `offcut plan --out DIR`. Of an algorithm that "
    "declined, only `algorithm`, `outcome`, `solve_s` and `model` are filled in.",
    kPlansColumns,
    "`sim/cli/plan_files.cpp`. Costs come from `partition/evaluation.cpp`, makespans from the "
    "algorithms in `partition/algorithms`."};

/// A range of the varied parameter in which one plan is the best.
struct StretchRow {
  const ModelPlans& model;
  const partition::Stretch& stretch;
};

constexpr auto kSensitivityColumns = std::to_array<Column<StretchRow>>({
    {"parameter", "", "The parameter that is varied, and its hop or tier.",
     [](const StretchRow& row) { return row.model.sensitivity->name; }},
    {"from", "", "The lower end of the range, in SI units.",
     [](const StretchRow& row) { return row.stretch.from; }},
    {"to", "", "The upper end of the range, in SI units.",
     [](const StretchRow& row) { return row.stretch.to; }},
    {"objective_from", "", "The best plan's objective at the lower end, in SI units.",
     [](const StretchRow& row) { return row.stretch.value_from; }},
    {"objective_to", "", "The best plan's objective at the upper end, in SI units.",
     [](const StretchRow& row) { return row.stretch.value_to; }},
    {"cut", "", "The layers on each tier under the best plan, as a short text.",
     [](const StretchRow& row) { return placement(row.model.problem(), row.stretch.tier_of); }},
    {"model", "", kModelDoc, [](const StretchRow& row) { return row.model.model; }},
});
constexpr ColumnTable<StretchRow> kSensitivityTable{
    "sensitivity.csv",
    "A row per model and range of the parameter in which one plan is the best, written by `offcut "
    "plan --sensitivity --out DIR`.",
    kSensitivityColumns,
    "`sim/cli/plan_files.cpp`. The ranges are found in `partition/studies/sensitivity.cpp`."};

/// A plan of a front.
struct FrontRow {
  const ModelPlans& model;
  const partition::FrontPoint& point;

  /// REQUIRES: the study has this axis.
  double value(const ParetoAxis& axis) const {
    const std::vector<const ParetoAxis*>& axes = model.pareto->axes;
    const auto it = std::find(axes.begin(), axes.end(), &axis);
    return point.values[static_cast<std::size_t>(it - axes.begin())];
  }
};

template <std::size_t kAxis>
struct ValueOnAxis {
  double operator()(const FrontRow& row) const { return row.value(kParetoAxes[kAxis]); }
};

/// A column for each of kParetoAxes, then those of any front.
template <std::size_t... kAxis>
constexpr auto pareto_columns(std::index_sequence<kAxis...> /*axes*/) {
  return std::to_array<Column<FrontRow>>({
      {kParetoAxes[kAxis].column.name, kParetoAxes[kAxis].column.unit,
       kParetoAxes[kAxis].column.doc, ValueOnAxis<kAxis>{}}...,
      {"cut", "", "The layers on each tier and the codecs between, as a short text.",
       [](const FrontRow& row) {
         return placement(row.model.problem(), row.point.tier_of, row.point.codecs);
       }},
      {"precisions", "", "The precisions of tiers, where they were to be chosen.",
       [](const FrontRow& row) { return row.point.variant; }},
      {"model", "", kModelDoc, [](const FrontRow& row) { return row.model.model; }},
  });
}

constexpr auto kParetoColumns = pareto_columns(std::make_index_sequence<kParetoAxes.size()>{});
constexpr ColumnTable<FrontRow> kParetoTable{
    "pareto.csv",
    "A row per model and plan of its Pareto front, written by `offcut plan --pareto --out DIR`. It "
    "has the objectives that the option names, in their order.",
    kParetoColumns,
    "`sim/cli/plan_files.cpp` and `sim/cli/pareto_axes.h`. The front is found in "
    "`partition/studies/pareto.cpp`."};

/// Drops the last column, `model`, if there is only one model.
template <class Row>
std::vector<Column<Row>> columns_for(const std::vector<ModelPlans>& models,
                                     std::span<const Column<Row>> columns) {
  std::vector<Column<Row>> chosen(columns.begin(), columns.end());
  if (models.front().model.empty()) {
    chosen.pop_back();
  }
  return chosen;
}

}  // namespace

void write_plans(const std::vector<ModelPlans>& models, const TableTarget& target) {
  TargetWriter<SolvedRow> file(target, columns_for(models, kPlansTable.columns));
  for (const ModelPlans& model : models) {
    for (const SolvedPlan& solved : model.plans) {
      file.add({model, solved});
    }
  }
  file.close();
}

void write_sensitivity(const std::vector<ModelPlans>& models, const TableTarget& target) {
  TargetWriter<StretchRow> file(target, columns_for(models, kSensitivityTable.columns));
  for (const ModelPlans& model : models) {
    for (const partition::Stretch& stretch : model.stretches) {
      file.add({model, stretch});
    }
  }
  file.close();
}

void write_pareto(const std::vector<ModelPlans>& models, const TableTarget& target) {
  std::vector<std::string> names;
  for (const ParetoAxis* axis : models.front().pareto->axes) {
    names.emplace_back(axis->column.name);
  }
  names.emplace_back("cut");
  const auto& points = models.front().front.points;
  if (!points.empty() && !points.front().variant.empty()) {
    names.emplace_back("precisions");
  }
  names.emplace_back("model");
  const std::vector<Column<FrontRow>> columns = kParetoTable.chosen(names);
  TargetWriter<FrontRow> file(target, columns_for(models, std::span(columns)));
  for (const ModelPlans& model : models) {
    for (const partition::FrontPoint& point : model.front.points) {
      file.add({model, point});
    }
  }
  file.close();
}

void write_plan_tables(const std::vector<ModelPlans>& models,
                       const std::vector<partition::Plan>& chosen,
                       const std::function<void(const std::string&, const WriteTable&)>& use) {
  if (models.empty()) {
    return;
  }
  use("plans.csv", [&](const TableTarget& target) { write_plans(models, target); });
  std::vector<partition::NamedPlan> plans;
  const auto add = [&](const ModelPlans& model, const std::string& algorithm,
                       const partition::Plan& plan) {
    plans.push_back({algorithm, model.prepared->name, &model.prepared->graph, &model.problem(),
                     &plan, model.prepared->group_name});
  };
  for (const ModelPlans& model : models) {
    for (const SolvedPlan& solved : model.plans) {
      if (const auto* plan = std::get_if<partition::Plan>(&solved.outcome)) {
        add(model, solved.algorithm->name, *plan);
      }
    }
  }
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    add(models[i], chosen[i].algorithm, chosen[i]);
  }
  use("plan.csv", [&](const TableTarget& target) { partition::write_plan_table(plans, target); });
  if (models.front().sensitivity) {
    use("sensitivity.csv", [&](const TableTarget& target) { write_sensitivity(models, target); });
  }
  if (models.front().pareto) {
    use("pareto.csv", [&](const TableTarget& target) { write_pareto(models, target); });
  }
}

std::vector<TableText> plan_table_texts() {
  return {text_of_table(kPlansTable), text_of_table(kSensitivityTable),
          text_of_table(kParetoTable)};
}

}  // namespace offcut::cli
