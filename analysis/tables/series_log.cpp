// The columns of series.csv.

#include "analysis/tables/series_log.h"

#include <array>

namespace offcut::analysis {
namespace {

std::string_view place_of(const SeriesRow& row) {
  switch (row.sample.part) {
    case engine::SampleRow::Part::all:
      return "all";
    case engine::SampleRow::Part::tier:
      return row.simulation.tiers[row.sample.number].name;
    case engine::SampleRow::Part::hop:
      return row.simulation.hops[row.sample.number].name;
  }
  return "";
}

constexpr auto kSeriesColumns = std::to_array<Column<SeriesRow>>({
    {"time_s", "s",
     "The time: a multiple of the interval, or the end of the run, whose last interval is shorter.",
     [](const SeriesRow& row) { return row.sample.time; }},
    {"where", "", "The tier or hop, or `all` for the requests of the whole system.",
     [](const SeriesRow& row) { return place_of(row); }},
    {"present", "",
     "On a tier, the requests that wait or are computed at this time; on a hop, the messages that "
     "wait or are under way; of all, the requests in flight.",
     [](const SeriesRow& row) { return row.sample.present; }},
    {"waiting", "", "The part of them that waits. Only of tiers.",
     [](const SeriesRow& row) { return row.sample.waiting; }},
    {"busy_cores", "", "The cores that are busy at this time. Only of tiers.",
     [](const SeriesRow& row) { return row.sample.busy; }},
    {"arrived_per_s", "1/s",
     "The rate, since the time before, of requests that reached the tier, of messages that were to "
     "be sent over the hop, each attempt counted, or of all requests that arrived.",
     [](const SeriesRow& row) { return row.sample.arrived; }},
    {"served_per_s", "1/s",
     "The rate, since the time before, of requests that were computed, of messages that were "
     "carried, or of all requests that were answered.",
     [](const SeriesRow& row) { return row.sample.served; }},
    {"power_w", "W",
     "The mean power draw of the machines since the time before, with the PUE; of devices, with "
     "their radios, as far as their power draw is known, and with the bytes of a message when it "
     "ends. Only of tiers with a known power draw.",
     [](const SeriesRow& row) { return row.sample.power; }},
    {"battery", "",
     "The share of their batteries' capacity that is left, averaged over devices. Only of devices "
     "with batteries.",
     [](const SeriesRow& row) { return row.sample.battery; }},
    {"machines", "",
     "The machines that exist at this time, those that start or finish included. Only of tiers "
     "with an autoscaler.",
     [](const SeriesRow& row) { return row.sample.machines; }},
    {"up_bandwidth_bytes_per_s", "bytes/s",
     "The mean bandwidth away from the devices since the time before, of each of the hop's own "
     "links, that carries messages. Only of hops where it changes over time.",
     [](const SeriesRow& row) { return row.sample.rate_up; }},
    {"down_bandwidth_bytes_per_s", "bytes/s", "The same towards the devices.",
     [](const SeriesRow& row) { return row.sample.rate_down; }},
});

constexpr ColumnTable<SeriesRow> kSeriesTable{
    "series.csv",
    "A row per time, tier and hop, and one for all, of the run of the chosen plan. Only with "
    "`output: {series: {interval: 1 s}}`.",
    kSeriesColumns, "`analysis/tables/series_log.cpp`, from `sim/engine/series.cpp`."};

}  // namespace

const ColumnTable<SeriesRow>& series_table() { return kSeriesTable; }

}  // namespace offcut::analysis
