// Reads the values of a sweep's axes. Values stay texts, which the scenario's own reader checks;
// only ranges are computed, on the numbers before the units.

#include "sim/study/sweep/axis_values.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <optional>
#include <regex>

namespace offcut::study {
namespace {

using scenario::YamlNode;

/// A number and the unit that follows it.
struct NumberText {
  double value = 0;
  std::string unit;
};

std::optional<NumberText> number_of(const std::string& text) {
  NumberText number;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number.value);
  if (error != std::errc() || !std::isfinite(number.value)) {
    return std::nullopt;
  }
  const std::string rest(end, text.data() + text.size());
  const std::size_t unit = rest.find_first_not_of(' ');
  number.unit = unit == std::string::npos ? "" : rest.substr(unit);
  const bool goes_on = !number.unit.empty() && unit == 0 &&
                       std::string_view(".-+0123456789").find(rest.front()) != std::string::npos;
  return goes_on ? std::nullopt : std::optional(number);
}

std::string with_unit(double value, const std::string& unit) {
  const std::string number = fmt::format("{:.12g}", value);
  return unit.empty() ? number : fmt::format("{} {}", number, unit);
}

class RangeReader {
 public:
  RangeReader(const YamlNode& map, const std::string& path, std::vector<Diagnostic>& diagnostics)
      : map_(map), path_(path), diagnostics_(diagnostics) {}

  bool has(std::string_view key) const { return map_.find(key) != nullptr; }

  void error(std::string_view key, const std::string& message) {
    const YamlNode* node = map_.find(key);
    diagnostics_.push_back({node != nullptr ? node->place : map_.place,
                            fmt::format("{}.{}: {}", path_, key, message)});
  }

  std::optional<NumberText> number(std::string_view key) {
    const YamlNode* node = map_.find(key);
    if (node == nullptr) {
      diagnostics_.push_back({map_.place, fmt::format("{}: '{}' is missing", path_, key)});
      return std::nullopt;
    }
    const auto number = node->kind == YamlNode::Kind::scalar ? number_of(node->text) : std::nullopt;
    if (!number) {
      error(key, fmt::format("expected a number, such as 5 or 2.5 Mbit/s, got {}",
                             scenario::describe(*node)));
    }
    return number;
  }

  std::size_t count(std::string_view key, std::size_t least) {
    const auto given = number(key);
    if (!given) {
      return 0;
    }
    if (given->value < static_cast<double>(least) || given->value != std::trunc(given->value) ||
        given->value > static_cast<double>(kMostSteps) || !given->unit.empty()) {
      error(key, fmt::format("expected a whole number from {} to {}, got {}", least, kMostSteps,
                             scenario::describe(*map_.find(key))));
      return 0;
    }
    return static_cast<std::size_t>(given->value);
  }

  bool flag(std::string_view key) {
    const YamlNode* node = map_.find(key);
    if (node == nullptr || node->text == "false") {
      return false;
    }
    if (node->text != "true") {
      error(key, fmt::format("expected true or false, got {}", scenario::describe(*node)));
    }
    return true;
  }

  bool is_log() {
    const YamlNode* node = map_.find("scale");
    if (node == nullptr || node->text == "linear") {
      return false;
    }
    if (node->text != "log") {
      error("scale", fmt::format("expected linear or log, got {}", scenario::describe(*node)));
    }
    return true;
  }

  /// Reports the keys that a range does not have.
  void check_keys(const std::vector<std::string>& valid) {
    for (const YamlNode::Entry& entry : map_.entries) {
      if (std::find(valid.begin(), valid.end(), entry.key) == valid.end()) {
        diagnostics_.push_back(
            {entry.place, fmt::format("{}: unknown key {}{}", path_, in_quotes(entry.key),
                                      suggestion(entry.key, valid))});
      }
    }
  }

