#include <fmt/format.h>
#include <fmt/ranges.h>

#include "models/base/printable.h"
#include "models/base/readable.h"
#include "models/graph/cuts.h"
#include "sim/cli/commands.h"
#include "sim/cli/console.h"
#include "sim/cli/output_file.h"
#include "sim/cli/overwriting.h"
#include "sim/cli/terminal.h"
#include "sim/cli/text_table.h"
#include "sim/cli/work_table.h"
#include "sim/experiment/load_model.h"

namespace offcut::cli {
namespace {

constexpr std::int64_t kMostCountedCuts = 100'000;  // Graphs with many branches have far more.

std::string count_cuts(const Graph& graph) {
  std::int64_t count = 0;
  const bool all = for_each_cut(graph, [&](const Cut&) { return ++count < kMostCountedCuts; });
  return all ? fmt::format("{}", count) : fmt::format("more than {}", kMostCountedCuts);
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
  for (const auto& [name, times] : columns) {
    for (const std::int64_t batch : times.batches()) {
      Seconds total(0);
      for (const Seconds time : times.at(static_cast<double>(batch))) {
        total += time;
      }
      say("total time on {}{}: {}\n", printable_line(name),
          batch == 1 ? "" : fmt::format(", batch {}", batch), to_readable(total));
    }
  }
  say("\n");
  print_layers(graph);
  const LayerWork work = graph.total_work();
  const std::string cuts = count_cuts(graph);
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
