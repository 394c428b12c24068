#include "sim/cli/recommend_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "models/base/readable.h"
#include "sim/cli/figure_text.h"
#include "sim/cli/terminal.h"
#include "sim/cli/text_table.h"
#include "sim/study/answers/system_figures.h"

namespace offcut::cli {
namespace {

using study::Contender;
using study::Promise;
using study::RaceEnd;

constexpr std::size_t kMostRankedRows = 12;  // Of the table; the file has all.
constexpr std::size_t kConfigurationWidth = 28;
constexpr std::size_t kMostNamed = 5;

/// Returns the parts of a configuration: "tiers.edge.count = 3", "plan: after pool2".
std::vector<std::string> parts_of(const RecommendResult& result, std::size_t configuration,
                                  const char* equals) {
  const study::ForecastQuestion& asked = result.question.forecast;
  const std::vector<std::string> names = asked.sweep.parameters();
  const std::vector<std::string> values =
      asked.sweep.values_at(result.predicted.configurations[configuration].point);
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < names.size(); ++i) {
    parts.push_back(fmt::format("{}{}{}", names[i], equals, values[i]));
  }
  if (asked.plans) {
    parts.push_back(fmt::format("plan: {}", result.predicted.plan_of(configuration).text));
  }
  if (asked.policies) {
    parts.push_back(result.predicted.policies_of(configuration).text);
  }
  return parts;
}

/// Returns a text in lines of at most so many characters, as far as its words allow.
std::vector<std::string> cell_lines(const std::string& text, std::size_t width) {
  std::vector<std::string> lines;
  const std::string all = wrapped(text, width, 0);
  for (std::size_t begin = 0; begin <= all.size();) {
    const std::size_t end = std::min(all.find('\n', begin), all.size());
    lines.push_back(all.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

/// Returns the figure of a condition that the interval of the contender's mean, or its mean alone,
/// does not keep, as "money 12.3"; empty if there is none.
std::string open_condition(const RecommendResult& result, const Contender& contender,
                           bool by_mean) {
  const auto& conditions = result.question.forecast.conditions;
  for (std::size_t i = 0; i < conditions.size(); ++i) {
    const auto& interval = contender.figures[i];
    const bool is_kept =
        !interval || (by_mean ? conditions[i].holds(interval->estimate)
                              : study::holds_within(conditions[i], *interval) == study::Holds::yes);
    if (!is_kept) {
      return fmt::format("{} {}", conditions[i].figure,
                         figure_text(conditions[i].figure, interval->estimate));
    }
  }
  return "";
}

/// Returns why a contender left, for the table.
std::string end_text(const RecommendResult& result, const Contender& contender) {
  switch (contender.end) {
    case RaceEnd::won:
      return "chosen";
    case RaceEnd::without_value:
      return result.failures[contender.candidate];
    case RaceEnd::breaks_condition:
      return fmt::format("breaks {}", open_condition(result, contender, true));
    case RaceEnd::unclear:
      return fmt::format("unclear: {}", open_condition(result, contender, false));
    case RaceEnd::outpaced: {
      const std::string broken = open_condition(result, contender, true);
      return broken.empty() ? fmt::format("outpaced at {}", counted(contender.values.size(), "run"))
                            : fmt::format("outpaced: {}", broken);
    }
    case RaceEnd::tied:
      return "tied";
    case RaceEnd::worse:
      break;
  }
  if (!contender.from_winner) {
    return "worse";
  }
  const double of = std::abs(result.goal_of(result.race.ranking.front()).estimate);
  const analysis::Interval& lag = contender.from_winner->difference;
  return of == 0 ? "worse"
                 : fmt::format("worse: {} +- {} %", significant(lag.estimate / of * 100, 2),
                               significant(lag.half_width() / of * 100, 2));
}

std::string table_of(const RecommendResult& result) {
  TextTable table({"configuration", ">predicted", ">simulated", "race"});
  const std::string& goal = result.question.forecast.goal;
  for (std::size_t i = 0; i < std::min(kMostRankedRows, result.race.ranking.size()); ++i) {
    const Contender& contender = result.race.ranking[i];
    const std::size_t configuration = result.configuration_of(contender);
    const auto& predicted = result.predicted.forecast_of(configuration).goal;
    std::vector<std::string> lines;
    for (const std::string& part : parts_of(result, configuration, "=")) {
      const bool is_long =
          lines.empty() || lines.back().size() + 2 + part.size() > kConfigurationWidth;
      if (!is_long) {
        lines.back() += fmt::format(", {}", part);
        continue;
      }
      for (std::string& line : cell_lines(part, kConfigurationWidth)) {
        lines.push_back(std::move(line));
      }
    }
    const std::vector<std::string> end = cell_lines(end_text(result, contender), 22);
    for (std::size_t line = 0; line < std::max(lines.size(), end.size()); ++line) {
      table.add({line < lines.size() ? lines[line] : "",
                 line > 0    ? ""
                 : predicted ? figure_text(goal, *predicted)
                             : "-",
                 line > 0                   ? ""
                 : contender.values.empty() ? "-"
                                            : interval_text(goal, result.goal_of(contender)),
                 line < end.size() ? end[line] : ""});
    }
  }
  std::string text = table.text();
  if (result.race.ranking.size() > kMostRankedRows) {
    text += fmt::format("... and {} more\n", result.race.ranking.size() - kMostRankedRows);
  }
  return text;
}

std::string answer_text(const RecommendResult& result, const RecommendArguments& arguments) {
  const study::ForecastQuestion& asked = result.question.forecast;
  if (!result.race.has_winner()) {
    return fmt::format("no configuration of those that were simulated is certain to {}\n",
                       arguments.within.empty()
                           ? "be stable"
                           : fmt::format("keep {}", fmt::join(arguments.within, " and ")));
  }
  const Contender& winner = result.race.ranking.front();
  std::string text =
      fmt::format("{}: the {} {}, {}", configuration_text(result, result.configuration_of(winner)),
                  result.question.less_is_better ? "lowest" : "highest", asked.goal,
                  interval_text(asked.goal, result.goal_of(winner)));
  for (std::size_t i = 0; i < asked.conditions.size(); ++i) {
    text +=
        fmt::format("{} {} holds ({})", i == 0 ? ", for which" : " and", asked.conditions[i].text,
                    interval_text(asked.conditions[i].figure, *winner.figures[i]));
  }
  const auto tied = std::count_if(result.race.ranking.begin(), result.race.ranking.end(),
                                  [](const Contender& one) { return one.end == RaceEnd::tied; });
  text += "\n";
  return tied == 0 ? text
                   : fmt::format("{}{} cannot be told from it with {} confidence\n", text,
                                 counted(tied, "other"), percent(result.question.confidence, 4));
}

/// Returns the numbers of configurations and runs.
std::string counts_text(const RecommendResult& result) {
  const study::Predicted& predicted = result.predicted;
  std::map<Promise, std::size_t> counts;
  for (const Promise promise : predicted.ranking.promises) {
    ++counts[promise];
  }
  std::vector<std::string> parts;
  const auto add = [&](Promise promise, const char* text) {
    if (counts[promise] > 0) {
      parts.push_back(fmt::format("{} {}", counts[promise], text));
    }
  };
  add(Promise::overloaded, "overloaded");
  add(Promise::breaks, "beyond a condition");
  add(Promise::equal, "equal to others");
  add(Promise::unpredicted, "not predicted");
  const std::size_t configurations = predicted.entries.size();
  const double all = static_cast<double>(configurations * result.question.rounds.most);
  return fmt::format("{}{}{}\nsimulated {} of them in {}: {} of all with {}\n",
                     counted(configurations, "configuration"),
                     parts.empty() ? "" : ", by prediction ", fmt::join(parts, ", "),
                     predicted.field.entrants.size(), counted(result.race.runs, "run"),
                     percent(static_cast<double>(result.race.runs) / all, 2),
                     counted(result.question.rounds.most, "replication"));
}

/// Returns the figures of which no configuration has a prediction.
std::vector<std::string> unpredicted_figures(const RecommendResult& result) {
  const study::ForecastQuestion& asked = result.question.forecast;
  const auto& entries = result.predicted.entries;
  std::vector<std::string> names;
  const auto add_unless = [&](const std::string& figure, auto has_value) {
    if (std::none_of(entries.begin(), entries.end(), has_value) &&
        std::find(names.begin(), names.end(), figure) == names.end()) {
      names.push_back(figure);
    }
  };
  add_unless(asked.goal, [](const auto& entry) { return entry.forecast.goal.has_value(); });
  for (std::size_t i = 0; i < asked.conditions.size(); ++i) {
    add_unless(asked.conditions[i].figure,
               [i](const auto& entry) { return entry.forecast.figures[i].has_value(); });
  }
  return names;
}

/// Returns what a reader must know of the prediction.
std::string notes_text(const RecommendResult& result) {
  std::string text;
  std::string unpredicted;
  std::vector<std::string> invalid;
  bool has_all_policies = true;
  const study::Sweep& sweep = result.question.forecast.sweep;
  for (std::size_t i = 0; i < result.predicted.points.size(); ++i) {
    const study::PointForecasts& point = result.predicted.points[i];
    unpredicted = unpredicted.empty() ? point.unpredicted : unpredicted;
    has_all_policies &= point.has_all_policies;
    if (!point.invalid.empty()) {
      invalid.push_back(fmt::format("{}", fmt::join(sweep.values_at(i), ", ")));
    }
  }
  if (!unpredicted.empty()) {
    text += fmt::format("nothing is predicted: {}\n", unpredicted);
  } else if (const auto names = unpredicted_figures(result); !names.empty()) {
    text += fmt::format("not predicted, only simulated: {}\n", fmt::join(names, ", "));
  }
  if (!has_all_policies) {
    text += "policies were changed few at a time: all combinations are too many\n";
  }
  if (!invalid.empty()) {
    const std::size_t named = std::min(kMostNamed, invalid.size());
    text += fmt::format(
        "not valid in this scenario: {}{}\n",
        fmt::join(invalid.begin(), invalid.begin() + std::ptrdiff_t(named), "; "),
        named < invalid.size() ? fmt::format("; ... and {} more", invalid.size() - named) : "");
  }
  return text;
}

}  // namespace

analysis::Interval RecommendResult::goal_of(const Contender& contender) const {
  analysis::Interval interval = contender.interval.value_or(analysis::Interval{
      .estimate = contender.mean, .low = contender.mean, .high = contender.mean});
  if (!question.less_is_better) {
    interval.estimate = -interval.estimate;
    std::swap(interval.low, interval.high);
    interval.low = -interval.low;
    interval.high = -interval.high;
  }
  return interval;
}

std::string configuration_text(const RecommendResult& result, std::size_t configuration) {
  return fmt::format("{}", fmt::join(parts_of(result, configuration, " = "), ", "));
}

std::string end_word(const Contender& contender) {
  switch (contender.end) {
    case RaceEnd::won:
      return "chosen";
    case RaceEnd::tied:
      return "tied";
    case RaceEnd::unclear:
      return "unclear";
    case RaceEnd::outpaced:
      return "outpaced";
    case RaceEnd::worse:
      return "worse";
    case RaceEnd::breaks_condition:
      return "breaks a condition";
    case RaceEnd::without_value:
      return "no value";
  }
  return "";
}

std::string promise_word(Promise promise) {
  switch (promise) {
    case Promise::holds:
      return "holds";
    case Promise::nearly:
      return "nearly holds";
    case Promise::unpredicted:
      return "unknown";
    case Promise::equal:
      return "equal to another";
    case Promise::breaks:
      return "breaks a condition";
    case Promise::overloaded:
      return "overloaded";
  }
  return "";
}

std::string recommend_text(const RecommendResult& result, const RecommendArguments& arguments) {
  std::string text;
  if (!result.race.ranking.empty()) {
    text = fmt::format("{}, the {} first\n{}\n", result.question.forecast.goal,
                       result.question.less_is_better ? "lowest" : "highest", table_of(result));
  }
  return text + fitted(answer_text(result, arguments) + counts_text(result) + notes_text(result));
}

}  // namespace offcut::cli
