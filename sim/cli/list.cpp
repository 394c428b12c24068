// `offcut list`: what scenarios can name, from the registries and the catalogue, the keys of
// scenarios, and the columns of the result files.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "models/base/readable.h"
#include "sim/cli/column_list.h"
#include "sim/cli/commands.h"
#include "sim/cli/console.h"
#include "sim/cli/key_list.h"
#include "sim/cli/plot_kinds.h"
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

std::string details_of(const zoo::Network& network) { return network.source; }

std::string details_of(const partition::Algorithm& algorithm) {
  return fmt::format("{}; time: {}{}{}", algorithm.citation, algorithm.growth.text,
                     algorithm.parameters.empty() ? "" : "; ",
                     parameters_text(algorithm.parameters));
}

std::string details_of(const ops::Operator& /*op*/) { return {}; }
std::string details_of(const network::TraceFormat& /*format*/) { return {}; }

template <class Entry>
std::string details_of(const Entry& entry) {
  if constexpr (requires { entry.parameters; }) {
    return parameters_text(entry.parameters);
  } else {
    return {};
  }
}

template <class Entry>
void print_registry(const Registry<Entry>& registry) {
  TextTable table({"name", "description", "details"});
  for (const auto& [name, entry] : registry) {
    table.add({name, entry.doc, details_of(entry)});
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

/// Returns the device once for the runtimes that share its errors, with their names, and once for
/// each runtime with errors of its own.
std::vector<std::pair<std::string, cost::Device>> by_errors(const cost::Device& device) {
  std::vector<std::string> alike = cost::runtime_names(device);
  std::vector<std::pair<std::string, cost::Device>> found;
  if (device.calibration) {
    for (const auto& [runtime, errors] : device.calibration->runtimes) {
      std::erase(alike, runtime);
      found.emplace_back(runtime, cost::with_runtime(device, runtime));
    }
  }
  found.emplace(found.begin(), fmt::format("{}", fmt::join(alike, ", ")), device);
  return found;
}

void print_devices(const scenario::Catalogue& catalogue) {
  TextTable table({"name", "runtime", "precision", "fitted to, error", ">peak", ">memory bandwidth",
                   ">memory", "description"});
  for (const auto& [name, device] : catalogue.devices) {
    for (const std::string& precision : cost::precision_names(device)) {
      for (const auto& [runtimes, variant] : by_errors(cost::in_precision(device, precision))) {
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
  std::vector<TableText> tables = all_tables();
  if (!options.file.empty()) {
    std::vector<std::string> files;
    for (const TableText& table : tables) {
      files.emplace_back(table.file);
    }
    std::erase_if(tables, [&](const TableText& table) { return table.file != options.file; });
    if (tables.empty()) {
      throw InputError({"offcut list columns"},
                       fmt::format("no columns of a file {}{}", in_quotes(options.file),
                                   suggestion(options.file, files)));
    }
  }
  say("{}", options.markdown ? columns_markdown(tables) : columns_text(tables));
}

void print_keys(const ListOptions& options, const scenario::Registries& registries) {
  try {
    const std::vector<scenario::KeyBlock> blocks =
        options.file.empty() ? scenario::key_blocks(registries)
                             : scenario::key_blocks_at(options.file, registries);
    say("{}", options.markdown ? keys_markdown(blocks) : keys_text(blocks));
  } catch (const std::invalid_argument& error) {
    throw InputError({"offcut list keys"}, error.what());
  }
}

void print_plots() {
  TextTable table({"name", "description"});
  for (const PlotKind& kind : plot_kinds()) {
    table.add({kind.name, kind.doc});
  }
  say("{}", table.text());
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
  if (kind == "devices") {
    print_devices(scenario::read_catalogue());
  } else if (kind == "links") {
    print_links(scenario::read_catalogue());
  } else if (kind == "plots") {
    print_plots();
  } else if (kind == "columns") {
    print_columns(options);
  } else if (kind == "keys") {
    print_keys(options, registries);
  } else {
    registries.visit(kind, [](const auto& registry) { print_registry(registry); });
  }
  return 0;
}

}  // namespace offcut::cli
