#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "../../../temporary_folder.h"
#include "../../scenario/messages.h"
#include "sim/network/rates/trace.h"
#include "sim/scenario/data_path.h"

namespace offcut::network {

inline const Registry<TraceFormat>& trace_formats() {
  static const Registry<TraceFormat> formats = [] {
    Registry<TraceFormat> all;
    register_trace_formats(all);
    return all;
  }();
  return formats;
}

/// Reads a trace of this text in the format that it fits.
inline Trace read_text(const std::string& text) {
  const TemporaryFolder folder;
  return read_trace(folder.write("trace", text), nullptr, trace_formats());
}

inline scenario::Messages wrong(const std::string& text) {
  return scenario::messages_of([&] { read_text(text); });
}

/// Returns the measured traces whose names begin so. They are not part of the project: without
/// them, a test says that it was skipped.
inline std::vector<std::string> measured_traces(const std::string& prefix) {
  std::vector<std::string> paths;
  const char* given = std::getenv("OFFCUT_TRACES");
  const std::filesystem::path folder =
      given != nullptr ? std::filesystem::path(given)
                       : scenario::data_root().parent_path() / "shared/data/traces";
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
    if (entry.path().filename().string().starts_with(prefix)) {
      paths.push_back(entry.path().string());
    }
  }
  std::sort(paths.begin(), paths.end());
  if (paths.empty()) {
    MESSAGE("SKIPPED: no measured traces in " << folder.string() << "; OFFCUT_TRACES names them");
  }
  return paths;
}

}  // namespace offcut::network
