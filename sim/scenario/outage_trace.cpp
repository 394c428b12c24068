#include "sim/scenario/outage_trace.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <optional>

#include "models/base/error.h"
#include "models/graph/csv_rows.h"

namespace offcut {
namespace {

const std::vector<std::string> kColumns = {"time_s", "which", "state"};
constexpr double kMostTime = 1e9;

template <class T>
std::optional<T> parse(const std::string& text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(value)
                                                                  : std::nullopt;
}

/// Takes the rows in their order, and gathers what is wrong.
class TraceReader {
 public:
  TraceReader(const std::string& path, const std::string& thing, std::size_t count)
      : path_(path), thing_(thing), count_(count) {}

  void header(const CsvRow& row) {
    for (std::size_t i = 0; i < row.fields.size(); ++i) {
      if (std::find(kColumns.begin(), kColumns.end(), row.fields[i]) == kColumns.end()) {
        mistake(row, fmt::format("unknown column {}{}", in_quotes(row.fields[i]),
                                 suggestion(row.fields[i], kColumns)));
      } else if (!column_.emplace(row.fields[i], i).second) {
        mistake(row, fmt::format("column '{}' stands twice", row.fields[i]));
      }
    }
    for (const std::string& name : kColumns) {
      if (!column_.contains(name) && mistakes_.empty()) {
        mistake(row, fmt::format("column '{}' is missing", name));
      }
    }
    stop_on_mistakes();
  }

  void add(const CsvRow& row) {
    if (row.fields.size() != column_.size()) {
      mistake(row, fmt::format("{} fields, expected {}", row.fields.size(), column_.size()));
      return;
    }
    const std::optional<Seconds> time = time_of(row);
    const std::optional<std::size_t> which = which_of(row);
    const std::optional<bool> goes_down = goes_down_of(row);
    if (time && which && goes_down) {
      change(row, *which, *time, *goes_down);
    }
  }

  std::vector<Outage> finish() {
    stop_on_mistakes();
    for (const auto& [which, down] : down_) {
      mistake(down.row, fmt::format("{} {} does not come up again", thing_, which));
    }
    stop_on_mistakes();
    return std::move(outages_);
  }

 private:
  /// What is down now.
  struct Down {
    std::size_t outage = 0;
    CsvRow row;  // that says so
  };

  void mistake(const CsvRow& row, std::string message) {
    mistakes_.push_back({{path_, row.line, 1}, std::move(message)});
  }

  void stop_on_mistakes() {
    if (!mistakes_.empty()) {
      throw InputError(std::move(mistakes_));
    }
  }

  const std::string& field(const CsvRow& row, const std::string& column) const {
    return row.fields[column_.at(column)];
  }

  std::optional<Seconds> time_of(const CsvRow& row) {
    const std::string& text = field(row, "time_s");
    const auto time = parse<double>(text);
    if (!time || !(*time >= 0 && *time <= kMostTime)) {
      mistake(row, fmt::format("time_s: expected a number between 0 and {:.0g}, got {}", kMostTime,
                               in_quotes(text)));
      return std::nullopt;
    }
    if (Seconds(*time) < last_) {
      mistake(row, fmt::format("time_s: {} is before the row above", text));
      return std::nullopt;
    }
    last_ = Seconds(*time);
    return last_;
  }

  std::optional<std::size_t> which_of(const CsvRow& row) {
    const std::string& text = field(row, "which");
    const auto which = parse<std::size_t>(text);
    if (!which || *which >= count_) {
      mistake(row, fmt::format("which: expected a {} between 0 and {}, got {}", thing_, count_ - 1,
                               in_quotes(text)));
      return std::nullopt;
    }
    return which;
  }

  std::optional<bool> goes_down_of(const CsvRow& row) {
    const std::string& state = field(row, "state");
    if (state != "up" && state != "down") {
      mistake(row, fmt::format("state: expected up or down, got {}", in_quotes(state)));
      return std::nullopt;
    }
    return state == "down";
  }

  void change(const CsvRow& row, std::size_t which, Seconds time, bool goes_down) {
    const auto down = down_.find(which);
    if (goes_down != (down == down_.end())) {
      mistake(row,
              fmt::format("state: {} {} is {} already", thing_, which, goes_down ? "down" : "up"));
    } else if (goes_down) {
      down_[which] = {outages_.size(), row};
      outages_.push_back({which, time, time});
    } else {
      Outage& outage = outages_[down->second.outage];
      if (time == outage.from) {
        mistake(row, fmt::format("state: {} {} was down for no time", thing_, which));
      }
      outage.until = time;
      down_.erase(down);
    }
  }

  std::string path_;
  std::string thing_;
  std::size_t count_;
  std::map<std::string, std::size_t> column_;
  std::map<std::size_t, Down> down_;
  Seconds last_;
  std::vector<Outage> outages_;
  std::vector<Mistake> mistakes_;
};

}  // namespace

std::vector<Outage> read_outage_trace(const std::string& path, const std::string& thing,
                                      std::size_t count) {
  const std::vector<CsvRow> rows = read_csv(path, "a trace of outages");
  TraceReader reader(path, thing, count);
  reader.header(rows.front());
  for (std::size_t i = 1; i < rows.size(); ++i) {
    reader.add(rows[i]);
  }
  return reader.finish();
}

}  // namespace offcut
