// The columns of events.csv, and the log that creates the file with its first row.

#include "analysis/tables/event_log.h"

#include <array>
#include <optional>

namespace offcut::analysis {

const char* event_name(engine::RunEvent::Kind kind) {
  switch (kind) {
    case engine::RunEvent::Kind::machine_down:
      return "machine down";
    case engine::RunEvent::Kind::machine_up:
      return "machine up";
    case engine::RunEvent::Kind::link_down:
      return "link down";
    case engine::RunEvent::Kind::link_up:
      return "link up";
    case engine::RunEvent::Kind::model_loading:
      return "model loading";
    case engine::RunEvent::Kind::model_evicted:
      return "model evicted";
    case engine::RunEvent::Kind::battery_low:
      return "battery low";
    case engine::RunEvent::Kind::battery_empty:
      return "battery empty";
    case engine::RunEvent::Kind::machine_starting:
      return "machine starting";
    case engine::RunEvent::Kind::machine_ready:
      return "machine ready";
    case engine::RunEvent::Kind::machine_stopping:
      return "machine stopping";
    case engine::RunEvent::Kind::machine_stopped:
      return "machine stopped";
    case engine::RunEvent::Kind::cold_start:
      return "cold start";
    case engine::RunEvent::Kind::handover_begins:
      return "handover begins";
    case engine::RunEvent::Kind::handover_ends:
      return "handover ends";
    case engine::RunEvent::Kind::model_pushed:
      return "model pushed";
    case engine::RunEvent::Kind::model_updated:
      return "model updated";
    case engine::RunEvent::Kind::data_uploaded:
      return "data uploaded";
  }
  return "";
}

namespace {

bool is_of_link(const engine::RunEvent& event) {
  return event.kind == engine::RunEvent::Kind::link_down ||
         event.kind == engine::RunEvent::Kind::link_up;
}

std::optional<std::string_view> class_name(const EventRow& row) {
  const engine::RunEvent::Kind kind = row.event.kind;
  const bool is_of_tasks = row.event.request_class >= row.simulation.classes.size();
  if (is_of_tasks) {
    return "tasks";
  }
  return kind == engine::RunEvent::Kind::model_loading ||
                 kind == engine::RunEvent::Kind::model_evicted ||
                 kind == engine::RunEvent::Kind::model_pushed ||
                 kind == engine::RunEvent::Kind::model_updated
             ? std::optional<std::string_view>(row.simulation.classes[row.event.request_class].name)
             : std::nullopt;
}

bool is_handover(const engine::RunEvent& event) {
  return event.kind == engine::RunEvent::Kind::handover_begins ||
         event.kind == engine::RunEvent::Kind::handover_ends;
}

/// The number of columns that are only there if devices move.
constexpr std::size_t kColumnsOfHandovers = 2;

constexpr auto kEventColumns = std::to_array<Column<EventRow>>({
    {"time_s", "s", "The time of the event.", [](const EventRow& row) { return row.event.time; }},
    {"event", "",
     "`machine down`, `machine up`, `link down`, `link up`, `model loading` (when it begins), "
     "`model evicted`, `battery low` (low-power mode begins) or `battery empty`. Of an autoscaler: "
     "`machine starting`, `machine ready` (it serves), `machine stopping` (it takes no further "
     "requests), `machine stopped` (it is gone). `cold start` of a machine (when it begins). "
     "`handover begins` and `handover ends` of a device. Of `updates`: `model pushed` (a version "
     "leaves the last tier), `model updated` (a device or a site serves the next version), `data "
     "uploaded` (it is on the last tier).",
     [](const EventRow& row) { return event_name(row.event.kind); }},
    {"where", "", "The tier or hop of the event.",
     [](const EventRow& row) {
       return std::string_view(is_of_link(row.event) ? row.simulation.hops[row.event.where].name
                                                     : row.simulation.tiers[row.event.where].name);
     }},
    {"which", "",
     "The number of the machine or link there, from 0; of `updates`, that of the device or site.",
     [](const EventRow& row) { return row.event.which; }},
    {"class", "", "The first class that runs the model. Empty for an event of a machine or link.",
     [](const EventRow& row) { return class_name(row); }},
    {"from", "", "The site that the device leaves. Only if devices move; empty for other events.",
     [](const EventRow& row) {
       return is_handover(row.event) ? std::optional(row.event.from) : std::nullopt;
     }},
    {"to", "", "The site to which the device moves. Only if devices move; empty for other events.",
     [](const EventRow& row) {
       return is_handover(row.event) ? std::optional(row.event.to) : std::nullopt;
     }},
});

constexpr ColumnTable<EventRow> kEventTable{
    "events.csv",
    "A row per failure, repair, loading or eviction of a model, cold start, start or end of a "
    "machine by an autoscaler, battery that is low or empty, start or end of a handover, and "
    "message of `updates` that arrives, in the run of the chosen plan. "
    "There is no file without such an event.",
    kEventColumns,
    "`analysis/tables/event_log.cpp`. Failures and repairs come from "
    "`sim/engine/core/fault_clock.cpp`, loads, evictions and cold starts from "
    "`sim/engine/tiers/computing.cpp`, starts and ends of machines from "
    "`sim/engine/tiers/machines.cpp`, those of batteries from "
    "`sim/engine/energy/batteries.cpp`, handovers from `sim/engine/mobility/handovers.cpp`."};

}  // namespace

const ColumnTable<EventRow>& event_table() { return kEventTable; }

void EventLog::add(const engine::RunEvent& event) {
  if (path_.empty()) {
    return;
  }
  if (!file_) {
    const std::size_t unused = simulation_.mobility ? 0 : kColumnsOfHandovers;
    file_ = std::make_unique<TableWriter<EventRow>>(
        path_, kEventTable.columns.first(kEventTable.columns.size() - unused));
  }
  file_->add({simulation_, event});
}

void EventLog::close() {
  if (file_) {
    file_->close();
  }
}

}  // namespace offcut::analysis
