// `csv` is offcut's own format: rows with a time and the bandwidths from then on, under a header
// (RFC 4180). Columns may have a unit in their name (`up_mbit_s`); the fields of others have units
// ("5.85 Mbit/s"). The last row holds as long as the one before it.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <stdexcept>

#include "models/base/csv_table.h"
#include "models/base/units.h"
#include "sim/network/rates/trace.h"

namespace offcut::network {
namespace {

/// A unit in the name of a column. Its values are SI after a multiplication.
struct Unit {
  const char* suffix;
  double factor;
};
constexpr std::array kBandwidths = {Unit{"", 0},
                                    Unit{"_bit_s", 1.0 / 8},
                                    Unit{"_kbit_s", 1e3 / 8},
                                    Unit{"_mbit_s", 1e6 / 8},
                                    Unit{"_gbit_s", 1e9 / 8},
                                    Unit{"_bytes_s", 1}};
constexpr std::array kLatencies = {Unit{"", 0}, Unit{"_s", 1}, Unit{"_ms", 1e-3}};

/// A column of a quantity, under one of its names.
struct Quantity {
  std::string name;
  Dimension dimension = Dimension::bandwidth;
  double factor = 0;  // 0: fields have units.
  double most = kMostBandwidth;
};

class CsvReader {
 public:
  explicit CsvReader(const std::string& path)
      : table_(path, "a trace of bandwidths",
               {.required = {"time_s"}, .optional = latencies(), .any_of = bandwidths()}) {}

  Trace read() {
    const auto up = column_of("up", kBandwidths, Dimension::bandwidth);
    const auto down = column_of("down", kBandwidths, Dimension::bandwidth);
    const auto latency = column_of("latency", kLatencies, Dimension::time);
    for (const CsvRow& row : table_.rows()) {
      if (table_.is_whole(row)) {
        read_time(row);
        add(row, up, trace_.up);
        add(row, down, trace_.down);
        add(row, latency, trace_.latency);
      }
    }
    if (table_.rows().empty()) {
      table_.error(table_.header(), "time_s", "expected rows after the names of the columns");
    }
    table_.stop_on_diagnostics();
    const std::vector<double>& from = trace_.from;
    trace_.end = from.back() + (from.size() > 1 ? from.back() - from[from.size() - 2] : 1);
    return std::move(trace_);
  }

 private:
  static std::vector<std::string> bandwidths() {
    std::vector<std::string> names;
    for (const char* name : {"up", "down"}) {
      for (const Unit& unit : kBandwidths) {
        names.push_back(fmt::format("{}{}", name, unit.suffix));
      }
    }
    return names;
  }
  static std::vector<std::string> latencies() {
    std::vector<std::string> names;
    for (const Unit& unit : kLatencies) {
      names.push_back(fmt::format("latency{}", unit.suffix));
    }
    return names;
  }

  /// Returns the column of a quantity, of which there is at most one.
  template <std::size_t Count>
  std::optional<Quantity> column_of(const std::string& name, const std::array<Unit, Count>& units,
                                    Dimension dimension) {
    std::optional<Quantity> column;
    for (const Unit& unit : units) {
      const std::string full = name + unit.suffix;
      if (!table_.has(full)) {
        continue;
      }
      if (column) {
        table_.error(table_.header(), full,
                     fmt::format("column {}: the file has {}, too", in_quotes(full),
                                 in_quotes(column->name)));
      }
      column = Quantity{full, dimension, unit.factor,
                        dimension == Dimension::time ? kMostLatency : kMostBandwidth};
    }
    return column;
  }

  void read_time(const CsvRow& row) {
    const auto time = table_.number(row, "time_s", 0, kLatestRow);
    if (!time) {
      return;
    }
    std::vector<double>& from = trace_.from;
    if (from.empty() && *time != 0) {
      table_.error(row, "time_s",
                   fmt::format("time_s: expected 0 in the first row, got {}: nothing says what "
                               "holds before",
                               *time));
    } else if (!from.empty() && *time <= from.back()) {
      table_.error(row, "time_s",
                   fmt::format("time_s: {} is not after the row above ({}); expected rows in order "
                               "of time",
                               *time, from.back()));
    }
    from.push_back(*time);
  }

  void add(const CsvRow& row, const std::optional<Quantity>& column, std::vector<double>& values) {
    if (!column) {
      return;
    }
    if (column->factor > 0) {
      const auto value = table_.number(row, column->name, 0, column->most / column->factor);
      values.push_back(value.value_or(0) * column->factor);
      return;
    }
    values.push_back(with_unit(row, *column));
  }

  double with_unit(const CsvRow& row, const Quantity& column) {
    try {
      const double value = parse_quantity(table_.field(row, column.name), column.dimension);
      if (value >= 0 && value <= column.most) {
        return value;
      }
      table_.error(row, column.name,
                   fmt::format("{}: must be between 0 and {}, got {}", column.name,
                               to_text(column.most, column.dimension),
                               in_quotes(table_.field(row, column.name))));
    } catch (const std::invalid_argument& error) {
      table_.error(row, column.name, fmt::format("{}: {}", column.name, error.what()));
    }
    return 0;
  }

  CsvTable table_;
  Trace trace_;
};

/// A header has letters.
bool is_header(std::string_view line) {
  return line.find_first_of("[{") == std::string_view::npos &&
         std::any_of(line.begin(), line.end(),
                     [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); });
}

}  // namespace

void register_csv(Registry<TraceFormat>& registry) {
  registry.add({.name = "csv",
                .doc = "columns time_s, up, down and latency; a row holds from its time on",
                .fits = is_header,
                .read = [](const std::string& path) { return CsvReader(path).read(); }});
}

}  // namespace offcut::network
