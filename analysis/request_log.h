#pragma once

#include <memory>
#include <string>

#include "analysis/csv_writer.h"
#include "analysis/run_summary.h"
#include "sim/workload/inference.h"

namespace offcut {

/// Takes requests as they are answered: adds them to the statistics, runs their math, and writes
/// their rows of requests.csv. Holds no requests.
class RequestLog {
 public:
  /// `path` empty: no file. `inference` may be null.
  RequestLog(const std::string& path, const Plan& plan, Inference* inference);

  void add(const RequestRecord& request);
  /// Closes the file and fills in latency, labelled and correct.
  void finish(RunSummary& summary);

 private:
  Bytes upload_of(const RequestRecord& request) const;
  void write(const RequestRecord& request, const std::optional<Prediction>& prediction);

  std::unique_ptr<CsvWriter> file_;
  Bytes upload_;
  Bytes download_;
  Inference* inference_;
  LatencyStatistics latencies_;
  std::int64_t labelled_ = 0;
  std::int64_t correct_ = 0;
};

}  // namespace offcut
