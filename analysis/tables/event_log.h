#pragma once

#include <memory>
#include <string>

#include "models/base/csv_writer.h"
#include "sim/engine/simulation.h"

namespace offcut {

/// Writes what happened to machines, links and models as rows. There is a file only where there is
/// a row.
class EventLog {
 public:
  /// `path` empty: no file. `simulation` must outlive it.
  EventLog(std::string path, const Simulation& simulation)
      : path_(std::move(path)), simulation_(simulation) {}

  void add(const RunEvent& event);
  void close();

 private:
  std::string path_;
  const Simulation& simulation_;
  std::unique_ptr<CsvWriter> file_;
};

}  // namespace offcut
