#pragma once

#include <string>
#include <vector>

#include "analysis/tables/request_table.h"
#include "sim/runtime/node/load.h"

namespace offcut::study {

/// The names of the tiers and hops that requests pass, the device first.
struct ServedSystem {
  std::vector<std::string> tiers;
  std::vector<std::string> hops;  // Between neighbours. One less.
};

/// Writes the requests that a device measured as requests.csv: the columns of a run's, whose parts
/// add up to the latency, and then the times that each tier noted. Throws as CsvWriter does.
class MeasuredRequests {
 public:
  /// `start` is the time 0 of the run on the clock of the calls.
  MeasuredRequests(const std::string& path, const ServedSystem& system, Seconds start,
                   std::string class_name = engine::kOnlyClass);

  void add(const runtime::LoadedCall& call);
  void close() { table_.close(); }

 private:
  engine::Simulation simulation_;
  Seconds start_;
  std::string class_name_;
  analysis::RequestTableWriter table_;
};

/// The parts of a measured request's latency. Those of later tiers are at least 0; what an error of
/// a clock offset takes from one part is in `download`.
struct MeasuredParts {
  engine::RequestRecord record;
  std::vector<engine::TierPart> tiers;
  std::vector<engine::HopPart> hops;
};
MeasuredParts parts_of(const runtime::LoadedCall& call, Seconds start, std::size_t tiers);

}  // namespace offcut::study
