// Makes JSON Schemas from the tables by which MapReader reads maps, and from the parameters that the
// entries of registries declare. Each table becomes a definition with the name of the first path
// that has it. Where a key names an entry of a registry, the parameters of that entry are valid
// beside it: a condition for each entry closes the map, since a closed map in JSON Schema can't be
// extended.

#include "sim/scenario/schema/json_schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>

#include "sim/scenario/key_texts.h"
#include "sim/scenario/parameter_keys.h"
#include "sim/scenario/schema/names_of_keys.h"
#include "sim/scenario/schema/value_schema.h"

namespace offcut::scenario {
namespace {

constexpr int kSpaces = 1;

Json required(const std::vector<std::string>& keys) { return {{"required", keys}}; }

Json exactly_one_of(const std::vector<std::string>& keys) {
  Json ways = Json::array();
  for (const std::string& key : keys) {
    ways.push_back(required({key}));
  }
  return {{"oneOf", ways}};
}

/// Returns the schema with what an editor shows of the key.
Json described(Json schema, const KeyText& key) {
  std::string facts = key.type + (key.bounds.empty() ? "" : ", " + key.bounds);
  facts += (key.fallback.starts_with("required") ? "; " : "; default: ") + key.fallback;
  schema["description"] = fmt::format("{}\n\n{}\n\nExample: `{}`", key.doc, facts, key.example);
  return schema;
}

/// Returns the default of the key as YAML reads it; null if it has none.
Json default_of(const KeySpec& spec) {
  if (spec.fallback.empty()) {
    return nullptr;
  }
  if (!spec.fallback.starts_with('[')) {
    return plain_value(spec.fallback);
  }
  Json list = Json::array();
  for (const std::string& item : split_list(spec.fallback)) {
    list.push_back(plain_value(item));
  }
  return list;
}

Json schema_of(const ParameterSpec& spec) {
  const Bounds bounds{spec.least, spec.most};
  Json single = !spec.one_of.empty()             ? choice_schema(spec.one_of)
                : spec.is_text || spec.is_file   ? text_schema()
                : spec.is_whole                  ? whole_number_schema(bounds)
                                                 : quantity_schema(spec.dimension, bounds);
  if (spec.is_list) {
    Json list{{"type", "array"}, {"items", single}};
    return {{"anyOf", {std::move(list), std::move(single)}}};
  }
  return single;
}

/// The keys of a map, as far as they do not depend on the value of another.
struct Keys {
  Json properties = Json::object();
  Json others = false;  // The schema of the keys that the user chooses.
  std::vector<std::string> required;
  Json conditions = Json::array();
  const KeySpec* owner = nullptr;         // The key that names an entry with parameters.
  const KeySpec* stands_alone = nullptr;  // The key beside which there is no other.
};

class SchemaMaker {
 public:
  SchemaMaker(const KeyTable& document, const Registries& registries, const Catalogue& catalogue)
      : registries_(registries), names_of_keys_(document, registries, catalogue) {}

  Json document(const KeyTable& table, std::string_view title) {
    Json schema{{"$schema", "http://json-schema.org/draft-07/schema#"}, {"title", title}};
    schema.update(map_schema(table, "", nullptr));
    add_known_names(table, "devices", kDevicesKeys, schema);
    add_known_names(table, "links", kLinksKeys, schema);
    schema["definitions"] = definitions_;
    return schema;
  }

 private:
  /// The schema of one value of the key that is not a map. `above` is the key of the map around it.
  Json single_schema(const KeySpec& spec, const KeySpec* above) const {
    switch (spec.kind) {
      case ValueKind::number:
        return quantity_schema(spec.dimension, spec.bounds, split_list(spec.more_units));
      case ValueKind::whole:
        return whole_number_schema(spec.bounds);
      case ValueKind::flag:
        return flag_schema();
      case ValueKind::choice:
        return choice_schema(split_list(spec.choices));
      case ValueKind::name:
        return names_of_keys_.schema(spec);
      case ValueKind::text: {
        const bool is_one_of_many = spec.is_placeholder() && above != nullptr &&
                                    above->kind == ValueKind::text;
        const KeySpec& named = is_one_of_many ? *above : spec;
        return named.registry.empty() ? text_schema()
                                      : named_text_schema(names_of_keys_.names(named));
      }
      default:
        return text_schema();
    }
  }

