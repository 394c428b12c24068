// `trace` gives requests at the times that a CSV file (RFC 4180) gives, in order. Columns are found
// by their names, and others are ignored, so that logs can be read as they are. The times count
// from the start of the run, or from an origin. With a column `device`, counted from 0, each device
// has its own requests; with a column `class`, each class of the workload has. `input` is the
// number of a request's input in the data set, and `bytes` the size of the message that its device
// sends.

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <map>
#include <optional>
#include <stdexcept>
#include <utility>

#include "models/base/csv_table.h"
#include "sim/workload/arrivals.h"

namespace offcut::workload {
namespace {

struct Row {
  Seconds time;
  RequestDetail detail;
};
/// The rows of a device, and the position of the field that names it in the first of them.
struct DeviceRows {
  std::vector<Row> rows;
  int line = 0, column = 0;
};
using Rows = std::map<std::size_t, DeviceRows>;  // By device; under 0 if all are alike.

constexpr double kLatest = 1e9;  // Later times have no exact steps of 0.1 us as doubles.
constexpr std::int64_t kMostInputs = 1'000'000'000;
constexpr std::int64_t kMostBytes = 1'000'000'000'000;
constexpr double kLatestEpoch = 1e11;              // Of a time in the file, in seconds.
constexpr std::int64_t kMostDevices = 10'000'000;  // As in a scenario.

/// A name of the column of times. A time is the column's number over `over`, in seconds.
struct TimeColumn {
  const char* name;
  double over;
};
constexpr TimeColumn kTimeColumns[] = {
    {"time_s", 1},    {"arrival_s", 1}, {"timestamp_s", 1},  {"time", 1},          {"arrival", 1},
    {"timestamp", 1}, {"time_ms", 1e3}, {"arrival_ms", 1e3}, {"timestamp_ms", 1e3}};

class Trace : public Arrivals {
 public:
  /// What the columns of the file say beyond times.
  struct Columns {
    bool by_device = false;
    bool has_details = false;
    std::vector<std::string> classes;
    std::int64_t inputs = 0;  // One more than the highest number.
    Place last_input;         // That of the first row that has it.
    std::optional<InputError> wrong_input;
  };

  Trace(std::string path, Rows rows, Columns columns)
      : path_(std::move(path)), rows_(std::move(rows)), columns_(std::move(columns)) {}

  Seconds next(Seconds, ArrivalSource& source) const override {
    const std::vector<Row>* rows = rows_of(source);
    if (rows == nullptr || source.count >= rows->size()) {
      return Seconds(std::numeric_limits<double>::infinity());
    }
    return (*rows)[source.count++].time;
  }
  std::size_t devices() const override {
    return columns_.by_device ? rows_.rbegin()->first + 1 : 0;
  }
  void check_devices(const std::vector<bool>& taken) const override {
    const Rows::value_type* wrong = nullptr;  // Of these, the first one in the file.
    for (const Rows::value_type& device : rows_) {
      const bool is_valid = device.first < taken.size() && taken[device.first];
      if (!is_valid && (wrong == nullptr || device.second.line < wrong->second.line)) {
        wrong = &device;
      }
    }
    if (!columns_.by_device || wrong == nullptr) {
      return;
    }
    throw InputError(
        {path_, wrong->second.line, wrong->second.column},
        wrong->first < taken.size()
            ? fmt::format("device: no class takes the requests of device {}", wrong->first)
            : fmt::format("device: {} is not in the scenario, whose last device is {}",
                          wrong->first, taken.size() - 1));
  }
  std::vector<std::string> classes() const override { return columns_.classes; }
  bool has_details() const override { return columns_.has_details; }
  RequestDetail detail(const ArrivalSource& source) const override {
    return (*rows_of(source))[source.count - 1].detail;
  }
  std::int64_t inputs() const override { return columns_.inputs; }
  void check_inputs(std::int64_t count) const override {
    if (columns_.wrong_input) {
      throw InputError(*columns_.wrong_input);
    }
    if (inputs() > count) {
      throw InputError(columns_.last_input,
                       fmt::format("input: {} is not in the data set, whose last input is {}",
                                   inputs() - 1, count - 1));
    }
  }

 private:
  const std::vector<Row>* rows_of(const ArrivalSource& source) const {
    const auto rows = rows_.find(columns_.by_device ? source.number : 0);
    return rows == rows_.end() ? nullptr : &rows->second.rows;
  }

  std::string path_;
  Rows rows_;
  Columns columns_;
};

/// The time from which the times of a file count.
class Origin {
 public:
  /// Reads the parameter: empty, "first", or a time. Throws std::invalid_argument.
  explicit Origin(const std::string& text)
      : kind_(text.empty()      ? Kind::automatic
              : text == "first" ? Kind::first
                                : Kind::given) {
    if (kind_ == Kind::given) {
      try {
        given_ = parse_quantity(text, Dimension::time);
      } catch (const std::invalid_argument& error) {
        throw std::invalid_argument(fmt::format("origin: {}, or 'first'", error.what()));
      }
    }
  }
  /// Returns the origin in the unit of the column, given the file's first time.
  double of(double first, const TimeColumn& column) const {
    const bool starts =
        kind_ == Kind::first || (kind_ == Kind::automatic && first / column.over > kLatest);
    return starts ? first : given_ * column.over;
  }

 private:
  enum class Kind { automatic, first, given };

  Kind kind_;
  double given_ = 0;
};

/// Reads the rows of one class, or all of them.
class TraceReader {
 public:
  TraceReader(const std::string& path, std::string origin, std::string request_class)
      : path_(path),
        table_(path, "a trace of requests",
               {.optional = {"device", "class", "input", "bytes"},
                .ignores_others = true,
                .any_of = time_columns()}),
        origin_(origin),
        class_(std::move(request_class)),
        time_(time_column()),
        by_class_(table_.has("class")) {
    columns_.by_device = table_.has("device");
    columns_.has_details = table_.has("input") || table_.has("bytes");
  }

