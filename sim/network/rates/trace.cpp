// Traces of all formats. A format is found by the file's first line: the formats are so different
// that no line fits two of them.

#include "sim/network/rates/trace.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "models/base/error.h"
#include "models/base/text_file.h"

namespace offcut::network {
namespace {

constexpr std::string_view kBlank = " \t\r\n";

/// Returns the first line that is not blank, without the blanks around it; empty if there is none.
std::string first_line(const std::string& text) {
  const std::size_t first = text.find_first_not_of(kBlank);
  if (first == std::string::npos) {
    return "";
  }
  const std::string line = text.substr(first, text.find('\n', first) - first);
  return line.substr(0, line.find_last_not_of(kBlank) + 1);
}

}  // namespace

std::shared_ptr<const Steps> Trace::latency_steps() const {
  return std::make_shared<Steps>(from, latency, end);
}

double TraceScale::of(double bandwidth) const {
  return std::clamp(bandwidth * factor, least, most);
}

std::shared_ptr<const Steps> rate_steps(const Trace& trace, bool upwards, const TraceScale& scale,
                                        double payload) {
  std::vector<double> values = upwards ? trace.up : trace.down;
  for (double& value : values) {
    value = scale.of(value) * payload;
  }
  return std::make_shared<Steps>(trace.from, std::move(values), trace.end);
}

Trace read_trace(const std::string& path, const TraceFormat* format,
                 const Registry<TraceFormat>& formats) {
  const std::string line = first_line(read_text_file(path, "a trace of bandwidths"));
  if (line.empty()) {
    throw InputError({path, 1, 1}, "is empty, expected a trace of bandwidths");
  }
  for (auto entry = formats.begin(); format == nullptr && entry != formats.end(); ++entry) {
    format = entry->second.fits(line) ? &entry->second : nullptr;
  }
  if (format == nullptr) {
    throw InputError({path, 1, 1},
                     fmt::format("expected a trace in one of the formats {}: see docs/networks.md",
                                 fmt::join(formats.names(), ", ")));
  }
  return format->read(path);
}

}  // namespace offcut::network
