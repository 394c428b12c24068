// Reads traces of outages row by row. A machine or link must go down before it comes up; one
// that is down at the end of the file stays down. The errors of all rows are collected.

#include "sim/scenario/sections/outage_trace.h"

#include <fmt/format.h>

#include <map>
#include <optional>

#include "models/base/csv_table.h"
#include "sim/engine/simulation.h"

namespace offcut::scenario {
namespace {

constexpr double kLatest = 1e9;

/// Reads the rows in their order, and collects the errors.
class TraceReader {
 public:
  TraceReader(const std::string& path, const std::string& component, std::size_t count)
      : table_(path, "a trace of outages", {.required = {"time_s", "which", "state"}}),
        component_(component),
        count_(count) {}

  std::vector<network::Outage> read() {
    for (const CsvRow& row : table_.rows()) {
      if (table_.is_whole(row)) {
        add(row);
      }
    }
    table_.stop_on_diagnostics();
    return std::move(outages_);
  }

 private:
  void add(const CsvRow& row) {
    const std::optional<Seconds> time = time_of(row);
    const std::optional<std::size_t> index = index_of(row);
    const std::optional<bool> goes_down = goes_down_of(row);
    if (time && index && goes_down) {
      change(row, *index, *time, *goes_down);
    }
  }

  std::optional<Seconds> time_of(const CsvRow& row) {
    const auto time = table_.number(row, "time_s", 0, kLatest);
    if (!time) {
      return std::nullopt;
    }
    if (Seconds(*time) < last_) {
      table_.error(row, "time_s", fmt::format("time_s: {} is before the row above", *time));
      return std::nullopt;
    }
    last_ = Seconds(*time);
    return last_;
  }

  std::optional<std::size_t> index_of(const CsvRow& row) {
    const auto index = table_.whole_number(row, "which", 0, static_cast<std::int64_t>(count_) - 1,
                                           "a " + component_);
    return index ? std::optional(static_cast<std::size_t>(*index)) : std::nullopt;
  }

  std::optional<bool> goes_down_of(const CsvRow& row) {
    const std::string& state = table_.field(row, "state");
    if (state != "up" && state != "down") {
      table_.error(row, "state",
                   fmt::format("state: expected up or down, got {}", in_quotes(state)));
      return std::nullopt;
    }
    return state == "down";
  }

  void change(const CsvRow& row, std::size_t index, Seconds time, bool goes_down) {
    const auto down = down_.find(index);
    if (goes_down != (down == down_.end())) {
      table_.error(
          row, "state",
          fmt::format("state: {} {} is {} already", component_, index, goes_down ? "down" : "up"));
    } else if (goes_down) {
      down_[index] = outages_.size();
      outages_.push_back({index, time, engine::kNever});
    } else {
      network::Outage& outage = outages_[down->second];
      if (time == outage.from) {
        table_.error(row, "state",
                     fmt::format("state: {} {} was down for no time", component_, index));
      }
      outage.until = time;
      down_.erase(down);
    }
  }

  CsvTable table_;
  std::string component_;
  std::size_t count_;
  std::map<std::size_t, std::size_t> down_;  // The outages that have not ended, by component.
  Seconds last_;
  std::vector<network::Outage> outages_;
};

}  // namespace

std::vector<network::Outage> read_outage_trace(const std::string& path,
                                               const std::string& component, std::size_t count) {
  return TraceReader(path, component, count).read();
}

}  // namespace offcut::scenario