  std::unique_ptr<Arrivals> read() {
    for (const CsvRow& row : table_.rows()) {
      if (table_.is_whole(row)) {
        read_row(row);
      }
    }
    table_.stop_on_diagnostics();
    if (rows_.empty()) {
      throw InputError({path_}, "has no requests" + of_class());
    }
    return std::make_unique<Trace>(path_, std::move(rows_), std::move(columns_));
  }

 private:
  static std::vector<std::string> time_columns() {
    std::vector<std::string> names;
    for (const TimeColumn& column : kTimeColumns) {
      names.emplace_back(column.name);
    }
    return names;
  }
  /// Returns the first column of times. REQUIRES: there is one.
  const TimeColumn& time_column() const {
    return *std::find_if(std::begin(kTimeColumns), std::end(kTimeColumns),
                         [this](const TimeColumn& column) { return table_.has(column.name); });
  }

  void read_row(const CsvRow& row) {
    if (!start_) {
      const auto first = table_.number(row, time_.name, 0, kLatestEpoch * time_.over);
      if (!first) {
        return;
      }
      start_ = origin_.of(*first, time_);
    }
    const auto time = table_.number(row, time_.name, *start_, *start_ + kLatest * time_.over);
    const auto device = columns_.by_device ? table_.whole_number(row, "device", 0, kMostDevices - 1)
                                           : std::optional<std::int64_t>(0);
    if (time && *time < last_) {
      table_.error(row, time_.name,
                   fmt::format("{}: {} is before the row above ({}); expected rows in order "
                               "of time",
                               time_.name, *time, last_));
    }
    const auto bytes = bytes_of(row);
    if (time && device && is_of_class(row)) {
      DeviceRows& of_device = rows_[static_cast<std::size_t>(*device)];
      if (columns_.by_device && of_device.rows.empty()) {
        const Place place = table_.place_of(row, "device");
        of_device.line = place.line;
        of_device.column = place.column;
      }
      of_device.rows.push_back(
          {Seconds((*time - *start_) / time_.over), {.input = input_of(row), .bytes = bytes}});
    }
    last_ = time.value_or(last_);
  }

  /// Reads the number of an input, which only matters if the math of the model runs on it. An empty
  /// field names none, and neither does the text of a log: check_inputs() reports the first such
  /// text.
  std::optional<std::int64_t> input_of(const CsvRow& row) {
    if (!table_.has("input") || table_.field(row, "input").empty()) {
      return std::nullopt;
    }
    const std::string& text = table_.field(row, "input");
    std::int64_t input = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), input);
    if (error == std::errc() && end == text.data() + text.size() && input >= 0 &&
        input < kMostInputs) {
      if (input >= columns_.inputs) {
        columns_.inputs = input + 1;
        columns_.last_input = table_.place_of(row, "input");
      }
      return input;
    }
    if (!columns_.wrong_input) {
      columns_.wrong_input.emplace(table_.place_of(row, "input"),
                                   fmt::format("input: expected the number of an input, counted "
                                               "from 0, got {}",
                                               in_quotes(text)));
    }
    return std::nullopt;
  }
  std::optional<Bytes> bytes_of(const CsvRow& row) {
    if (!table_.has("bytes") || table_.field(row, "bytes").empty()) {
      return std::nullopt;
    }
    const auto bytes = table_.whole_number(row, "bytes", 0, kMostBytes);
    return bytes ? std::optional(Bytes(static_cast<double>(*bytes))) : std::nullopt;
  }

  bool is_of_class(const CsvRow& row) {
    if (!by_class_) {
      return true;
    }
    const std::string& name = table_.field(row, "class");
    std::vector<std::string>& classes = columns_.classes;
    if (std::find(classes.begin(), classes.end(), name) == classes.end()) {
      classes.push_back(name);
    }
    return class_.empty() || name == class_;
  }
  /// The ending of a message: of which class there are no requests.
  std::string of_class() const {
    return columns_.classes.empty() ? ""
                                    : fmt::format(" of class {}{}", in_quotes(class_),
                                                  suggestion(class_, columns_.classes));
  }

  std::string path_;
  CsvTable table_;
  Origin origin_;
  std::string class_;
  const TimeColumn& time_;
  bool by_class_;
  std::optional<double> start_;  // The origin, in the unit of the column.
  double last_ = 0;
  Rows rows_;
  Trace::Columns columns_;
};

}  // namespace

void register_trace(Registry<ArrivalKind>& registry) {
  registry.add(
      {.name = "trace",
       .doc = "requests at the times that a file gives",
       .parameters =
           {{.name = "file",
             .is_text = true,
             .is_file = true,
             .doc =
                 "CSV file with a column of times (`time_s`), and maybe `device`, `class`, `input` "
                 "and `bytes`",
             .example = "arrivals.csv"},
            {.name = "origin",
             .is_text = true,
             .doc = "time in the file at which the run starts; `first`: that of the first row",
             .example = "first",
             .absent = "`0 s`, or `first` if that is beyond 1e9 s, as times since 1970 are"},
            {.name = "class",
             .is_text = true,
             .doc = "text in the column `class` of the rows to take",
             .example = "urgent",
             .absent = "the class's own name; without classes, all rows"}},
       .make =
           [](const Parameters& p) {
             return TraceReader(p.text("file"), p.text("origin"), p.text("class")).read();
           },
       .rate = [](const Parameters&) { return PerSecond(0); }});
}

}  // namespace offcut::workload
