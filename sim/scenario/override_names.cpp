#include "sim/scenario/override_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "sim/scenario/scenario.h"

namespace offcut::scenario {
namespace {

/// Returns the noun of a placeholder: "tier" of TIER.
std::string noun_of(std::string_view placeholder) {
  std::string noun(placeholder);
  std::transform(noun.begin(), noun.end(), noun.begin(), [](char letter) {
    return static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
  });
  return noun;
}

}  // namespace

std::string reason_unknown_name(const YamlNode& scenario, const std::vector<std::string>& keys) {
  const KeyTable* table = &kScenarioKeys;
  const YamlNode* node = &scenario;
  for (std::size_t i = 0; i + 1 < keys.size() && table != nullptr; ++i) {
    const KeySpec* spec = table->find(keys[i]);
    const YamlNode* value = node->find(keys[i]);
    if (spec == nullptr) {
      return "";  // The reader reports it.
    }
    if (value == nullptr) {
      if (!table->names_are_chosen || node->entries.empty() || keys[i].empty()) {
        return "";
      }
      std::vector<std::string> names;
      for (const YamlNode::Entry& entry : node->entries) {
        names.push_back(entry.key);
      }
      return fmt::format("there is no {} {}{}", noun_of(spec->name), in_quotes(keys[i]),
                         suggestion(keys[i], names));
    }
    table = spec->below;
    node = value;
  }
  return "";
}

}  // namespace offcut::scenario
