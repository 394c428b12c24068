#include "sim/scenario/sections/output_section.h"

namespace offcut::scenario {
namespace {

constexpr KeySpec kSeries[] = {
    {.name = "interval",
     .kind = ValueKind::number,
     .dimension = Dimension::time,
     .bounds = {1e-6, kMostSeconds},
     .doc = "The time from one sample to the next.",
     .example = "series: {interval: 1 s}"},
};
constexpr KeyTable kSeriesKeys{.doc = "The samples of a run over time.", .keys = kSeries};

constexpr KeySpec kOutput[] = {
    {.name = "requests",
     .kind = ValueKind::choice,
     .choices = "true, false, all",
     .noun = "list of requests",
     .fallback = "true",
     .doc = "Writes `requests.csv`, a row per request of the chosen plan, or with `all` of every "
            "compared plan, with a last column `algorithm`.",
     .example = "requests: all"},
    {.name = "series",
     .below = &kSeriesKeys,
     .absent = "no series",
     .doc = "Writes `series.csv`: queue lengths, rates, power draws and batteries of the chosen "
            "plan's run over time.",
     .example = "series: {interval: 1 s}"},
    {.name = "timeline",
     .kind = ValueKind::flag,
     .fallback = "false",
     .doc = "Writes `timeline.json`, a trace of the chosen plan's run for Perfetto: what each device, "
            "link and server does when.",
     .example = "timeline: true"},
};

}  // namespace

constinit const KeyTable kOutputKeys{.doc = "The files of results.", .keys = kOutput};

void read_output_section(MapReader& top, ReadSoFar& so_far) {
  MapReader output = top.map("output");
  const auto requests = output.choice("requests");
  so_far.scenario.write_requests = requests == "all"     ? WrittenRequests::all
                                   : requests == "false" ? WrittenRequests::none
                                                         : WrittenRequests::chosen;
  if (output.raw("series") != nullptr) {
    MapReader series = output.map("series");
    so_far.scenario.series_interval = series.quantity<Seconds>("interval");
    series.done();
  }
  so_far.scenario.write_timeline = output.flag("timeline");
  output.done();
}

}  // namespace offcut::scenario
