// Collects the data of a run's page: its tables with the texts of their columns, its logs in short,
// its networks, and the resolved scenario. The scripts of the page (analysis/page/scripts) choose
// what to draw of them.

#include "analysis/page/run_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "analysis/page/page_file.h"
#include "analysis/page/page_logs.h"
#include "analysis/page/page_network.h"
#include "analysis/page/page_table.h"
#include "analysis/report.h"
#include "analysis/tables/result_tables.h"
#include "models/base/readable.h"
#include "models/base/text_file.h"

namespace offcut::analysis {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMostTableRows = 2000;         // Of a table.
constexpr std::size_t kMostPlanRows = 1000000;  // The drawing of the network needs all layers.

/// Returns the line "offcut 0.1.0, SimGrid 3.32 ..." of the resolved scenario.
std::string versions_in(const std::string& resolved) {
  constexpr std::string_view kBefore = "\n# offcut ";
  const std::size_t begin = resolved.find(kBefore);
  if (begin == std::string::npos) {
    return {};
  }
  const std::size_t first = begin + std::string_view("\n# ").size();
  return resolved.substr(first, resolved.find('\n', first) - first);
}

std::string model_text(const Graph& graph) {
  const LayerWork work = graph.total_work();
  return fmt::format("{}: {}, {} M MACs, {} of weights", graph.name(),
                     counted(graph.layer_count(), "layer"), significant(work.macs / 1e6, 4),
                     to_readable(Bytes(work.parameter_bytes)));
}

Json facts_of(const experiment::Experiment& experiment, const std::string& resolved) {
  Json facts = Json::array();
  facts.push_back({"Scenario", experiment.scenario.name});
  facts.push_back({"Seed", fmt::format("{}", experiment.scenario.seed)});
  std::vector<std::string> models;
  for (const experiment::PreparedModel& model : experiment.models) {
    if (std::string text = model_text(model.graph);
        std::find(models.begin(), models.end(), text) == models.end()) {
      facts.push_back({"Network", text});
      models.push_back(std::move(text));
    }
  }
  if (std::string versions = versions_in(resolved); !versions.empty()) {
    facts.push_back({"Made by", std::move(versions)});
  }
  return facts;
}

}  // namespace

void write_run_page(const std::filesystem::path& folder, const experiment::Experiment& experiment,
                    std::span<const PlanNote> notes, const std::string& path) {
  const std::string resolved =
      read_text_file((folder / kResolvedFile).string(), "a scenario (YAML)");
  Json tables = Json::array(), latencies = Json::array(), series = Json::array();
  Json series_columns = Json::array();
  std::string chosen;
  for (const TableText& text : result_table_texts()) {
    const std::string file = (folder / text.file).string();
    if (!std::filesystem::exists(file)) {
      continue;
    }
    if (text.file == "requests.csv") {
      latencies = page_latencies(file, chosen);  // summary.csv comes before it.
      continue;
    }
    if (text.file == "series.csv") {
      series = page_series(file);
      for (const ColumnText& column : text.columns) {
        series_columns.push_back(
            {{"name", column.name}, {"unit", column.unit}, {"doc", column.doc}});
      }
      continue;
    }
    const bool is_plan = text.file == "plan.csv";
    tables.push_back(page_table(file, text.file, text.doc, texts_in(text),
                                {.most_rows = is_plan ? kMostPlanRows : kMostTableRows}));
    if (text.file == "summary.csv") {
      for (const Json& column : tables.back()["columns"]) {
        if (column["name"] == "algorithm" && !column["values"].empty()) {
          chosen = column["values"][0].is_string() ? column["values"][0].get<std::string>()
                                                   : column["values"][0].dump();
        }
      }
    }
  }
  Json networks = Json::array();
  for (const experiment::PreparedModel& model : experiment.models) {
    networks.push_back(page_network(model));
  }
  Json own_notes = Json::array();
  for (const PlanNote& note : notes) {
    own_notes.push_back({note.plan, note.text});
  }
  Json tiers = Json::array();
  for (const scenario::TierChoice& tier : experiment.scenario.tiers) {
    tiers.push_back(tier.name);
  }
  const std::string& title = experiment.scenario.title;
  write_page(path, title,
             {{"kind", "run"},
              {"title", title},
              {"facts", facts_of(experiment, resolved)},
              {"confidence", experiment.scenario.statistics.confidence},
              {"notes", std::move(own_notes)},
              {"tiers", std::move(tiers)},
              {"tables", std::move(tables)},
              {"latencies", std::move(latencies)},
              {"series", std::move(series)},
              {"series_columns", std::move(series_columns)},
              {"networks", std::move(networks)},
              {"scenario", resolved}});
}

}  // namespace offcut::analysis
