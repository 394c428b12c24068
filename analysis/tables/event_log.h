#pragma once

#include <memory>
#include <string>

#include "models/base/column_table.h"
#include "sim/engine/simulation.h"

namespace offcut::analysis {

/// Returns the name of an event in results, as "machine down".
const char* event_name(engine::RunEvent::Kind kind);

/// An event, and the simulation with the names of its tiers, hops and classes.
struct EventRow {
  const engine::Simulation& simulation;
  const engine::RunEvent& event;
};

/// The columns of events.csv.
const ColumnTable<EventRow>& event_table();

/// Writes a row for each event of a machine, link or model. Without events there is no file.
class EventLog {
 public:
  /// An empty `path` means no file. `simulation` must outlive it.
  EventLog(std::string path, const engine::Simulation& simulation)
      : path_(std::move(path)), simulation_(simulation) {}

  void add(const engine::RunEvent& event);
  void close();

 private:
  std::string path_;
  const engine::Simulation& simulation_;
  std::unique_ptr<TableWriter<EventRow>> file_;
};

}  // namespace offcut::analysis
