// The columns of decisions.csv, which `offcut run --decisions FILE` writes under any name.

#include "analysis/tables/decision_log.h"

#include <fmt/format.h>

#include <array>
#include <iterator>

namespace offcut::analysis {
namespace {

std::string alternatives(const engine::Decision& decision) {
  std::string text;
  for (std::size_t i = 0; i < decision.servers.size(); ++i) {
    const scheduling::ServerState& server = decision.servers[i];
    fmt::format_to(std::back_inserter(text), "{}{}:", i > 0 ? " " : "", decision.first + i);
    if (server.is_up) {
      fmt::format_to(std::back_inserter(text), "{}/{}", server.waiting, server.running);
    } else {
      text += "down";
    }
  }
  return text;
}

constexpr auto kDecisionColumns = std::to_array<Column<DecisionRow>>({
    {"time_s", "s", "The time of the decision.",
     [](const DecisionRow& row) { return row.decision.time; }},
    {"request", "", "The number of the request.",
     [](const DecisionRow& row) { return row.decision.request; }},
    {"class", "", "The request's class.",
     [](const DecisionRow& row) {
       return std::string_view(row.simulation.classes[row.decision.request_class].name);
     }},
    {"tier", "", "The tier that the request reached.",
     [](const DecisionRow& row) {
       return std::string_view(row.simulation.tiers[row.decision.tier].name);
     }},
    {"server", "",
     "The number, in its tier, of the server that the request goes to, or would have gone to if it "
     "had been admitted. For servers with a common queue, the number of the queue.",
     [](const DecisionRow& row) { return row.decision.first + row.decision.chosen; }},
    {"admitted", "", "1 if the request was admitted, 0 if it was rejected.",
     [](const DecisionRow& row) { return row.decision.admitted; }},
    {"alternatives", "",
     "The servers between which the rule chose, as in `0:3/1 1:2/1 2:down`: the number, then the "
     "requests that wait and that are computed, or `down`.",
     [](const DecisionRow& row) { return alternatives(row.decision); }},
});

constexpr ColumnTable<DecisionRow> kDecisionTable{
    "decisions.csv",
    "A row per dispatch and admission in the run of the chosen plan, on tiers that have a rule for "
    "one of them, written by `offcut run --decisions FILE`.",
    kDecisionColumns,
    "`analysis/tables/decision_log.cpp`. The decisions are made in "
    "`sim/engine/tiers/computing.cpp` by the policies of `sim/scheduling/policies`."};

}  // namespace

const ColumnTable<DecisionRow>& decision_table() { return kDecisionTable; }

DecisionLog::DecisionLog(const std::string& path, const engine::Simulation& simulation)
    : file_(path, kDecisionTable.columns), simulation_(simulation) {}

void DecisionLog::add(const engine::Decision& decision) { file_.add({simulation_, decision}); }

}  // namespace offcut::analysis
