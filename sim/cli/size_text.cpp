#include "sim/cli/size_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "models/base/readable.h"
#include "sim/cli/figure_text.h"
#include "sim/cli/terminal.h"
#include "sim/cli/text_table.h"

namespace offcut::cli {
namespace {

using study::Holds;
using study::TriedValue;

constexpr std::size_t kMostTriedRows = 100;  // Of the table; the file has all.
constexpr std::size_t kMostNamedValues = 5;

std::string cell_text(const std::string& figure,
                      const std::optional<analysis::Interval>& interval) {
  return interval ? interval_text(figure, *interval) : "-";
}

std::string holds_text(const TriedValue& tried) {
  if (tried.runs.without_result > 0) {
    return "no: no result";
  }
  if (tried.runs.saturated > 0) {
    return fmt::format("no: {} of {} saturated", tried.runs.saturated, tried.runs.replications);
  }
  const bool fails = std::any_of(tried.holds.begin(), tried.holds.end(),
                                 [](Holds one) { return one == Holds::no; });
  return tried.all_hold() ? "yes" : fails ? "no" : "unclear";
}

std::string table_of(const SizeResult& result) {
  std::vector<std::string> header;
  for (const std::string& path : result.sweep.parameters()) {
    header.push_back(">" + path);
  }
  std::vector<std::size_t> shown;  // A figure of several conditions once.
  for (std::size_t i = 0; i < result.figures.size(); ++i) {
    if (std::find(result.figures.begin(), result.figures.end(), result.figures[i]) ==
        result.figures.begin() + static_cast<std::ptrdiff_t>(i)) {
      shown.push_back(i);
      header.push_back(">" + result.figures[i]);
    }
  }
  header.emplace_back("holds");
  TextTable table(header);
  for (std::size_t i = 0; i < std::min(kMostTriedRows, result.answer.tried.size()); ++i) {
    const TriedValue& tried = result.answer.tried[i];
    std::vector<std::string> row = result.sweep.values_at(tried.value);
    for (const std::size_t figure : shown) {
      row.push_back(cell_text(result.figures[figure], tried.intervals[figure]));
    }
    row.push_back(holds_text(tried));
    table.add(std::move(row));
  }
  std::string text = table.text();
  if (result.answer.tried.size() > kMostTriedRows) {
    text += fmt::format("... and {} more\n", result.answer.tried.size() - kMostTriedRows);
  }
  return text;
}

const TriedValue& chosen_of(const SizeResult& result) {
  return *std::find_if(result.answer.tried.begin(), result.answer.tried.end(),
                       [&](const TriedValue& t) { return t.value == result.answer.value; });
}

/// Returns the answer in a line.
std::string answer_text(const SizeResult& result, const SizeArguments& arguments) {
  const std::string until = arguments.until;
  if (!result.answer.value) {
    return fmt::format("no value holds: {} is not certain for any of {}\n", until,
                       counted(result.question.values, "value"));
  }
  const TriedValue& chosen = chosen_of(result);
  std::string text = fmt::format("{}: the {} value for which {} holds with {} confidence",
                                 value_text(result, chosen.value),
                                 result.question.has_cost     ? "cheapest"
                                 : result.question.is_ordered ? "smallest"
                                                              : "first",
                                 until, percent(result.question.confidence, 4));
  if (result.question.has_cost) {
    text += fmt::format(" ({} {})", arguments.cost,
                        figure_text(arguments.cost, chosen.intervals.back()->estimate));
  }
  return text + "\n";
}

/// Returns what a reader must know of the search.
std::string notes_text(const SizeResult& result) {
  const study::SizeAnswer& answer = result.answer;
  std::string text = fmt::format("tried {} of {}, {} each\n", answer.tried.size(),
                                 counted(result.question.values, "value"),
                                 counted(result.sweep.replications, "replication"));
  if (!answer.reason_for_all.empty()) {
    text += fmt::format("all values were tried, since {}\n", answer.reason_for_all);
  }
  std::vector<std::string> unclear;
  for (const TriedValue& tried : answer.tried) {
    if (holds_text(tried) == "unclear" && unclear.size() < kMostNamedValues) {
      unclear.push_back(value_text(result, tried.value));
    }
  }
  if (!unclear.empty()) {
    text += fmt::format(
        "unclear: the interval contains the bound at {}; more --replications may "
        "tell\n",
        fmt::join(unclear, "; "));
  }
  if (!result.invalid.empty()) {
    const std::size_t named = std::min(kMostNamedValues, result.invalid.size());
    text +=
        fmt::format("not valid in this scenario: {}{}\n",
                    fmt::join(result.invalid.begin(),
                              result.invalid.begin() + static_cast<std::ptrdiff_t>(named), "; "),
                    named < result.invalid.size()
                        ? fmt::format("; ... and {} more", result.invalid.size() - named)
                        : "");
  }
  for (std::size_t i = 0; i < std::min(kMostNamedValues, result.failures.size()); ++i) {
    text += fmt::format("no result at {}\n", result.failures[i]);
  }
  return text;
}

}  // namespace

std::string value_text(const SizeResult& result, std::size_t value) {
  const std::vector<std::string> names = result.sweep.parameters();
  const std::vector<std::string> values = result.sweep.values_at(value);
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < names.size(); ++i) {
    parts.push_back(fmt::format("{} = {}", names[i], values[i]));
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::string size_text(const SizeResult& result, const SizeArguments& arguments) {
  return table_of(result) + "\n" + fitted(answer_text(result, arguments) + notes_text(result));
}

}  // namespace offcut::cli
