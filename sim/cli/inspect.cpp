#include <fmt/format.h>
#include <fmt/ranges.h>

#include <optional>

#include "models/base/printable.h"
#include "models/base/readable.h"
#include "models/graph/cuts.h"
#include "sim/cli/commands.h"
#include "sim/cli/console.h"
#include "sim/cli/json_document.h"
#include "sim/cli/output_file.h"
#include "sim/cli/overwriting.h"
#include "sim/cli/terminal.h"
#include "sim/cli/text_table.h"
#include "sim/cli/work_table.h"
#include "sim/experiment/load_model.h"

namespace offcut::cli {
namespace {

constexpr std::int64_t kMostCountedCuts = 100'000;  // Graphs with many branches have far more.

/// Returns the number of legal cuts; nothing if there are more than kMostCountedCuts.
std::optional<std::int64_t> count_cuts(const Graph& graph) {
  std::int64_t count = 0;
  const bool all = for_each_cut(graph, [&](const Cut&) { return ++count < kMostCountedCuts; });
  return all ? std::optional(count) : std::nullopt;
}

/// The sum of all layers' times on a device, for a batch.
struct DeviceTime {
  std::string device;
  std::int64_t batch;
  Seconds total;
};

std::vector<DeviceTime> total_times(const experiment::LayerColumns& columns) {
  std::vector<DeviceTime> totals;
  for (const auto& [name, times] : columns) {
    for (const std::int64_t batch : times.batches()) {
      Seconds total(0);
      for (const Seconds time : times.at(static_cast<double>(batch))) {
        total += time;
      }
      totals.push_back({name, batch, total});
    }
  }
  return totals;
}

Json tensor_json(const Graph& graph, TensorId id) {
  const TensorNode& tensor = graph.tensor(id);
  return {{"name", tensor.name},
          {"type", to_text(tensor.type.type)},
          {"shape", tensor.type.shape},
          {"bytes", graph.wire_bytes(id)}};
}

Json tensors_json(const Graph& graph, const std::vector<TensorId>& ids) {
  Json tensors = Json::array();
  for (const TensorId id : ids) {
    tensors.push_back(tensor_json(graph, id));
  }
  return tensors;
}

/// Returns the rows of work.csv, each with the layer's outputs and whether it is a cut vertex.
Json layers_json(const Graph& graph) {
  KeptTable work;
  write_work(graph, work);
  Json layers = to_json(work);
  for (LayerId id = 0; id < graph.layer_count(); ++id) {
    layers[id]["outputs"] = tensors_json(graph, graph.layer(id).outputs);
    layers[id]["is_cut_vertex"] = false;
  }
  for (const LayerId id : cut_vertices(graph)) {
    layers[id]["is_cut_vertex"] = true;
  }
  return layers;
}

void print_document(const ModelArgument& model, const Graph& graph,
                    const experiment::LayerColumns& columns) {
  Json& document = json_content();
  document["model"] = model.model;
  document["network"] = graph.name();
  document["inputs"] = Json::array();
  for (const TensorId input : graph.inputs()) {
    Json tensor = tensor_json(graph, input);
    tensor["type_on_wire"] = to_text(graph.wire_type(input));
    document["inputs"].push_back(tensor);
  }
  document["outputs"] = tensors_json(graph, graph.outputs());
  document["times"] = Json::array();
  for (const auto& [device, batch, total] : total_times(columns)) {
    document["times"].push_back({{"device", device}, {"batch", batch}, {"total_s", total.si()}});
  }
  const LayerWork work = graph.total_work();
  document["total"] = {{"macs", work.macs},
                       {"parameters", work.parameters},
                       {"parameter_bytes", work.parameter_bytes}};
  document["cut_vertices"] = cut_vertices(graph).size();
  document["legal_cuts"] = or_null(count_cuts(graph));
  document["layers"] = layers_json(graph);
  print_json();
}

void print_layers(const Graph& graph) {
  TextTable table(
      {">#", "layer", "operator", "output", ">M MACs", ">weights", ">output size", "cut after"});
  table.set_least_important({"output", "weights", "operator", "cut after"});
  std::vector<bool> is_vertex(graph.layer_count(), false);
  for (const LayerId id : cut_vertices(graph)) {
    is_vertex[id] = true;
  }
  for (LayerId id = 0; id < graph.layer_count(); ++id) {
    const Layer& layer = graph.layer(id);
    std::vector<std::string> types;
    double bytes = 0;
    for (const TensorId output : layer.outputs) {
      types.push_back(to_text(graph.tensor(output).type));
      bytes += graph.wire_bytes(output);
    }
    table.add({fmt::format("{}", id), layer.name, layer.op_name,
               fmt::format("{}", fmt::join(types, ", ")), significant(layer.work.macs / 1e6, 4),
               to_readable(Bytes(layer.work.parameter_bytes)), to_readable(Bytes(bytes)),
               is_vertex[id] ? "yes" : ""});
  }
  say("{}", table.text());
}

}  // namespace

int inspect(const ModelArgument& model, const std::string& out,
            const scenario::Registries& registries) {
  refuse_overwriting("--out", {out}, {model.model});
  experiment::LayerColumns columns;
  const Graph graph = experiment::load_model(choice_of(model, registries), registries, 1, columns);
  if (!out.empty()) {
    write_beside(out, [&](const std::string& path) { write_work(graph, path); });
  }
  if (is_json()) {
    print_document(model, graph, columns);
    return 0;
  }
  say("{}\n", printable_line(graph.name()));
  for (const TensorId input : graph.inputs()) {
    say("input {}: {}, {} as {}\n", printable_line(graph.tensor(input).name),
        to_text(graph.tensor(input).type), to_readable(Bytes(graph.wire_bytes(input))),
        to_text(graph.wire_type(input)));
  }
  for (const TensorId output : graph.outputs()) {
    say("output {}: {}\n", printable_line(graph.tensor(output).name),
        to_text(graph.tensor(output).type));
  }
  for (const auto& [device, batch, total] : total_times(columns)) {
    say("total time on {}{}: {}\n", printable_line(device),
        batch == 1 ? "" : fmt::format(", batch {}", batch), to_readable(total));
  }
  say("\n");
  print_layers(graph);
  const LayerWork work = graph.total_work();
  const std::optional<std::int64_t> count = count_cuts(graph);
  const std::string cuts =
      count ? fmt::format("{}", *count) : fmt::format("more than {}", kMostCountedCuts);
  const std::string summary =
      fmt::format("\n{}, {} M MACs, {} M parameters ({}); {}, {} legal cut{}\n",
                  counted(graph.layer_count(), "layer"), significant(work.macs / 1e6, 6),
                  significant(work.parameters / 1e6, 6), to_readable(Bytes(work.parameter_bytes)),
                  counted(cut_vertices(graph).size(), "cut vertex", "cut vertices"), cuts,
                  cuts == "1" ? "" : "s");
  say("{}", fitted(summary));
  return 0;
}

}  // namespace offcut::cli
