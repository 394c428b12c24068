// The documents of `offcut list --json`. Numbers are in SI units: the unit stands in the key, or
// beside the number.

#include "sim/cli/list_json.h"

#include <cmath>

#include "sim/cli/column_list.h"
#include "sim/cli/device_variants.h"
#include "sim/cli/key_list.h"
#include "sim/cli/list_entries.h"

namespace offcut::cli {
namespace {

/// Returns the SI unit of a dimension, "B/s"; empty for a plain number.
std::string si_unit(Dimension dimension) {
  const std::string text = to_text(1, dimension);
  const std::size_t blank = text.find(' ');
  return blank == std::string::npos ? "" : text.substr(blank + 1);
}

Json parameter_json(const ParameterSpec& spec) {
  constexpr double kNoBound = 1e300;  // As ParameterSpec::most without a bound.
  Json parameter = {{"name", spec.name}, {"description", spec.doc}};
  if (!spec.one_of.empty()) {
    parameter["type"] = "choice";
    parameter["choices"] = spec.one_of;
    parameter["default"] = spec.one_of.front();
    return parameter;
  }
  parameter["type"] = spec.is_file    ? "file"
                      : spec.is_text  ? "text"
                      : spec.is_whole ? "whole number"
                                      : "number";
  parameter["list"] = spec.is_list;
  parameter["default"] = or_null(spec.fallback);
  if (!spec.is_text) {
    parameter["unit"] = si_unit(spec.dimension);
    parameter["least"] = std::abs(spec.least) < kNoBound ? Json(spec.least) : Json();
    parameter["most"] = std::abs(spec.most) < kNoBound ? Json(spec.most) : Json();
  }
  return parameter;
}

Json entry_json(const ListEntry& entry) {
  Json listed = {{"name", entry.name}, {"description", entry.doc}};
  for (const auto& [key, text] : {std::pair("citation", entry.citation),
                                  std::pair("time", entry.growth),
                                  std::pair("source", entry.source)}) {
    if (!text.empty()) {
      listed[key] = text;
    }
  }
  listed["parameters"] = Json::array();
  for (const ParameterSpec& spec : entry.parameters) {
    listed["parameters"].push_back(parameter_json(spec));
  }
  return listed;
}

/// An entry per device, precision, and runtimes that share their errors, as in the text.
Json devices_json() {
  Json entries = Json::array();
  for (const auto& [name, device] : scenario::read_catalogue().devices) {
    for (const std::string& precision : cost::precision_names(device)) {
      for (const auto& [runtimes, variant] :
           variants_by_errors(cost::in_precision(device, precision))) {
        const auto& fit = variant.calibration;
        entries.push_back({{"name", name},
                           {"runtimes", runtimes},
                           {"precision", precision},
                           {"fitted_models", fit ? Json(fit->models) : Json()},
                           {"error_median", fit ? or_null(fit->median_error) : Json()},
                           {"error_worst", fit ? or_null(fit->worst_error) : Json()},
                           {"peak_flop_per_s", variant.peak.si()},
                           {"memory_bandwidth_bytes_per_s", variant.memory_bandwidth.si()},
                           {"memory_bytes", variant.memory.si()},
                           {"description", variant.about},
                           {"source", variant.source}});
      }
    }
  }
  return entries;
}

Json links_json() {
  Json entries = Json::array();
  for (const auto& [name, network] : scenario::read_catalogue().networks) {
    entries.push_back({{"name", name},
                       {"up_bytes_per_s", network.hop.up.si()},
                       {"down_bytes_per_s", network.hop.down.si()},
                       {"latency_s", network.hop.latency.si()},
                       {"description", network.about},
                       {"source", network.source}});
  }
  return entries;
}

Json tables_json(const std::string& file) {
  Json tables = Json::array();
  for (const TableText& table : tables_of(file)) {
    Json columns = Json::array();
    for (const ColumnText& column : table.columns) {
      columns.push_back(
          {{"name", column.name}, {"unit", column.unit}, {"description", column.doc}});
    }
    tables.push_back({{"file", table.file}, {"description", table.doc}, {"columns", columns}});
  }
  return tables;
}

Json blocks_json(const std::string& path, const scenario::Registries& registries) {
  Json blocks = Json::array();
  for (const scenario::KeyBlock& block : key_blocks_of(path, registries)) {
    Json keys = Json::array();
    for (const scenario::KeyText& key : block.keys) {
      keys.push_back({{"name", key.name},
                      {"owner", key.owner},
                      {"type", key.type},
                      {"bounds", key.bounds},
                      {"default", key.fallback},
                      {"description", key.doc},
                      {"example", key.example}});
    }
    blocks.push_back({{"paths", block.paths},
                      {"title", block.title},
                      {"description", block.doc},
                      {"owner", block.owner},
                      {"keys", keys}});
  }
  return blocks;
}

}  // namespace

void add_list_json(Json& document, const std::string& kind, const std::string& name,
                   const scenario::Registries& registries) {
  document["kind"] = kind;
  if (kind == "columns") {
    document["tables"] = tables_json(name);
  } else if (kind == "keys") {
    document["blocks"] = blocks_json(name, registries);
  } else if (kind == "devices" || kind == "links") {
    document["entries"] = kind == "devices" ? devices_json() : links_json();
  } else {
    Json& entries = document["entries"] = Json::array();
    for (const ListEntry& entry : list_entries(kind, registries)) {
      entries.push_back(entry_json(entry));
    }
  }
}

}  // namespace offcut::cli
