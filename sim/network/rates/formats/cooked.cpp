// `cooked` is the form of Pensieve (Mao et al., SIGCOMM 2017) and of the work after it: lines with
// a time in seconds and a bandwidth in Mbit/s. As there, the bandwidth of a line holds until its
// time, from that of the line before it or the start on; so that of a first line at 0 is never
// used, and the trace ends with the time of the last line. The factor 0.95 that Pensieve takes for
// headers is a link's `payload` here.

#include <fmt/format.h>

#include "sim/network/rates/number_lines.h"
#include "sim/network/rates/trace.h"

namespace offcut::network {
namespace {

Trace read_cooked(const std::string& path) {
  constexpr double kMegabit = 1e6 / 8;
  NumberLines file(path, "a trace of times and bandwidths");
  Trace trace;
  bool is_first = true;
  for (const NumberLines::Line& line : file.lines()) {
    if (!file.has(line, 2, "a time in seconds and a bandwidth in Mbit/s")) {
      continue;
    }
    const auto time = file.number(line, 0, "time", 0, kLatestRow);
    const auto bandwidth = file.number(line, 1, "bandwidth", 0, kMostBandwidth / kMegabit);
    if (!time || !bandwidth) {
      continue;
    }
    if (!is_first && *time <= trace.end) {
      file.error(line, 0,
                 fmt::format("time: {} is not after the line before it ({}); expected lines in "
                             "order of time",
                             *time, trace.end));
    } else if (*time > trace.end) {
      trace.from.push_back(trace.end);
      trace.up.push_back(*bandwidth * kMegabit);
    }
    trace.end = *time;
    is_first = false;
  }
  file.stop_on_errors();
  if (trace.from.empty()) {
    file.error(file.lines().front(), 0,
               "the trace has no length: a bandwidth holds until the time of its line, and there "
               "is none after 0");
    file.stop_on_errors();
  }
  trace.down = trace.up;
  return trace;
}

}  // namespace

void register_cooked(Registry<TraceFormat>& registry) {
  registry.add({.name = "cooked",
                .doc = "Pensieve's lines of seconds and Mbit/s; a line holds until its time",
                .fits = [](std::string_view line) { return is_of_numbers(line, 2); },
                .read = read_cooked});
}

}  // namespace offcut::network