 private:
  const YamlNode& map_;
  const std::string& path_;
  std::vector<Diagnostic>& diagnostics_;
};

/// Returns `from`, `from + step`, ... up to `to`, or the same with factors. A last value that
/// misses `to` by a rounding error is `to`.
std::vector<std::string> stepped(const NumberRange& range, double by, bool is_factor) {
  constexpr double kRounding = 1e-9;
  const double steps =
      is_factor ? std::log(range.to / range.from) / std::log(by) : (range.to - range.from) / by;
  const auto count = static_cast<std::size_t>(
      std::min(steps * (1 + kRounding) + kRounding, static_cast<double>(kMostSteps)));
  std::vector<std::string> values;
  for (std::size_t i = 0; i <= count; ++i) {
    const auto n = static_cast<double>(i);
    values.push_back(
        with_unit(is_factor ? range.from * std::pow(by, n) : range.from + by * n, range.unit));
  }
  return values;
}

std::vector<std::string> range_values(const YamlNode& map, const std::string& path,
                                      std::vector<Diagnostic>& diagnostics) {
  RangeReader reader(map, path, diagnostics);
  const std::size_t errors = diagnostics.size();
  const NumberRange range = read_range(map, path, diagnostics, {"points", "step", "factor"});
  const int ways = (reader.has("points") ? 1 : 0) + (reader.has("step") ? 1 : 0) +
                   (reader.has("factor") ? 1 : 0);
  if (ways != 1) {
    diagnostics.push_back(
        {map.place, fmt::format("{}: expected one of points, step and factor", path)});
  }
  if (errors != diagnostics.size()) {
    return {};
  }
  std::vector<std::string> values;
  if (reader.has("points")) {
    const std::size_t points = reader.count("points", 2);
    for (std::size_t i = 0; i < points; ++i) {
      values.push_back(range.value_at(static_cast<double>(i) / static_cast<double>(points - 1)));
    }
  } else {
    const bool is_factor = reader.has("factor");
    const char* key = is_factor ? "factor" : "step";
    const auto by = reader.number(key);
    if (by && (is_factor ? by->value <= 1 || range.from <= 0 || !by->unit.empty()
                         : by->value <= 0 || by->unit != range.unit)) {
      reader.error(key, is_factor ? "expected a number above 1, for a range above 0"
                                  : fmt::format("expected a number above 0 in {}",
                                                range.unit.empty() ? "no unit" : range.unit));
    } else if (by) {
      values = stepped(range, by->value, is_factor);
    }
  }
  values.erase(std::unique(values.begin(), values.end()), values.end());  // If they are whole.
  return values;
}

/// Returns the numbers of "1..64"; none if the text is something else.
std::optional<std::vector<std::string>> whole_numbers(const YamlNode& node, const std::string& path,
                                                      std::vector<Diagnostic>& diagnostics) {
  static const std::regex pattern(R"((-?\d{1,15})\.\.(-?\d{1,15}))");
  std::smatch match;
  if (!std::regex_match(node.text, match, pattern)) {
    return std::nullopt;
  }
  const long long from = std::stoll(match[1]), to = std::stoll(match[2]);
  if (to < from || to - from >= static_cast<long long>(kMostSteps)) {
    diagnostics.push_back({node.place, fmt::format("{}: expected from 1 to {} numbers, got {}",
                                                   path, kMostSteps, in_quotes(node.text))});
    return std::vector<std::string>{};
  }
  std::vector<std::string> values;
  for (long long value = from; value <= to; ++value) {
    values.push_back(fmt::format("{}", value));
  }
  return values;
}

/// Returns the values of "[1, 2] Mbit/s"; none if the text is something else.
std::optional<std::vector<std::string>> list_with_unit(const YamlNode& node,
                                                       const std::string& path,
                                                       std::vector<Diagnostic>& diagnostics) {
  const std::size_t end = node.text.rfind(']');
  if (!node.text.starts_with('[') || end == std::string::npos) {
    return std::nullopt;
  }
  const std::size_t unit = node.text.find_first_not_of(' ', end + 1);
  const YamlNode list = scenario::parse_yaml(node.text.substr(0, end + 1), node.place);
  std::vector<std::string> values;
  for (const YamlNode& item : list.items) {
    const auto number = item.kind == YamlNode::Kind::scalar ? number_of(item.text) : std::nullopt;
    if (!number || !number->unit.empty()) {
      diagnostics.push_back(
          {node.place, fmt::format("{}: expected numbers before the common unit, got {}", path,
                                   scenario::describe(item))});
      return std::vector<std::string>{};
    }
    values.push_back(unit == std::string::npos
                         ? item.text
                         : fmt::format("{} {}", item.text, node.text.substr(unit)));
  }
  return values;
}

/// Returns the end of "[1, 2] Mbit/s" in a line; `begin` if the list there has no unit.
std::size_t end_of_list_with_unit(const std::string& text, std::size_t begin) {
  const std::size_t close = text.find_first_of("[]{}'\"\n", begin + 1);
  if (close == std::string::npos || text[close] != ']') {
    return begin;
  }
  std::size_t end = std::min(text.find_first_of(",}#'\"\n", close), text.size());
  while (text[end - 1] == ' ') {
    --end;
  }
  return end == close + 1 ? begin : end;
}

}  // namespace

