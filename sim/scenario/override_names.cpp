#include "sim/scenario/override_names.h"

#include <fmt/format.h>

#include "models/base/lower_case.h"
#include "sim/scenario/scenario.h"

namespace offcut::scenario {

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
      // A placeholder is a noun in capitals: TIER.
      return fmt::format("there is no {} {}{}", lower_case(spec->name), in_quotes(keys[i]),
                         suggestion(keys[i], names));
    }
    table = spec->below;
    node = value;
  }
  return "";
}

}  // namespace offcut::scenario