  Json key_schema(const KeySpec& spec, const KeySpec* above, const std::string& path) {
    if (spec.kind == ValueKind::any) {
      return Json::object();
    }
    const bool is_map = spec.kind == ValueKind::map;
    Json map = is_map ? Json{{"type", "object"}} : Json();
    if (spec.below != nullptr && spec.kind != ValueKind::file) {
      map = reference(*spec.below, path, &spec);
    }
    const Json item = is_map ? map : single_schema(spec, above);
    Json ways = Json::array();
    if (spec.lists != Lists::only) {
      ways.push_back(item);
      if (!is_map && !map.is_null()) {
        ways.push_back(map);
      }
    }
    if (spec.lists != Lists::none) {
      ways.push_back({{"type", "array"}, {"items", item}});
    }
    if (ways.size() > 1) {
      return {{"anyOf", ways}};
    }
    // Validators of draft 7 ignore what stands beside a reference.
    return ways.front().contains("$ref") ? Json{{"allOf", ways}} : ways.front();
  }

  Json reference(const KeyTable& table, const std::string& path, const KeySpec* key) {
    auto found = names_.find(&table);
    if (found == names_.end()) {
      found = names_.emplace(&table, path).first;
      definitions_[path] = nullptr;  // Keeps its place before those of the maps below.
      Json schema = map_schema(table, path, key);
      definitions_[path] = std::move(schema);
    }
    return {{"$ref", "#/definitions/" + found->second}};
  }

  Keys keys_of(const KeyTable& map, const std::string& path, const KeySpec* above) {
    Keys keys;
    for (const KeyTable* table = &map; table != nullptr; table = table->more) {
      for (const KeySpec& spec : table->keys) {
        const std::string name(spec.name);
        if (keys.properties.contains(name)) {
          continue;
        }
        const std::string below = path.empty() ? name : path + "." + name;
        Json schema = described(key_schema(spec, above, below), key_text(spec));
        if (const Json fallback = default_of(spec); !fallback.is_null()) {
          schema["default"] = fallback;
        }
        if (spec.is_placeholder()) {
          keys.others = std::move(schema);
          continue;
        }
        keys.properties[name] = std::move(schema);
        if (spec.required()) {
          keys.required.push_back(name);
        }
        keys.stands_alone = spec.stands_alone ? &spec : keys.stands_alone;
        keys.owner = are_keys(spec) && !owners_of(spec, registries_).empty() ? &spec : keys.owner;
      }
      if (!table->exactly_one.empty()) {
        keys.conditions.push_back(exactly_one_of(split_list(table->exactly_one)));
      }
    }
    return keys;
  }

  /// Returns the schema that allows no keys but these and those of the map. Those of the map, whose
  /// values are checked elsewhere, are merely listed.
  static Json closed(const Keys& keys, const Json& more) {
    Json properties = Json::object();
    for (const auto& [name, schema] : keys.properties.items()) {
      properties[name] = true;
    }
    properties.update(more);
    return {{"properties", properties}, {"additionalProperties", keys.others}};
  }

  /// The parameters of an entry, and those that stand beside it for another reason.
  Json closed_with(const Keys& keys, const ParameterOwner& owner, Json more,
                   const std::string& path) const {
    std::vector<std::string> needed;
    Json conditions = Json::array();
    for (const ParameterSpec& spec : *owner.parameters) {
      more[spec.name] = described(schema_of(spec), key_text(spec, owner, *keys.owner, path));
      const auto instead = std::find_if(
          owner.parameters->begin(), owner.parameters->end(),
          [&](const ParameterSpec& other) { return other.instead_of == spec.name; });
      if (instead != owner.parameters->end()) {
        conditions.push_back(exactly_one_of({spec.name, instead->name}));
      } else if (is_required(spec)) {
        needed.push_back(spec.name);
      }
    }
    Json schema = closed(keys, more);
    if (!needed.empty()) {
      schema["required"] = needed;
    }
    if (!conditions.empty()) {
      schema["allOf"] = conditions;
    }
    return schema;
  }

  /// Returns all parameters of the registry, with any values.
  Json any_parameters(std::string_view registry) const {
    Json all = Json::object();
    for (const ParameterOwner& owner : owners_in(registry, registries_)) {
      for (const ParameterSpec& spec : *owner.parameters) {
        all[spec.name] = true;
      }
    }
    return all;
  }