std::string NumberRange::value_at(double share) const {
  double value = share <= 0   ? from
                 : share >= 1 ? to
                 : is_log     ? from * std::pow(to / from, share)
                              : from + (to - from) * share;
  return with_unit(is_whole ? std::round(value) : value, unit);
}

NumberRange read_range(const YamlNode& map, const std::string& path,
                       std::vector<Diagnostic>& diagnostics,
                       const std::vector<std::string>& further_keys) {
  RangeReader reader(map, path, diagnostics);
  std::vector<std::string> keys = {"from", "to", "scale", "whole"};
  keys.insert(keys.end(), further_keys.begin(), further_keys.end());
  reader.check_keys(keys);
  NumberRange range{.is_log = reader.is_log(), .is_whole = reader.flag("whole")};
  const auto from = reader.number("from"), to = reader.number("to");
  if (!from || !to) {
    return range;
  }
  range.from = from->value;
  range.to = to->value;
  range.unit = to->unit;
  if (from->unit != to->unit) {
    reader.error("to", fmt::format("expected the unit of 'from', {}, got {}",
                                   from->unit.empty() ? "none" : in_quotes(from->unit),
                                   to->unit.empty() ? "none" : in_quotes(to->unit)));
  } else if (range.to <= range.from) {
    reader.error("to", "expected more than 'from'");
  } else if (range.is_log && range.from <= 0) {
    reader.error("from", "expected a number above 0 on a log scale");
  }
  return range;
}

std::vector<std::string> axis_values(const YamlNode& node, const std::string& path,
                                     std::vector<Diagnostic>& diagnostics) {
  std::vector<std::string> values;
  if (node.kind == YamlNode::Kind::sequence) {
    for (const YamlNode& item : node.items) {
      values.push_back(scenario::to_yaml_line(item));
    }
  } else if (node.kind == YamlNode::Kind::map && node.find("from") != nullptr) {
    return range_values(node, path, diagnostics);
  } else if (node.kind == YamlNode::Kind::scalar) {
    for (const auto& read : {whole_numbers, list_with_unit}) {
      if (auto found = read(node, path, diagnostics)) {
        return *found;
      }
    }
    values.push_back(scenario::to_yaml_line(node));
  } else if (node.kind == YamlNode::Kind::map) {
    values.push_back(scenario::to_yaml_line(node));
  }
  if (values.empty()) {
    diagnostics.push_back({node.place, fmt::format("{}: expected values, got {}", path,
                                                   node.kind == YamlNode::Kind::sequence
                                                       ? "an empty list"
                                                       : scenario::describe(node))});
  }
  return values;
}

std::string quote_lists_with_units(std::string text) {
  std::string quoted;
  char quote = 0;   // That is open.
  char before = 0;  // The last character that is not blank, in this line.
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quote != 0) {
      quote = c == quote ? 0 : quote;
    } else if ((c == '\'' || c == '"') &&
               std::string_view("\0:,[{-", 7).find(before) != std::string_view::npos) {
      quote = c;
    } else if (c == '#' && (i == 0 || std::isspace(static_cast<unsigned char>(text[i - 1])) != 0)) {
      const std::size_t end = std::min(text.find('\n', i), text.size());
      quoted += text.substr(i, end - i);
      i = end - 1;
      continue;
    } else if (c == '[' && before == ':') {
      if (const std::size_t end = end_of_list_with_unit(text, i); end != i) {
        quoted += fmt::format("'{}'", text.substr(i, end - i));
        i = end - 1;
        before = ']';
        continue;
      }
    }
    quoted += c;
    before = c == '\n' ? 0 : c == ' ' ? before : c;
  }
  return quoted;
}

}  // namespace offcut::study
