// The columns of the file of decisions.

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
     "The server that it goes to, or would go to if it were admitted, by its number in the tier. "
     "Of several servers with one queue, it is the queue's number.",
     [](const DecisionRow& row) { return row.decision.first + row.decision.chosen; }},
    {"admitted", "", "1 if the request was admitted, 0 if it was rejected.",
     [](const DecisionRow& row) { return row.decision.admitted; }},
    {"alternatives", "",
     "The servers between which the rule decided, as in `0:3/1 1:2/1 2:down`: the number, then "
     "requests waiting / running, or `down`.",
     [](const DecisionRow& row) { return alternatives(row.decision); }},
});

constexpr ColumnTable<DecisionRow> kDecisionTable{
    "decisions.csv",
    "A row per dispatch and admission of the chosen plan's run, on tiers that have a rule for one "
    "of them, written by `offcut run --decisions FILE`.",
    kDecisionColumns};

}  // namespace

const ColumnTable<DecisionRow>& decision_table() { return kDecisionTable; }

DecisionLog::DecisionLog(const std::string& path, const engine::Simulation& simulation)
    : file_(path, kDecisionTable.columns), simulation_(simulation) {}

void DecisionLog::add(const engine::Decision& decision) { file_.add({simulation_, decision}); }

}  // namespace offcut::analysis