  /// Adds conditions that close the map for each name that the key `owner` may have. The strategy
  /// that an aggregator stands for may have parameters, too.
  void add_cases(Keys& keys, const std::string& path) const {
    const KeySpec& key = *keys.owner;
    const std::string key_name(key.name);
    const auto add = [&](const std::vector<std::string>& names, Json then) {
      Json is_one{{"properties", {{key_name, choice_schema(names)}}}, {"required", {key_name}}};
      keys.conditions.push_back({{"if", std::move(is_one)}, {"then", std::move(then)}});
    };
    std::vector<std::string> bare = names_of_keys_.names(key);
    Json without_name = nullptr;
    const auto add_owners = [&](std::string_view registry, const Json& more) {
      for (const ParameterOwner& owner : owners_in(registry, registries_)) {
        Json then = closed_with(keys, owner, more, path);
        if (owner.name == key.fallback) {
          without_name = then;
        }
        add({owner.name}, std::move(then));
        std::erase(bare, owner.name);
      }
    };
    add_owners(key.registry, Json::object());
    if (!key.or_registry.empty()) {
      const Json more = any_parameters(key.registry);
      add_owners(key.or_registry, more);
      const std::vector<std::string> all = names_of_keys_.entries(key.or_registry);
      std::vector<std::string> others;
      std::copy_if(bare.begin(), bare.end(), std::back_inserter(others),
                   [&](const std::string& name) {
                     return std::find(all.begin(), all.end(), name) != all.end();
                   });
      add(others, closed(keys, more));
      std::erase_if(bare, [&](const std::string& name) {
        return std::find(others.begin(), others.end(), name) != others.end();
      });
    }
    if (!bare.empty()) {
      add(bare, closed(keys, Json::object()));
    }
    if (without_name.is_null() && !key.required()) {
      without_name = closed(keys, any_parameters(key.registry));
    }
    if (!without_name.is_null()) {
      Json is_missing{{"not", required({key_name})}};
      keys.conditions.push_back({{"if", std::move(is_missing)}, {"then", without_name}});
    }
  }

  Json map_schema(const KeyTable& table, const std::string& path, const KeySpec* above) {
    Keys keys = keys_of(table, path, above);
    Json schema{{"type", "object"}, {"description", table.doc}};
    if (table.names_are_plain) {
      schema["propertyNames"] = {{"pattern", "^[-A-Za-z0-9_\\u0080-\\uffff]{1,64}$"}};
    }
    schema["properties"] = keys.properties;
    if (keys.owner != nullptr) {
      add_cases(keys, path);
    } else {
      schema["additionalProperties"] = keys.others;
    }
    Json rules = Json::object();
    if (!keys.required.empty()) {
      rules["required"] = keys.required;
    }
    if (!keys.conditions.empty()) {
      rules["allOf"] = keys.conditions;
    }
    if (keys.stands_alone == nullptr) {
      schema.update(rules);
      return schema;
    }
    const std::string alone(keys.stands_alone->name);
    schema["if"] = required({alone});
    schema["then"] = {{"properties", {{alone, true}}}, {"additionalProperties", false}};
    schema["else"] = rules;
    return schema;
  }

  /// Adds the condition that names of the catalogue are known unless the document may define some,
  /// in the map of this table.
  void add_known_names(const KeyTable& document, std::string_view registry, const KeyTable& own,
                       Json& schema) {
    for (const KeySpec& spec : document.keys) {
      if (spec.below == &own) {
        const std::string name = fmt::format("known {}", registry);
        Json known = with_known_names(document, registry, name);
        Json is_missing{{"not", required({std::string(spec.name)})}};
        schema["allOf"].push_back({{"if", std::move(is_missing)}, {"then", std::move(known)}});
      }
    }
  }

  /// Returns the schema of the maps in which names of the registry are known ones: it says nothing
  /// of other keys. Null if no key below names an entry of the registry.
  Json with_known_names(const KeyTable& map, std::string_view registry,
                        const std::string& definition) {
    Json schema = Json::object();
    for (const KeyTable* table = &map; table != nullptr; table = table->more) {
      for (const KeySpec& spec : table->keys) {
        Json key;
        if (spec.kind == ValueKind::name && spec.registry == registry) {
          definitions_[definition] = names_of_keys_.schema_of_known(spec);
          key["$ref"] = "#/definitions/" + definition;
        } else if (spec.below != nullptr && spec.kind != ValueKind::file) {
          key = with_known_names(*spec.below, registry, definition);
        }
        if (key.empty()) {
          continue;
        }
        if (spec.is_placeholder()) {
          schema["additionalProperties"] = std::move(key);
        } else {
          schema["properties"][std::string(spec.name)] = std::move(key);
        }
      }
    }
    return schema;
  }

  const Registries& registries_;
  NamesOfKeys names_of_keys_;
  std::map<const KeyTable*, std::string> names_;
  Json definitions_ = Json::object();
};

}  // namespace

std::string json_schema(const KeyTable& table, std::string_view title, const Registries& registries,
                        const Catalogue& catalogue) {
  SchemaMaker maker(table, registries, catalogue);
  return maker.document(table, title).dump(kSpaces) + '\n';
}

}  // namespace offcut::scenario
