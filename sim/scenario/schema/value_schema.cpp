// Makes the JSON Schemas of single values. Texts are checked by regular expressions of ECMA 262, which
// JSON Schema prescribes; they use nothing that other dialects read differently.

#include "sim/scenario/schema/value_schema.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include "models/base/unit_names.h"

namespace offcut::scenario {
namespace {

constexpr double kMostExact = 0x1p53;  // All whole numbers up to it are exact.
constexpr const char* kBlanks = "[ \\t]*";
constexpr const char* kUnsignedWhole = "([0-9]+([.]0*)?|[0-9]*[.]?[0-9]*[eE][+]?[0-9]+)";
constexpr const char* kUnsigned = "([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][-+]?[0-9]+)?";

/// Returns the pattern of a sign and what may follow it, by the least value: with 0, a minus needs
/// a zero after it; above 0, some digit is not zero.
std::string sign_pattern(double least) {
  return least > 0    ? "(?=[+]?[0.]*[1-9])[+]?"
         : least == 0 ? "(?!-[0.]*[1-9])[-+]?"
                      : "[-+]?";
}

Json number_value(double value) {
  const bool is_whole = value == std::floor(value) && std::abs(value) <= kMostExact;
  return is_whole ? Json(static_cast<std::int64_t>(value)) : Json(value);
}

/// Returns the number for which the text stands; none if it stands for a text.
std::optional<Json> number_of(std::string_view text) {
  const bool has_plus = text.size() > 1 && text[0] == '+' && text[1] != '-';
  text.remove_prefix(has_plus ? 1 : 0);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool is_number = error == std::errc() && end == text.data() + text.size() &&
                         std::isfinite(value);
  return is_number ? std::optional(number_value(value)) : std::nullopt;
}

/// Returns the pattern of one of these texts.
std::string one_of(std::vector<std::string> texts) {
  constexpr std::string_view kSpecial = R"(\^$.|?*+()[]{})";
  for (std::string& text : texts) {
    std::string escaped;
    for (const char c : text) {
      escaped += kSpecial.find(c) != std::string_view::npos ? fmt::format("[{}]", c)
                                                             : std::string(1, c);
    }
    text = std::move(escaped);
  }
  return fmt::format("({})", fmt::join(texts, "|"));
}

void add_bounds(Json& schema, Bounds bounds) {
  schema["minimum"] = number_value(bounds.least);
  schema["maximum"] = number_value(bounds.most);
}

}  // namespace

Json plain_value(std::string_view text) {
  if (text == "true" || text == "false") {
    return text == "true";
  }
  return number_of(text).value_or(Json(std::string(text)));
}

Json quantity_schema(Dimension dimension, Bounds bounds,
                     const std::vector<std::string>& more_units) {
  std::vector<std::string> units = unit_names(dimension);
  units.insert(units.end(), more_units.begin(), more_units.end());
  const bool is_number = dimension == Dimension::number;
  Json schema;
  schema["type"] = is_number ? Json({"number", "string"}) : Json("string");
  if (is_number) {
    add_bounds(schema, finite(bounds, dimension));
  }
  schema["pattern"] = fmt::format("^{0}{1}{2}{0}{3}{4}{0}$", kBlanks, sign_pattern(bounds.least),
                                  kUnsigned, one_of(units), is_number ? "?" : "");
  return schema;
}

Json whole_number_schema(Bounds bounds) {
  Json schema{{"type", {"integer", "string"}}};
  add_bounds(schema, {std::max(bounds.least, -kMostExact), std::min(bounds.most, kMostExact)});
  schema["pattern"] = fmt::format("^{}{}$", sign_pattern(bounds.least), kUnsignedWhole);
  return schema;
}

Json flag_schema() {
  return {{"type", {"boolean", "string"}}, {"pattern", "^(true|false)$"}};
}

Json text_schema() { return {{"type", {"string", "number", "boolean"}}}; }

Json choice_schema(const std::vector<std::string>& texts, const std::vector<std::string>& docs) {
  Json values = Json::array();
  for (const std::string& text : texts) {
    values.push_back(plain_value(text));
  }
  for (const std::string& text : texts) {
    if (!plain_value(text).is_string()) {
      values.push_back(text);
    }
  }
  Json schema{{"enum", values}};
  if (!docs.empty()) {
    schema["enumDescriptions"] = docs;
  }
  return schema;
}

Json named_text_schema(const std::vector<std::string>& names) {
  return {{"type", "string"}, {"pattern", fmt::format("^{}([:+].*)?$", one_of(names))}};
}

}  // namespace offcut::scenario
