#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/base/registry.h"
#include "sim/network/rates/stepped.h"

namespace offcut::network {

/// The largest bandwidth and latency of a trace, and its latest time. A clock that counts 1e9 s has
/// steps of 0.1 us.
inline constexpr double kMostBandwidth = 1e15;  // In B/s.
inline constexpr double kMostLatency = 1e6;     // In seconds.
inline constexpr double kLatestRow = 1e9;       // In seconds.

/// The bandwidths of a link over time, and maybe its latencies, from a file. Row i holds from
/// from[i] until the next one, and the last row until `end`.
struct Trace {
  std::vector<double> from;  // In seconds, ascending. The first row begins at 0.
  double end = 0;            // After the last row begins.
  /// The bandwidths of each row in B/s, and its latency in seconds. Empty: the file says nothing of
  /// it. A format with one bandwidth has it in both directions.
  std::vector<double> up, down, latency;

  bool has_rates(bool upwards) const { return !(upwards ? up : down).empty(); }
  std::shared_ptr<const Steps> latency_steps() const;
};

/// How the bandwidths of a trace are used: multiplied, and then bounded.
struct TraceScale {
  double factor = 1;
  double least = 0, most = kMostBandwidth;  // In B/s.

  double of(double bandwidth) const;
};

/// Returns the bandwidths of a trace in one direction, of which this share carries messages.
/// REQUIRES: it has them.
std::shared_ptr<const Steps> rate_steps(const Trace& trace, bool upwards, const TraceScale& scale,
                                        double payload);

/// A format of traces. Registered by one file of sim/network/rates/formats/.
struct TraceFormat {
  std::string name;
  std::string doc;
  /// Returns whether a file that begins with this line, which is not blank, is of the format.
  bool (*fits)(std::string_view first_line);
  /// Throws InputError with every error in the file.
  Trace (*read)(const std::string& path);
};

/// Generated from sim/network/rates/formats/*.cpp.
void register_trace_formats(Registry<TraceFormat>& registry);

/// Reads a trace in the format, or if it is null, in the one that the file's first line fits.
/// Throws InputError with every error in the file.
Trace read_trace(const std::string& path, const TraceFormat* format,
                 const Registry<TraceFormat>& formats);

}  // namespace offcut::network
