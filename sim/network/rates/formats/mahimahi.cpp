// `mahimahi` is the form of the emulator of that name (Netravali et al., USENIX ATC 2015): each
// line is the time, in whole milliseconds, of an opportunity to deliver 1500 bytes. Here these
// bytes flow in the millisecond that ends then, so that as many bytes are through at each
// millisecond as there; an opportunity at 0 has the first millisecond. As there, the trace ends
// with the last line. The bytes have headers, which a link's `payload` takes off.

#include <fmt/format.h>

#include <algorithm>

#include "sim/network/rates/number_lines.h"
#include "sim/network/rates/trace.h"

namespace offcut::network {
namespace {

constexpr double kMilliseconds = 1e3;  // Of a second.
constexpr double kPacket = 1500;       // Bytes.

/// Adds a step from a millisecond on.
void add_step(Trace& trace, double millisecond, double packets) {
  trace.from.push_back(millisecond / kMilliseconds);
  trace.up.push_back(packets * kPacket * kMilliseconds);
}

Trace read_mahimahi(const std::string& path) {
  NumberLines file(path, "a trace of packet opportunities");
  std::vector<double> ends;  // The last milliseconds of the opportunities.
  double last = 0;
  for (const NumberLines::Line& line : file.lines()) {
    if (!file.has(line, 1, "a time in milliseconds")) {
      continue;
    }
    const auto time = file.number(line, 0, "time", 0, kLatestRow * kMilliseconds, true);
    if (!time) {
      continue;
    }
    if (*time < last) {
      file.error(line, 0,
                 fmt::format("time: {} is before the line before it ({}); expected lines in order "
                             "of time",
                             *time, last));
    }
    last = *time;
    ends.push_back(std::max(*time, 1.0));
  }
  file.stop_on_errors();
  if (last <= 0) {
    file.error(file.lines().front(), 0, "the trace has no length: expected a time after 0");
    file.stop_on_errors();
  }
  Trace trace{.end = last / kMilliseconds};
  double reached = 0;
  for (auto first = ends.begin(); first != ends.end();) {
    const auto next = std::upper_bound(first, ends.end(), *first);
    if (*first - 1 > reached) {
      add_step(trace, reached, 0);
    }
    add_step(trace, *first - 1, static_cast<double>(next - first));
    reached = *first;
    first = next;
  }
  trace.down = trace.up;
  return trace;
}

}  // namespace

void register_mahimahi(Registry<TraceFormat>& registry) {
  registry.add({.name = "mahimahi",
                .doc = "lines with the milliseconds of opportunities to deliver 1500 bytes",
                .fits = [](std::string_view line) { return is_of_numbers(line, 1); },
                .read = read_mahimahi});
}

}  // namespace offcut::network
