#include "sim/network/rates/trace_files.h"

namespace offcut::network {

std::shared_ptr<const Trace> TraceFiles::read(const std::string& path, const TraceFormat* format,
                                              const Registry<TraceFormat>& formats) {
  std::shared_ptr<const Trace>& trace = read_[{path, format}];
  if (trace == nullptr) {
    trace = std::make_shared<Trace>(read_trace(path, format, formats));
  }
  return trace;
}

}  // namespace offcut::network
