#pragma once

#include <memory>
#include <string>

#include "models/base/column_table.h"
#include "sim/engine/simulation.h"

namespace offcut::analysis {

/// An event, and the simulation that knows its names.
struct EventRow {
  const engine::Simulation& simulation;
  const engine::RunEvent& event;
};

/// The columns of events.csv.
const ColumnTable<EventRow>& event_table();

/// Writes what happened to machines, links and models. Without an event there is no file.
class EventLog {
 public:
  /// `path` empty: no file. `simulation` must outlive it.
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
