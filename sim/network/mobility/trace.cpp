// `trace` moves devices as a CSV file (RFC 4180) says, with the columns `time_s`, `device` and
// `site`, in the order of time. The errors of all rows are collected.

#include <fmt/format.h>

#include "models/base/csv_table.h"
#include "sim/network/listed_moves.h"

namespace offcut::network {
namespace {

constexpr double kLatestMove = 1e9;  // Later times have no exact steps of 0.1 us as doubles.
constexpr std::int64_t kMostOfTrace = 10'000'000;

/// Adds the row's move, or its errors to the table.
void add_row(const CsvRow& row, const std::vector<MovingGroup>& groups, Seconds& last,
             CsvTable& table, ListedMoves& movement) {
  const auto time = table.number(row, "time_s", 0, kLatestMove);
  const auto device = table.whole_number(row, "device", 0, kMostOfTrace - 1);
  const auto place = table.whole_number(row, "site", 0, kMostOfTrace - 1);
  if (time && Seconds(*time) < last) {
    table.error(row, "time_s",
                fmt::format("time_s: {} is before the row above ({}); expected rows in order of "
                            "time",
                            *time, last.si()));
  }
  if (!time || !device || !place) {
    return;
  }
  last = std::max(last, Seconds(*time));
  const auto number = static_cast<std::size_t>(*device);
  if (const std::string reason = reason_no_device(groups, number); !reason.empty()) {
    table.error(row, "device", "device: " + reason);
  } else if (const std::string wrong =
                 reason_no_place(groups, number, static_cast<std::size_t>(*place));
             !wrong.empty()) {
    table.error(row, "site", wrong);
  } else {
    movement.add(number, {Seconds(*time), static_cast<std::size_t>(*place)});
  }
}

std::unique_ptr<Movement> make_trace(const MobilityInput& input) {
  const std::string& path = input.parameters.text("file");
  CsvTable table(path, "a trace of moves", {.required = {"time_s", "device", "site"}});
  auto movement = std::make_unique<ListedMoves>();
  Seconds last;
  for (const CsvRow& row : table.rows()) {
    if (table.is_whole(row)) {
      add_row(row, input.groups, last, table, *movement);
    }
  }
  table.stop_on_diagnostics();
  if (table.rows().empty()) {
    throw InputError({path}, "has no moves");
  }
  return movement;
}

}  // namespace

void register_trace(Registry<MobilityKind>& registry) {
  registry.add(
      {.name = "trace",
       .doc = "moves at the times that a file gives",
       .parameters = {{.name = "file",
                       .is_text = true,
                       .is_file = true,
                       .doc = "CSV file with the columns `time_s`, `device` and `site`, in "
                              "the order of time",
                       .example = "moves.csv"}},
       .make = make_trace});
}

}  // namespace offcut::network
