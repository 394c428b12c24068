#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "sim/cli/column_list.h"
#include "sim/cli/commands.h"
#include "sim/cli/key_list.h"
#include "sim/cli/text_table.h"

namespace offcut::cli {
namespace {

template <class T, class Detail>
void print_registry(const Registry<T>& registry, Detail detail) {
  TextTable table({"name", "what", "details"});
  for (const auto& [name, entry] : registry) {
    table.add({name, entry.doc, detail(entry)});
  }
  fmt::print("{}", table.text());
}

std::string parameters_text(const std::vector<ParameterSpec>& specs) {
  std::string text;
  for (const ParameterSpec& spec : specs) {
    text += fmt::format("{}{}: {}{}", text.empty() ? "" : "; ", spec.name, spec.doc,
                        spec.fallback         ? " (" + to_text(*spec.fallback, spec.dimension) + ")"
                        : spec.one_of.empty() ? ""
                                              : fmt::format(" ({})", fmt::join(spec.one_of, ", ")));
  }
  return text;
}

std::string calibration_text(const std::optional<cost::Calibration>& calibration) {
  if (!calibration) {
    return "datasheet";
  }
  const std::string models =
      fmt::format("{} model{}", calibration->models, calibration->models == 1 ? "" : "s");
  return calibration->median_error
             ? fmt::format("{}, off by {:.0f} %", models, 100 * *calibration->median_error)
             : models;
}

void print_devices(const scenario::Catalogue& catalogue) {
  TextTable table({"name", ">peak", ">memory bandwidth", ">memory", "fitted to", "what"});
  for (const auto& [name, device] : catalogue.devices) {
    table.add({name, to_readable(device.peak),
               fmt::format("{:.4g} GB/s", device.memory_bandwidth.si() / 1e9),
               to_readable(device.memory), calibration_text(device.calibration), device.about});
  }
  fmt::print("{}", table.text());
}

void print_networks(const scenario::Catalogue& catalogue) {
  TextTable table({"name", ">up", ">down", ">latency", "what"});
  for (const auto& [name, network] : catalogue.networks) {
    table.add({name, to_readable(network.hop.up), to_readable(network.hop.down),
               to_readable(network.hop.latency), network.about});
  }
  fmt::print("{}", table.text());
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
  fmt::print("{}", options.markdown ? columns_markdown(tables) : columns_text(tables));
}

void print_keys(const ListOptions& options, const scenario::Registries& registries) {
  try {
    const std::vector<scenario::KeyBlock> blocks =
        options.file.empty() ? scenario::key_blocks(registries)
                             : scenario::key_blocks_at(options.file, registries);
    fmt::print("{}", options.markdown ? keys_markdown(blocks) : keys_text(blocks));
  } catch (const std::invalid_argument& error) {
    throw InputError({"offcut list keys"}, error.what());
  }
}

}  // namespace

int list(const ListOptions& options, const scenario::Registries& registries) {
  const std::string& what = options.what;
  if (std::find(kLists.begin(), kLists.end(), what) == kLists.end()) {
    throw InputError({"offcut list"},
                     fmt::format("no list of {}{}", in_quotes(what), suggestion(what, kLists)));
  }
  if (what != "columns" && what != "keys" && (!options.file.empty() || options.markdown)) {
    throw InputError({"offcut list"},
                     "only 'columns' takes a file, 'keys' a path, and both --markdown");
  }
  const auto parameters_of = [](const auto& kind) { return parameters_text(kind.parameters); };
  if (what == "devices") {
    print_devices(scenario::read_catalogue());
  } else if (what == "networks") {
    print_networks(scenario::read_catalogue());
  } else if (what == "models") {
    print_registry(registries.networks, [](const zoo::Network& n) { return n.source; });
  } else if (what == "algorithms") {
    print_registry(registries.algorithms, [](const partition::Algorithm& a) {
      return a.citation + (a.parameters.empty() ? "" : "; " + parameters_text(a.parameters));
    });
  } else if (what == "arrivals") {
    print_registry(registries.arrivals, parameters_of);
  } else if (what == "codecs") {
    print_registry(registries.codecs, parameters_of);
  } else if (what == "queues") {
    print_registry(registries.queues, parameters_of);
  } else if (what == "batching") {
    print_registry(registries.batching, parameters_of);
  } else if (what == "dispatch") {
    print_registry(registries.dispatch, parameters_of);
  } else if (what == "admission") {
    print_registry(registries.admission, parameters_of);
  } else if (what == "columns") {
    print_columns(options);
  } else if (what == "keys") {
    print_keys(options, registries);
  } else {
    print_registry(registries.operators, [](const ops::Operator&) { return std::string(); });
  }
  return 0;
}

}  // namespace offcut::cli
