#pragma once

#include "analysis/statistics/run_summary.h"
#include "models/base/column_table.h"

namespace offcut::analysis {

/// One direction of a hop in a run.
struct LinkRow {
  const RunSummary& run;
  const engine::HopUsage& hop;
  bool up = true;

  Bytes carried() const { return up ? hop.up : hop.down; }
  /// Returns also what crossed of messages that did not arrive.
  Bytes crossed() const { return carried() + traffic().in_part; }
  const engine::Traffic& traffic() const { return up ? hop.up_traffic : hop.down_traffic; }
  const engine::LinkLoad& load() const { return up ? hop.up_load : hop.down_load; }
  const engine::LinkLoad& site_load() const { return up ? hop.site_up_load : hop.site_down_load; }
  /// Returns whether the links connect the machines of teams.
  bool is_of_teams() const {
    return !run.record.teams.empty() && &hop == &run.record.teams.front();
  }
  bool has_sites() const { return hop.site_links > 0; }
  BytesPerSecond site_bandwidth() const { return up ? hop.site_up : hop.site_down; }
};

/// The columns of links.csv.
const ColumnTable<LinkRow>& link_table();
/// Those that follow if the scenario has updates.
std::span<const Column<LinkRow>> link_columns_of_updates();
/// Those that follow these if the scenario trains.
std::span<const Column<LinkRow>> link_columns_of_tasks();
/// The text of all of them.
TableText link_table_text();

}  // namespace offcut::analysis
