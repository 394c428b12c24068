#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/cli/commands.h"

namespace offcut::cli {

struct SweepArguments {
  std::vector<std::string> files;  // One sweep file or scenario; with `merge`, folders.
  std::vector<std::string> vary;
  std::optional<std::int64_t> replications;
  std::string precision;             // As in a sweep file.
  std::string out;                   // Empty: results/, and the name of the sweep.
  std::optional<std::int64_t> jobs;  // None: as many as there are processors.
  std::string shard;                 // K/N; empty: all points.
  bool merge = false, resume = false, restart = false, dry_run = false;
  bool html = false;            // Whether to write the page of the sweep.
  std::string budget = "10 s";  // Of a search under load, for each run.
  ScenarioChanges changes;
};

int sweep(const SweepArguments& arguments, const scenario::Registries& registries);

}  // namespace offcut::cli
