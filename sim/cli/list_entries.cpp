#include "sim/cli/list_entries.h"

#include "sim/cli/plot_kinds.h"

namespace offcut::cli {
namespace {

template <class Entry>
ListEntry entry_of(const Entry& entry) {
  ListEntry listed{.name = entry.name, .doc = entry.doc};
  if constexpr (requires { std::string(entry.citation); }) {
    listed.citation = entry.citation;
  }
  if constexpr (requires { std::string(entry.growth.text); }) {
    listed.growth = entry.growth.text;
  }
  if constexpr (requires { std::string(entry.source); }) {
    listed.source = entry.source;
  }
  if constexpr (requires { std::vector<ParameterSpec>(entry.parameters); }) {
    listed.parameters = entry.parameters;
  }
  return listed;
}

}  // namespace

std::vector<ListEntry> list_entries(const std::string& kind,
                                    const scenario::Registries& registries) {
  std::vector<ListEntry> entries;
  if (kind == "devices") {
    for (const auto& [name, device] : scenario::read_catalogue().devices) {
      entries.push_back({.name = name, .doc = device.about, .source = device.source});
    }
  } else if (kind == "links") {
    for (const auto& [name, network] : scenario::read_catalogue().networks) {
      entries.push_back({.name = name, .doc = network.about});
    }
  } else if (kind == "plots") {
    for (const PlotKind& plot : plot_kinds()) {
      entries.push_back({.name = plot.name, .doc = plot.doc});
    }
  } else {
    registries.visit(kind, [&](const auto& registry) {
      for (const auto& [name, entry] : registry) {
        entries.push_back(entry_of(entry));
      }
    });
  }
  return entries;
}

}  // namespace offcut::cli
