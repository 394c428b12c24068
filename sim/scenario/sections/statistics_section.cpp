// Reads the warm-up and the confidence of intervals. A warm-up is the name of a method or a time.

#include "sim/scenario/sections/statistics_section.h"

#include <fmt/format.h>

#include "models/base/error.h"

namespace offcut::scenario {
namespace {

constexpr KeySpec kStatistics[] = {
    {.name = "warm-up",
     .kind = ValueKind::text,
     .fallback = "log-mser-5",
     .doc = "The requests at the start that intervals leave out. `mser-5` finds them by the rule "
            "MSER-5, `log-mser-5` by the same rule on the logarithms of latencies, which does not "
            "mistake a busy time for a warm-up (docs/statistics.md). `none` keeps all; a time "
            "leaves out those that arrive before it.",
     .example = "warm-up: 30 s"},
    {.name = "confidence",
     .kind = ValueKind::number,
     .bounds = {0.5, 0.9999},
     .fallback = "95 %",
     .doc = "The probability with which an interval covers the figure of an endless run.",
     .example = "confidence: 99 %"},
};

}  // namespace

constinit const KeyTable kStatisticsKeys{
    .doc = "The confidence intervals of the figures of a run (docs/statistics.md).",
    .keys = kStatistics};

void read_statistics_section(MapReader& top, ReadSoFar& so_far) {
  MapReader statistics = top.map("statistics");
  StatisticsChoice& choice = so_far.scenario.statistics;
  const std::string warm_up = statistics.text("warm-up");
  using WarmUp = StatisticsChoice::WarmUp;
  if (warm_up == "mser-5") {
    choice.warm_up = WarmUp::mser5;
  } else if (warm_up != "log-mser-5") {
    choice.warm_up = WarmUp::given;
    try {
      choice.warm_up_time =
          Seconds(warm_up == "none" ? 0 : parse_quantity(warm_up, Dimension::time));
    } catch (const std::exception&) {
      statistics.error("warm-up",
                       fmt::format("{} is no warm-up: expected 'log-mser-5', 'mser-5', 'none', or "
                                   "a time such as 30 s",
                                   in_quotes(warm_up)));
    }
    if (choice.warm_up_time < Seconds(0) || choice.warm_up_time > Seconds(kMostSeconds)) {
      statistics.error("warm-up", "must be at least 0 s");
    }
  }
  choice.confidence = statistics.number("confidence");
  statistics.done();
}

}  // namespace offcut::scenario
