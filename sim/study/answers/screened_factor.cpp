#include "sim/study/answers/screened_factor.h"

#include <fmt/format.h>

#include <algorithm>
#include <regex>

#include "sim/scenario/yaml/yaml_node.h"

namespace offcut::study {
namespace {

using scenario::YamlNode;

/// Returns "1..100 Mbit/s" as a map; null if the text is something else.
YamlNode map_of_range(const std::string& text, const Place& place) {
  static const std::regex pattern(
      R"(\s*(-?[\d.]+?(?:e-?\d+)?)\s*\.\.\s*(-?[\d.]+(?:e-?\d+)?)\s*(\D.*?)?\s*)");
  std::smatch match;
  if (!std::regex_match(text, match, pattern)) {
    return {};
  }
  const std::string from = match[1], to = match[2], unit = match[3];
  YamlNode map;
  map.place = place;
  const auto add = [&](const std::string& key, const std::string& value) {
    map.add(key, YamlNode::scalar(value)).place = place;
  };
  add("from", unit.empty() ? from : from + " " + unit);
  add("to", unit.empty() ? to : to + " " + unit);
  if (unit.empty() && (from + to).find_first_of(".e") == std::string::npos) {
    add("whole", "true");
  }
  return map;
}

}  // namespace

std::string ScreenedFactor::value_at(double share) const {
  if (values.empty()) {
    return range.value_at(share);
  }
  const auto at = static_cast<std::size_t>(share * static_cast<double>(values.size()));
  return values[std::min(at, values.size() - 1)];
}

ScreenedFactor read_factor(const std::string& text, const std::string& option,
                           std::vector<Diagnostic>& diagnostics) {
  const Place place{fmt::format("{} {}", option, shortened(text))};
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0) {
    diagnostics.push_back({place, "expected PATH=FROM..TO, such as tiers.device.count=1..64"});
    return {};
  }
  ScreenedFactor factor{.path = text.substr(0, equals)};
  const std::string value = text.substr(equals + 1);
  YamlNode node = map_of_range(value, place);
  try {
    node = node.kind == YamlNode::Kind::map ? node : scenario::parse_yaml(value, place);
  } catch (const InputError& error) {
    add_new(error.diagnostics(), diagnostics);
    return factor;
  }
  if (node.kind == YamlNode::Kind::map && node.find("from") != nullptr) {
    factor.range = read_range(node, factor.path, diagnostics);
  } else if (node.kind == YamlNode::Kind::sequence && node.items.size() > 1) {
    factor.values = axis_values(node, factor.path, diagnostics);
  } else {
    diagnostics.push_back({place, fmt::format("{}: expected a range, such as 1..100 Mbit/s or "
                                              "{{from: 1 ms, to: 1 s, scale: log}}, or a list",
                                              factor.path)});
  }
  return factor;
}

}  // namespace offcut::study
