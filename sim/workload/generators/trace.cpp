// trace: requests at the times that a CSV file (RFC 4180) gives. Its columns: `time_s`, from the
// start of the simulation and in order, and where each device has requests of its own `device`,
// from 0; without that column, all of them have these.

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <map>
#include <optional>
#include <utility>

#include "models/base/error.h"
#include "models/graph/csv_rows.h"
#include "sim/workload/arrivals.h"

namespace offcut {
namespace {

using Times = std::map<std::size_t, std::vector<Seconds>>;  // by device; of all: those of 0

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

constexpr double kLatest = 1e9;       // later, a double no longer counts in steps of 0.1 us
constexpr double kMostDevices = 1e7;  // as in a scenario

/// Reads rows, and gathers what is wrong with them.
class Reader {
 public:
  Reader(std::string path, const CsvRow& header) : path_(std::move(path)) {
    const std::vector<std::string> known = {"time_s", "device"};
    for (std::size_t i = 0; i < header.fields.size(); ++i) {
      const std::string& name = header.fields[i];
      std::size_t& column = name == "time_s" ? time_ : device_;
      if (std::find(known.begin(), known.end(), name) == known.end()) {
        mistake(header.line,
                fmt::format("unknown column {}{}", in_quotes(name), suggestion(name, known)));
      } else if (column != kNone) {
        mistake(header.line, fmt::format("column {} stands twice", in_quotes(name)));
      } else {
        column = i;
      }
    }
    if (time_ == kNone && mistakes_.empty()) {
      mistake(header.line, "column 'time_s' is missing");
    }
    stop_on_mistakes();
    columns_ = header.fields.size();
  }

  void add(const CsvRow& row) {
    if (row.fields.size() != columns_) {
      mistake(row.line, fmt::format("{} fields, expected {}", row.fields.size(), columns_));
      return;
    }
    const auto time = number<double>(row, time_, "time_s", "a number", kLatest);
    const auto device = device_ == kNone ? 0
                                         : number<std::size_t>(row, device_, "device",
                                                               "a whole number", kMostDevices - 1);
    if (time && *time < last_) {
      mistake(row.line, fmt::format("time_s: {} is before the row above ({}); rows stand in order "
                                    "of time",
                                    *time, last_));
    }
    if (time && device) {
      times_[*device].emplace_back(*time);
    }
    last_ = time.value_or(last_);
  }

  std::unique_ptr<Arrivals> finish() {
    stop_on_mistakes();
    if (times_.empty()) {
      throw InputError({path_}, "holds no requests");
    }
    return std::make_unique<Trace>(std::move(times_), device_ != kNone);
  }

 private:
  static constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();

  template <class T>
  std::optional<T> number(const CsvRow& row, std::size_t column, std::string_view name,
                          std::string_view kind, double most) {
    const std::string& text = row.fields[column];
    T value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || !(value >= T{}) ||
        static_cast<double>(value) > most) {
      mistake(row.line, fmt::format("{}: expected {} from 0 to {}, got {}", name, kind, most,
                                    in_quotes(text)));
      return std::nullopt;
    }
    return value;
  }

  void mistake(int line, std::string message) {
    mistakes_.push_back({{path_, line, 1}, std::move(message)});
  }

  void stop_on_mistakes() {
    if (!mistakes_.empty()) {
      throw InputError(std::move(mistakes_));
    }
  }

  std::string path_;
  std::size_t columns_ = 0;
  std::size_t time_ = kNone;  // which column
  std::size_t device_ = kNone;
  double last_ = 0;
  Times times_;
  std::vector<Mistake> mistakes_;
};

std::unique_ptr<Arrivals> read_trace(const std::string& path) {
  const std::vector<CsvRow> rows = read_csv(path, "a trace of requests");
  Reader reader(path, rows.front());
  for (std::size_t i = 1; i < rows.size(); ++i) {
    reader.add(rows[i]);
  }
  return reader.finish();
}

}  // namespace

void register_trace(Registry<ArrivalKind>& registry) {
  registry.add(
      {.name = "trace",
       .doc = "requests at the times that a file gives",
       .parameters = {{.name = "file",
                       .is_text = true,
                       .is_file = true,
                       .doc = "CSV with the columns time_s and, if devices differ, device"}},
       .make = [](const Parameters& p) { return read_trace(p.text("file")); },
       .rate = [](const Parameters&) { return PerSecond(0); }});
}

}  // namespace offcut
