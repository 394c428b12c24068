#pragma once

#include <string>
#include <vector>

#include "sim/runtime/node/node.h"
#include "sim/study/served/measured_requests.h"

namespace offcut::study {

/// A server of a later tier, as the tier before it knows it.
struct MeasuredServer {
  std::string address;
  Seconds offset;  // Its clock less the device's.
  Seconds error;   // Of the offset, at most.
};

/// The result of a load, beside its requests.
struct ServedRun {
  std::string model;
  std::string engine;
  ServedSystem system;
  std::vector<std::size_t> cores;                             // By tier; 0: unknown.
  std::vector<std::vector<MeasuredServer>> servers;           // By later tier; empty: unknown here.
  std::vector<Seconds> clock_errors;                          // By later tier.
  std::vector<std::vector<std::vector<std::string>>> layers;  // By cut, then by tier.
  std::vector<std::string> codecs;                            // By cut.
  std::string load;                                           // As it was given.
  std::string kind;                                           // "closed", "open" or "trace".
  PerSecond capacity;                                         // 0: it was not measured.
  PerSecond rate;                                             // 0: of no open load.
  std::uint64_t seed = 1;
  Seconds window_start, window_end;
  std::int64_t requests = 0;
  std::int64_t fell_back = 0;
  std::int64_t failures = 0;
  runtime::NodeCounts counts;
  std::string scenario;
  std::string version, commit;
};

/// Writes measured.json. Throws OutputError or InputError if that is not possible.
void write_served_run(const std::string& path, const ServedRun& run);

}  // namespace offcut::study
