#pragma once

#include <string>

#include "../../temporary_folder.h"
#include "sim/scenario/scenario.h"

namespace offcut::scenario {

/// Reads a scenario of this text, beside a file trace.csv.
inline Scenario read_text(const std::string& scenario, const std::string& trace = "") {
  static const Registries registries;
  const TemporaryFolder folder;
  folder.write("trace.csv", trace);
  return read_scenario(folder.write("my.yaml", scenario), {}, registries);
}

}  // namespace offcut::scenario
