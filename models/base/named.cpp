// Reads texts such as "kmeans:clusters=4": a name, and its parameters as their specs describe them.
// Every error names the nearest valid name.

#include "models/base/named.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "models/base/error.h"
#include "models/base/units.h"

namespace offcut {
namespace {

double number_of(const std::string& text, const ParameterSpec& spec) {
  double value = 0;
  try {
    value = parse_quantity(text, spec.dimension);
  } catch (const std::invalid_argument& error) {
    throw std::invalid_argument(fmt::format("{}: {}", spec.name, error.what()));
  }
  if (!(value >= spec.least && value <= spec.most)) {
    throw std::invalid_argument(fmt::format("{}: expected {} to {}, got {}", spec.name, spec.least,
                                            spec.most, in_quotes(text)));
  }
  if (spec.is_whole && value != std::floor(value)) {
    throw std::invalid_argument(
        fmt::format("{}: expected a whole number, got {}", spec.name, in_quotes(text)));
  }
  return value;
}

std::string checked_text(const std::string& text, const ParameterSpec& spec) {
  if (!spec.one_of.empty() &&
      std::find(spec.one_of.begin(), spec.one_of.end(), text) == spec.one_of.end()) {
    throw std::invalid_argument(fmt::format("{}: unknown value {}{}", spec.name, in_quotes(text),
                                            suggestion(text, spec.one_of)));
  }
  return text;
}

/// Checks that each required parameter is there, or exactly one of those in its place.
void check_required(const NamedText& given, const std::vector<std::string>& seen,
                    const std::vector<ParameterSpec>& specs) {
  const auto is_given = [&](const std::string& name) {
    return std::find(seen.begin(), seen.end(), name) != seen.end();
  };
  for (const ParameterSpec& spec : specs) {
    std::vector<std::string> names = {spec.name};
    for (const ParameterSpec& other : specs) {
      if (other.instead_of == spec.name) {
        names.push_back(other.name);
      }
    }
    const auto count = std::count_if(names.begin(), names.end(), is_given);
    const bool is_required =
        !spec.is_text && !spec.is_list && !spec.fallback && spec.instead_of.empty();
    if (is_required && count == 0) {
      throw std::invalid_argument(fmt::format("{} needs the parameter {}: {}", given.name,
                                              fmt::join(names, " or "), spec.doc));
    }
    if (names.size() > 1 && count > 1) {
      throw std::invalid_argument(
          fmt::format("{}: expected only one of {}", given.name, fmt::join(names, ", ")));
    }
  }
}

}  // namespace

NamedText parse_named(const std::string& text) {
  const std::size_t colon = text.find(':');
  NamedText given{.name = text.substr(0, colon), .values = {}};
  for (std::size_t from = colon; from < text.size();) {
    const std::size_t comma = std::min(text.find(',', from + 1), text.size());
    const std::string part = text.substr(from + 1, comma - from - 1);
    const std::size_t equals = part.find('=');
    if (equals != std::string::npos) {
      given.values.emplace_back(part.substr(0, equals), part.substr(equals + 1));
    } else if (!given.values.empty()) {
      given.values.back().second += "," + part;
    } else {
      throw std::invalid_argument(
          fmt::format("expected parameters as {}:NAME=VALUE, got {}", given.name, in_quotes(text)));
    }
    from = comma;
  }
  return given;
}

Parameters parameters_of(const NamedText& given, const std::vector<ParameterSpec>& specs) {
  Parameters values = defaults(specs);
  std::vector<std::string> names;
  for (const ParameterSpec& spec : specs) {
    names.push_back(spec.name);
  }
  std::vector<std::string> seen;
  for (const auto& [name, text] : given.values) {
    const auto known = std::find(names.begin(), names.end(), name);
    if (known == names.end()) {
      throw std::invalid_argument(fmt::format("{} has no parameter {}{}", given.name,
                                              in_quotes(name),
                                              names.empty() ? "" : suggestion(name, names)));
    }
    if (std::find(seen.begin(), seen.end(), name) != seen.end()) {
      throw std::invalid_argument(
          fmt::format("{}: parameter {} appears twice", given.name, in_quotes(name)));
    }
    seen.push_back(name);
    const ParameterSpec& spec = specs[static_cast<std::size_t>(known - names.begin())];
    if (spec.is_text) {
      values.set(name, checked_text(text, spec));
    } else {
      values.set(name, number_of(text, spec));
    }
  }
  check_required(given, seen, specs);
  return values;
}

void refuse_name(std::string_view kind, const std::string& name,
                 const std::vector<std::string>& names) {
  throw std::invalid_argument(
      fmt::format("there is no {} {}{}", kind, in_quotes(name), suggestion(name, names)));
}

}  // namespace offcut
