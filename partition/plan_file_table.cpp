// Writes plan.csv: defines the columns, and makes rows of a plan's layers and of the inputs that
// cross encoded.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>

#include "partition/plan_file_table.h"

namespace offcut::partition {
namespace {

/// A layer under a plan, or an input that crosses encoded.
struct PlanRow {
  const NamedPlan& plan;
  std::string_view name;
  std::string_view op;
  std::size_t tier = 0;
  std::size_t farthest = 0;  // The last tier that reads a tensor.
  double crossing_bytes = 0;
  std::string codecs;
  std::optional<LayerId> layer;  // None: an input.

  const std::string& tier_name(std::size_t index) const { return plan.problem->tiers[index]; }
  std::optional<double> work(double LayerWork::*part) const {
    return layer ? std::optional(plan.graph->layer(*layer).work.*part) : std::nullopt;
  }
  std::optional<Seconds> compute() const {
    return layer ? std::optional(plan.problem->seconds[tier][*layer]) : std::nullopt;
  }
  std::optional<std::string_view> crosses_to() const {
    return farthest > tier || !layer ? std::optional<std::string_view>(tier_name(farthest))
                                     : std::nullopt;
  }
};

constexpr auto kPlanColumns = std::to_array<Column<PlanRow>>({
    {"algorithm", "", "The algorithm that made the plan, as in summary.csv.",
     [](const PlanRow& row) { return std::string_view(row.plan.algorithm); }},
    {"position", "", "The layer's number in the network, from 0. Empty for an input.",
     [](const PlanRow& row) { return row.layer; }},
    {"layer", "", "The layer's name, or that of an input.",
     [](const PlanRow& row) { return row.name; }},
    {"operator", "", "ONNX's name of the layer's operator, or `input`.",
     [](const PlanRow& row) { return row.op; }},
    {"tier", "", "The tier that the layer runs on. An input starts on the device.",
     [](const PlanRow& row) { return std::string_view(row.tier_name(row.tier)); }},
    {"compute_s", "s", "The layer's computing time on its tier. Empty for an input.",
     [](const PlanRow& row) { return row.compute(); }},
    {"macs", "", "Multiply-accumulate operations of the layer. Empty for an input.",
     [](const PlanRow& row) { return row.work(&LayerWork::macs); }},
    {"parameter_bytes", "bytes",
     "The size of the parameters that the layer reads. Empty for an input.",
     [](const PlanRow& row) { return row.work(&LayerWork::parameter_bytes); }},
    {"activation_bytes", "bytes",
     "The size of the tensors that the layer reads and writes, without parameters. Empty for an "
     "input.",
     [](const PlanRow& row) { return row.work(&LayerWork::activation_bytes); }},
    {"crossing_bytes", "bytes",
     "The encoded size of the layer's outputs that a later tier reads, each counted once. 0 if "
     "none crosses.",
     [](const PlanRow& row) { return row.crossing_bytes; }},
    {"crosses_to", "", "The last tier that reads an output. Empty if none crosses.",
     [](const PlanRow& row) { return row.crosses_to(); }},
    {"codec", "", "The codecs of the outputs that cross. Empty if they cross unencoded.",
     [](const PlanRow& row) { return std::string_view(row.codecs); }},
    {"model", "",
     "The model's name in the scenario if it has `models`, otherwise the network's name.",
     [](const PlanRow& row) { return std::string_view(row.plan.model); }},
});

/// Only in files of plans for several groups of devices.
constexpr auto kGroupColumns = std::to_array<Column<PlanRow>>({
    {"group", "",
     "The group of devices that the plan is for. The column is there if the scenario has several.",
     [](const PlanRow& row) { return std::string_view(row.plan.group); }},
});

constexpr ColumnTable<PlanRow> kPlanTable{
    "plan.csv",
    "A row per plan, model and layer. An input that crosses encoded has a row before the layers. "
    "`offcut run` writes the plans that it ran, `offcut plan --out DIR` those of all algorithms. "
    "Figures of a plan that belong to no layer are in plan_figures.csv.",
    kPlanColumns,
    "`partition/plan_file_table.cpp`. Times on tiers come from `sim/experiment/tier_times.cpp`, "
    "sizes from `models/graph/graph.h` and the codecs."};

/// Returns the bytes of each tensor where it crosses, by name.
std::map<std::string, double> planned_bytes(const Problem& problem, const Plan& plan) {
  std::map<std::string, double> bytes;
  for (const CrossingTensor& tensor : with_codecs(problem, plan.codecs).tensors) {
    bytes[tensor.name] = tensor.outward_bytes().si();
  }
  return bytes;
}

/// Returns the farthest tier that reads the tensor, or `from` if no later one does.
std::size_t farthest_reader(const NamedPlan& plan, TensorId tensor, std::size_t from) {
  for (const LayerId reader : plan.graph->tensor(tensor).consumers) {
    from = std::max(from, plan.plan->tier_of[reader]);
  }
  return from;
}

/// Adds rows for the graph's inputs that cross encoded, which no layer's row can describe.
void add_inputs(TargetWriter<PlanRow>& file, const NamedPlan& plan,
                const std::map<std::string, double>& bytes) {
  for (const TensorId input : plan.graph->inputs()) {
    const std::string& name = plan.graph->tensor(input).name;
    const auto codec = plan.plan->codecs.find(name);
    if (codec != plan.plan->codecs.end()) {
      file.add({.plan = plan,
                .name = name,
                .op = "input",
                .farthest = farthest_reader(plan, input, 0),
                .crossing_bytes = bytes.at(name),
                .codecs = codec->second});
    }
  }
}

void add_layer(TargetWriter<PlanRow>& file, const NamedPlan& plan, LayerId id,
               const std::map<std::string, double>& bytes) {
  const Layer& layer = plan.graph->layer(id);
  const std::size_t tier = plan.plan->tier_of[id];
  PlanRow row{.plan = plan,
              .name = layer.name,
              .op = layer.op_name,
              .tier = tier,
              .farthest = tier,
              .layer = id};
  std::set<std::string> codecs;
  for (const TensorId output : layer.outputs) {
    const std::size_t to = farthest_reader(plan, output, tier);
    row.farthest = std::max(row.farthest, to);
    const std::string& name = plan.graph->tensor(output).name;
    row.crossing_bytes += to > tier ? bytes.at(name) : 0;
    if (const auto codec = plan.plan->codecs.find(name); codec != plan.plan->codecs.end()) {
      codecs.insert(codec->second);
    }
  }
  row.codecs = fmt::format("{}", fmt::join(codecs, " "));
  file.add(row);
}

}  // namespace

void write_plan_table(const std::vector<NamedPlan>& plans, const TableTarget& target) {
  std::vector<Column<PlanRow>> columns(kPlanTable.columns.begin(), kPlanTable.columns.end());
  if (std::any_of(plans.begin(), plans.end(),
                  [](const NamedPlan& plan) { return !plan.group.empty(); })) {
    columns.insert(columns.end(), kGroupColumns.begin(), kGroupColumns.end());
  }
  TargetWriter<PlanRow> file(target, columns);
  for (const NamedPlan& plan : plans) {
    const std::map<std::string, double> bytes = planned_bytes(*plan.problem, *plan.plan);
    add_inputs(file, plan, bytes);
    for (LayerId id = 0; id < plan.problem->layer_count(); ++id) {
      add_layer(file, plan, id, bytes);
    }
  }
  file.close();
}

void write_plan_file(const std::vector<NamedPlan>& plans, const std::string& path) {
  write_plan_table(plans, path);
}

TableText plan_file_table_text() {
  TableText text = text_of_table(kPlanTable);
  text.columns.insert(text.columns.end(), kGroupColumns.begin(), kGroupColumns.end());
  return text;
}

}  // namespace offcut::partition
