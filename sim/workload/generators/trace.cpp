// `trace` gives requests at the times that a CSV file (RFC 4180) gives. Its columns are `time_s`,
// counted from the start of the simulation and in order, and, if each device has its own requests,
// `device`, counted from 0. Without that column, every device has all requests.

#include <fmt/format.h>

#include <limits>
#include <map>
#include <optional>
#include <utility>

#include "models/base/csv_table.h"
#include "sim/workload/arrivals.h"

namespace offcut::workload {
namespace {

using Times = std::map<std::size_t, std::vector<Seconds>>;  // By device; under 0 if all are alike.

class Trace : public Arrivals {
 public:
  Trace(Times times, bool by_device) : times_(std::move(times)), by_device_(by_device) {}

  Seconds next(Seconds, ArrivalSource& source) const override {
    const auto times = times_.find(by_device_ ? source.number : 0);
    if (times == times_.end() || source.count >= times->second.size()) {
      return Seconds(std::numeric_limits<double>::infinity());
    }
    return times->second[source.count++];
  }
  std::size_t devices() const override { return by_device_ ? times_.rbegin()->first + 1 : 0; }

 private:
  Times times_;
  bool by_device_;
};

constexpr double kLatest = 1e9;  // Later times have no exact steps of 0.1 us as doubles.
constexpr std::int64_t kMostDevices = 10'000'000;  // As in a scenario.

std::unique_ptr<Arrivals> read_trace(const std::string& path) {
  CsvTable table(path, "a trace of requests", {.required = {"time_s"}, .optional = {"device"}});
  const bool by_device = table.has("device");
  Times times;
  double last = 0;
  for (const CsvRow& row : table.rows()) {
    if (!table.is_whole(row)) {
      continue;
    }
    const auto time = table.number(row, "time_s", 0, kLatest);
    const auto device = by_device ? table.whole_number(row, "device", 0, kMostDevices - 1)
                                  : std::optional<std::int64_t>(0);
    if (time && *time < last) {
      table.error(row, fmt::format("time_s: {} is before the row above ({}); expected rows in "
                                   "order of time",
                                   *time, last));
    }
    if (time && device) {
      times[static_cast<std::size_t>(*device)].emplace_back(*time);
    }
    last = time.value_or(last);
  }
  table.stop_on_diagnostics();
  if (times.empty()) {
    throw InputError({path}, "has no requests");
  }
  return std::make_unique<Trace>(std::move(times), by_device);
}

}  // namespace

void register_trace(Registry<ArrivalKind>& registry) {
  registry.add(
      {.name = "trace",
       .doc = "requests at the times that a file gives",
       .parameters = {{.name = "file",
                       .is_text = true,
                       .is_file = true,
                       .doc = "CSV file with the columns time_s and, if devices differ, device",
                       .example = "arrivals.csv"}},
       .make = [](const Parameters& p) { return read_trace(p.text("file")); },
       .rate = [](const Parameters&) { return PerSecond(0); }});
}

}  // namespace offcut::workload
