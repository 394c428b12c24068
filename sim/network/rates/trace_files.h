#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "sim/network/rates/trace.h"

namespace offcut::network {

/// Traces that were read before, for several scenarios in a process and its children. Files are
/// taken not to change meanwhile.
class TraceFiles {
 public:
  /// Returns what read_trace() does, and throws what it throws.
  std::shared_ptr<const Trace> read(const std::string& path, const TraceFormat* format,
                                    const Registry<TraceFormat>& formats);

 private:
  std::map<std::pair<std::string, const TraceFormat*>, std::shared_ptr<const Trace>> read_;
};

}  // namespace offcut::network
