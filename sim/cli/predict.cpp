// `offcut predict`: the latency of whole models on devices of the catalogue, for batches of several
// sizes, in each of the device's precisions and with each of its runtimes, or the given ones.

#include <fmt/format.h>

#include <charconv>
#include <numeric>

#include "models/base/column_table.h"
#include "models/base/comma_list.h"
#include "models/base/printable.h"
#include "models/base/readable.h"
#include "models/cost/roofline.h"
#include "sim/cli/commands.h"
#include "sim/cli/console.h"
#include "sim/cli/latency_table.h"
#include "sim/cli/output_file.h"
#include "sim/cli/overwriting.h"
#include "sim/cli/text_table.h"
#include "sim/cli/work_table.h"
#include "sim/experiment/load_model.h"
#include "sim/scenario/catalogue.h"

namespace offcut::cli {
namespace {

constexpr int kMostPredictedBatch = 4096;

std::vector<int> batches_of(const std::string& text, std::vector<Diagnostic>& diagnostics) {
  std::vector<int> sizes;
  for (const std::string& part : comma_list(text)) {
    int size = 0;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), size);
    if (error != std::errc() || end != part.data() + part.size() || size < 1 ||
        size > kMostPredictedBatch) {
      diagnostics.push_back(
          {Place{"--batch"},
           fmt::format("expected whole numbers from 1 to {}, separated by commas, got {}",
                       kMostPredictedBatch, in_quotes(part))});
    }
    sizes.push_back(size);
  }
  return sizes;
}

/// Returns the given names, or all that there are. An unknown name is an error.
std::vector<std::string> chosen_of(const std::string& option, const std::string& given,
                                   const std::vector<std::string>& known,
                                   std::vector<Diagnostic>& diagnostics) {
  if (given.empty()) {
    return known.empty() ? std::vector<std::string>{""} : known;
  }
  std::vector<std::string> chosen = comma_list(given);
  for (const std::string& name : chosen) {
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      diagnostics.push_back({Place{option}, fmt::format("unknown name {}{}", in_quotes(name),
                                                        suggestion(name, known))});
    }
  }
  return chosen;
}

/// Returns the device in each chosen precision, with each chosen runtime.
std::vector<cost::Device> variants_of(const PredictOptions& options,
                                      std::vector<Diagnostic>& diagnostics) {
  const scenario::Catalogue catalogue = scenario::read_catalogue();
  const auto found = catalogue.devices.find(options.device);
  if (found == catalogue.devices.end()) {
    diagnostics.push_back(
        {Place{"--on"}, fmt::format("unknown device {}{}", in_quotes(options.device),
                                    suggestion(options.device, catalogue.device_names()))});
    return {};
  }
  const cost::Device& base = found->second;
  const std::vector<std::string> precisions =
      chosen_of("--precision", options.precision, cost::precision_names(base), diagnostics);
  const std::vector<std::string> runtimes =
      chosen_of("--runtime", options.runtime, cost::runtime_names(base), diagnostics);
  std::vector<cost::Device> variants;
  for (const std::string& precision : precisions) {
    for (const std::string& runtime : runtimes) {
      if (diagnostics.empty()) {
        variants.push_back(cost::with_runtime(cost::in_precision(base, precision), runtime));
      }
    }
  }
  return variants;
}

}  // namespace

int predict(const PredictOptions& options, const scenario::Registries& registries) {
  std::vector<Diagnostic> diagnostics;
  const std::vector<int> batches = batches_of(options.batch, diagnostics);
  const std::vector<cost::Device> variants = variants_of(options, diagnostics);
  if (!diagnostics.empty()) {
    throw InputError(std::move(diagnostics));
  }
  refuse_overwriting("--out", {options.out, options.layers}, options.models);
  std::vector<LatencyRow> rows;
  for (const std::string& model : options.models) {
    experiment::LayerColumns columns;
    const Graph graph = experiment::load_model(choice_of({model, options.bind}, registries),
                                               registries, 1, columns);
    if (!columns.empty()) {
      throw InputError({model}, "a layer table has its own times: expected a network");
    }
    for (const cost::Device& device : variants) {
      for (const int batch : batches) {
        const std::vector<Seconds> times = cost::layer_times(device, graph, batch);
        rows.push_back({graph.name(), device.name, device.precision, device.runtime.name, batch,
                        std::accumulate(times.begin(), times.end(), Seconds(0))});
      }
    }
    if (!options.layers.empty()) {
      write_beside(options.layers, [&](const std::string& path) {
        write_work(graph, path, variants.front().runtime);
      });
    }
  }
  TextTable table({"model", "precision", "runtime", ">batch", ">latency", ">per second"});
  for (const LatencyRow& row : rows) {
    table.add({printable_line(row.model), row.precision, row.runtime, fmt::format("{}", row.batch),
               to_readable(row.latency), significant(row.batch / row.latency.si(), 4)});
  }
  table.drop_empty_columns();
  say("{}", table.text());
  if (!options.out.empty()) {
    write_beside(options.out, [&](const std::string& path) { write_latencies(rows, path); });
  }
  return 0;
}

}  // namespace offcut::cli
