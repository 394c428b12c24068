// Finds the names that a key takes: the entries of its registry or of the catalogue, the words that
// its table states, and the word for having none. In the long form of a key that word stands in the
// map below it, so it is valid for all keys of the registry.

#include "sim/scenario/schema/names_of_keys.h"

#include <algorithm>

namespace offcut::scenario {

/// Names with their descriptions.
struct NamesOfKeys::Described {
  std::vector<std::string> names, docs;

  void add(std::string name, std::string doc) {
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      names.push_back(std::move(name));
      docs.push_back(std::move(doc));
    }
  }
};

NamesOfKeys::NamesOfKeys(const KeyTable& document, const Registries& registries,
                         const Catalogue& catalogue)
    : registries_(registries), catalogue_(catalogue) {
  collect_words(document);
}

void NamesOfKeys::collect_words(const KeyTable& map) {
  for (const KeyTable* table = &map; table != nullptr; table = table->more) {
    if (!collected_.insert(table).second) {
      return;
    }
    for (const KeySpec& spec : table->keys) {
      if (spec.kind == ValueKind::name && !spec.registry.empty() && !spec.fallback.empty()) {
        words_[spec.registry].insert(std::string(spec.fallback));
      }
      if (spec.below != nullptr) {
        collect_words(*spec.below);
      }
    }
  }
}

void NamesOfKeys::add_entries(std::string_view registry, Described& names) const {
  registries_.visit(registry, [&](const auto& entries) {
    for (const auto& [name, entry] : entries) {
      if constexpr (requires { entry.doc; }) {
        names.add(name, std::string(entry.doc));
      } else {
        names.add(name, "");
      }
    }
  });
  if (registry == "devices") {
    for (const auto& [name, device] : catalogue_.devices) {
      names.add(name, device.about);
    }
  }
  if (registry == "links") {
    for (const auto& [name, link] : catalogue_.networks) {
      names.add(name, link.about);
    }
  }
}

NamesOfKeys::Described NamesOfKeys::described(const KeySpec& spec) const {
  Described names;
  add_entries(spec.registry, names);
  add_entries(spec.or_registry, names);
  if (const auto words = words_.find(spec.registry); words != words_.end()) {
    for (const std::string& word : words->second) {
      names.add(word, "");
    }
  }
  for (const std::string& word : split_list(spec.choices)) {
    names.add(word, "");
  }
  return names;
}

std::vector<std::string> NamesOfKeys::names(const KeySpec& spec) const {
  return described(spec).names;
}

std::vector<std::string> NamesOfKeys::entries(std::string_view registry) const {
  Described names;
  add_entries(registry, names);
  return names.names;
}

Json NamesOfKeys::schema(const KeySpec& spec) const {
  const Described known = described(spec);
  if (known.names.empty()) {
    return text_schema();
  }
  Json choice = choice_schema(known.names, known.docs);
  const bool is_open = spec.registry == "devices" || spec.registry == "links";
  return is_open ? Json{{"anyOf", {std::move(choice), text_schema()}}} : choice;
}

Json NamesOfKeys::schema_of_known(const KeySpec& spec) const {
  Json ways = Json::array({choice_schema(names(spec))});
  for (const std::string& word : split_list(spec.choices)) {
    if (word.ends_with(':')) {  // Texts may begin with it.
      ways.push_back(named_text_schema({word.substr(0, word.size() - 1)}));
    }
  }
  return {{"anyOf", ways}};
}

}  // namespace offcut::scenario
