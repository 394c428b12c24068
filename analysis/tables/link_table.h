#pragma once

#include <optional>

#include "analysis/statistics/run_summary.h"
#include "models/base/column_table.h"

namespace offcut {

/// One direction of a hop in a run.
struct LinkRow {
  const RunSummary& run;
  const HopUsage& hop;
  bool up = true;
  std::optional<Link::Uplink> site;  // the links that the devices of a site share
  std::size_t sites = 0;

  Bytes carried() const { return up ? hop.up : hop.down; }
  BytesPerSecond site_bandwidth() const { return up ? site->up : site->down; }
};

/// The columns of links.csv.
const ColumnTable<LinkRow>& link_table();

}  // namespace offcut
