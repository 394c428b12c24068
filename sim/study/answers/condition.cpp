#include "sim/study/answers/condition.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <regex>
#include <stdexcept>

#include "models/base/units.h"

namespace offcut::study {
namespace {

/// Returns the dimension of a column by the unit in its name.
Dimension dimension_of(const std::string& figure) {
  return figure.ends_with("_per_s")   ? Dimension::rate
         : figure.ends_with("_s")     ? Dimension::time
         : figure.ends_with("_j")     ? Dimension::energy
         : figure.ends_with("_bytes") ? Dimension::data
                                      : Dimension::number;
}

/// Reads a plain number, or a quantity. Throws std::invalid_argument.
double bound_of(const std::string& text, const std::string& figure) {
  try {
    return parse_quantity(text, Dimension::number);
  } catch (const std::invalid_argument&) {
    return parse_quantity(text, dimension_of(figure));
  }
}

std::optional<Condition> read_condition(const std::string& text,
                                        const std::vector<std::string>& figures, const Place& place,
                                        std::vector<Diagnostic>& diagnostics) {
  static const std::regex pattern(R"(\s*(\w+)\s*(<=|>=|<|>)\s*(\S.*?)\s*)");
  std::smatch match;
  if (!std::regex_match(text, match, pattern)) {
    diagnostics.push_back(
        {place, fmt::format("expected FIGURE < VALUE, also with <=, > or >=, such as "
                            "latency_p99_s < 0.1, got {}",
                            in_quotes(text))});
    return std::nullopt;
  }
  Condition condition{.figure = match[1]};
  const std::string is = match[2];
  condition.is = is == "<"    ? Condition::Is::below
                 : is == "<=" ? Condition::Is::at_most
                 : is == ">"  ? Condition::Is::above
                              : Condition::Is::at_least;
  condition.text = fmt::format("{} {} {}", condition.figure, is, match[3].str());
  if (std::find(figures.begin(), figures.end(), condition.figure) == figures.end()) {
    diagnostics.push_back({place, fmt::format("unknown figure {}{}", in_quotes(condition.figure),
                                              suggestion(condition.figure, figures))});
  }
  try {
    condition.bound = bound_of(match[3], condition.figure);
  } catch (const std::invalid_argument& error) {
    diagnostics.push_back({place, fmt::format("{}: {}", condition.figure, error.what())});
  }
  return condition;
}

}  // namespace

bool Condition::holds(double value) const {
  return is == Is::below     ? value < bound
         : is == Is::at_most ? value <= bound
         : is == Is::above   ? value > bound
                             : value >= bound;
}

std::vector<Condition> read_conditions(const std::string& text,
                                       const std::vector<std::string>& figures, const Place& place,
                                       std::vector<Diagnostic>& diagnostics) {
  static const std::regex joint(R"(\s+and\s+)");
  std::vector<Condition> conditions;
  for (std::sregex_token_iterator part(text.begin(), text.end(), joint, -1), end; part != end;
       ++part) {
    if (auto condition = read_condition(*part, figures, place, diagnostics)) {
      conditions.push_back(std::move(*condition));
    }
  }
  if (conditions.empty() && diagnostics.empty()) {
    diagnostics.push_back({place, "expected a condition, such as latency_p99_s < 0.1"});
  }
  return conditions;
}

Holds holds_within(const Condition& condition, const analysis::Interval& interval) {
  const bool low = condition.holds(interval.low), high = condition.holds(interval.high);
  return low && high ? Holds::yes : low || high ? Holds::unclear : Holds::no;
}

double relative_excess(const Condition& condition, double value) {
  const double distance = std::abs(value - condition.bound);
  return condition.bound == 0 ? distance : distance / std::abs(condition.bound);
}

}  // namespace offcut::study
