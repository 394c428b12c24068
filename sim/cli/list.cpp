// `offcut list`: what scenarios can name, from the registries and the catalogue, the keys of
// scenarios, and the columns of the result files.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "models/base/readable.h"
#include "sim/cli/column_list.h"
#include "sim/cli/commands.h"
#include "sim/cli/console.h"
#include "sim/cli/device_variants.h"
#include "sim/cli/json_document.h"
#include "sim/cli/key_list.h"
#include "sim/cli/list_entries.h"
#include "sim/cli/list_json.h"
#include "sim/cli/terminal.h"
#include "sim/cli/text_table.h"

namespace offcut::cli {
namespace {

std::string parameters_text(const std::vector<ParameterSpec>& specs) {
  std::string text;
  for (const ParameterSpec& spec : specs) {
    text += fmt::format("{}{}: {}{}", text.empty() ? "" : "; ", spec.name, spec.doc,
                        spec.fallback
                            ? " (" + scenario::quantity_text(*spec.fallback, spec.dimension) + ")"
                        : spec.one_of.empty() ? ""
                                              : fmt::format(" ({})", fmt::join(spec.one_of, ", ")));
  }
  return text;
}

std::string details_of(const ListEntry& entry) {
  std::vector<std::string> details;
  if (!entry.growth.empty()) {
    details = {entry.citation, "time: " + entry.growth};
  }
  for (const std::string& detail : {entry.source, parameters_text(entry.parameters)}) {
    if (!detail.empty()) {
      details.push_back(detail);
    }
  }
  return fmt::format("{}", fmt::join(details, "; "));
}

void print_entries(const std::vector<ListEntry>& entries) {
  TextTable table({"name", "description", "details"});
  for (const ListEntry& entry : entries) {
    table.add({entry.name, entry.doc, details_of(entry)});
  }
  table.drop_empty_columns();
  say("{}", table.text());
}

std::string calibration_text(const std::optional<cost::Calibration>& calibration) {
  if (!calibration) {
    return "datasheet";
  }
  const std::string models = counted(calibration->models, "model");
  if (!calibration->median_error) {
    return models;
  }
  const std::string median = fmt::format("{}, {:.0f} %", models, 100 * *calibration->median_error);
  return calibration->worst_error
             ? fmt::format("{} to {:.0f} %", median, 100 * *calibration->worst_error)
             : median;
}

void print_devices(const scenario::Catalogue& catalogue) {
  TextTable table({"name", "runtime", "precision", "fitted to, error", ">peak", ">memory bandwidth",
                   ">memory", "description"});
  for (const auto& [name, device] : catalogue.devices) {
    for (const std::string& precision : cost::precision_names(device)) {
      for (const auto& [runtimes, variant] :
           variants_by_errors(cost::in_precision(device, precision))) {
        table.add({name, runtimes, precision, calibration_text(variant.calibration),
                   to_readable(variant.peak),
                   significant(variant.memory_bandwidth.si() / 1e9, 4) + " GB/s",
                   to_readable(variant.memory), variant.about});
      }
    }
  }
  table.set_least_important({"description", "memory bandwidth", "memory", "peak"});
  say("{}", table.text());
  say("{}", fitted("\nerror: median to worst of the networks, each predicted from a fit to the "
                   "others. Without a measurement (datasheet), the median error is about 47 %.\n"));
}

void print_links(const scenario::Catalogue& catalogue) {
  TextTable table({"name", ">up", ">down", ">latency", "description"});
  for (const auto& [name, network] : catalogue.networks) {
    table.add({name, to_readable(network.hop.up), to_readable(network.hop.down),
               to_readable(network.hop.latency), network.about});
  }
  say("{}", table.text());
}

void print_columns(const ListOptions& options) {
  const std::vector<TableText> tables = tables_of(options.file);
  say("{}", options.markdown ? columns_markdown(tables) : columns_text(tables));
}

void print_keys(const ListOptions& options, const scenario::Registries& registries) {
  const std::vector<scenario::KeyBlock> blocks = key_blocks_of(options.file, registries);
  say("{}", options.markdown ? keys_markdown(blocks) : keys_text(blocks));
}

}  // namespace

int list(const ListOptions& options, const scenario::Registries& registries) {
  const std::string kind = options.kind == "networks" ? "links" : options.kind;  // Its old name.
  if (std::find(kLists.begin(), kLists.end(), kind) == kLists.end()) {
    throw InputError({"offcut list"},
                     fmt::format("no list of {}{}", in_quotes(kind), suggestion(kind, kLists)));
  }
  if (kind != "columns" && kind != "keys" && (!options.file.empty() || options.markdown)) {
    throw InputError({"offcut list"},
                     "only 'columns' takes a file, 'keys' a path, and both --markdown");
  }
  if (is_json() && options.markdown) {
    throw InputError({"--markdown"}, "expected either this or --json");
  }
  if (is_json()) {
    add_list_json(json_content(), kind, options.file, registries);
    print_json();
  } else if (kind == "devices") {
    print_devices(scenario::read_catalogue());
  } else if (kind == "links") {
    print_links(scenario::read_catalogue());
  } else if (kind == "columns") {
    print_columns(options);
  } else if (kind == "keys") {
    print_keys(options, registries);
  } else {
    print_entries(list_entries(kind, registries));
  }
  return 0;
}

}  // namespace offcut::cli
