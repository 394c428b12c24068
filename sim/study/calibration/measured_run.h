#pragma once

#include <array>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

namespace offcut::study {

inline constexpr double kUnknownTime = std::numeric_limits<double>::quiet_NaN();

/// The times of a request on a tier, in seconds since the run's start, on the device's clock. NaN:
/// unknown, or it did not get there.
struct MeasuredStage {
  double first_byte = kUnknownTime, last_byte = kUnknownTime;  // Of its message, as received here.
  double start = kUnknownTime, end = kUnknownTime;             // Of its computation.
  /// Of the answer of the next tier, as received here.
  double answer_first = kUnknownTime, answer_last = kUnknownTime;
  double batch = 1;  // The requests that were computed together.
};

/// The parts of a latency, which add up to it.
enum class MeasuredPart {
  device_wait,
  device_compute,
  upload,
  server_wait,
  server_compute,
  download
};
inline constexpr std::array<const char*, 6> kMeasuredParts = {
    "device wait", "device compute", "upload", "server wait", "server compute", "download"};
using LatencyParts = std::array<double, kMeasuredParts.size()>;

struct MeasuredRequest {
  double arrival = 0, completion = 0;
  std::vector<MeasuredStage> tiers;

  double latency() const { return completion - arrival; }
};

/// A folder that `offcut serve --load ... --out` wrote: requests of one device under one cut.
struct MeasuredRun {
  std::string folder;
  std::string name;  // The last part of its path.
  std::string model;
  std::vector<std::string> tiers;                // The device's first.
  std::vector<std::vector<std::string>> layers;  // By tier.
  std::string cut;   // For people: the last layer of each tier but the last.
  std::string load;  // "closed", "50%".
  bool is_closed = false;
  std::vector<MeasuredRequest> requests;  // Those that were answered, by arrival.
  std::size_t left_out = 0;               // Dropped, failed and fallen back.

  std::vector<double> latencies() const;
  /// Returns the mean parts. Waits include the time between computations.
  LatencyParts mean_parts() const;
  /// Returns the requests per second between the first and the last arrival.
  double rate() const;
};

/// The fewest answered requests of a folder from which anything is fitted.
inline constexpr std::size_t kFewestMeasured = 5;

/// Reads a folder. Throws InputError with all errors: no such folder or files, missing columns,
/// invalid fields, several cuts, too few answered requests.
MeasuredRun read_measured(const std::string& folder);

}  // namespace offcut::study
