#include "sim/scenario/map_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <stdexcept>

namespace offcut {
namespace {

const YamlNode kEmptyMap{.kind = YamlNode::Kind::map};

std::string bounds_text(Bounds bounds, Dimension dimension) {
  if (bounds.most >= 1e300) {
    return fmt::format("at least {}", to_text(bounds.least, dimension));
  }
  return fmt::format("between {} and {}", to_text(bounds.least, dimension),
                     to_text(bounds.most, dimension));
}

}  // namespace

MapReader::MapReader(const YamlNode& node, std::string what, std::vector<Mistake>& mistakes,
                     YamlNode& resolved)
    : node_(node), what_(std::move(what)), mistakes_(&mistakes), resolved_(&resolved) {
  resolved_->kind = YamlNode::Kind::map;
  if (node.kind != YamlNode::Kind::map) {
    mistake(node.place, fmt::format("{}: expected a map, got {}", what_, describe(node)));
  }
}

Place MapReader::place(const std::string& key) const {
  const YamlNode* value = node_.find(key);
  return value != nullptr ? value->place : node_.place;
}

std::vector<std::string> MapReader::keys() const {
  std::vector<std::string> all;
  for (const YamlNode::Entry& entry : node_.entries) {
    all.push_back(entry.key);
  }
  return all;
}

void MapReader::mistake(const Place& place, std::string message) {
  mistakes_->push_back({place, std::move(message)});
}

const YamlNode* MapReader::take(const std::string& key, bool required) {
  known_.push_back(key);
  const YamlNode* value = node_.find(key);
  if (value == nullptr && required && node_.kind == YamlNode::Kind::map) {
    mistake(node_.place, fmt::format("'{}' is missing", path_of(key)));
  }
  return value;
}

const YamlNode* MapReader::raw(const std::string& key) { return take(key, false); }

const YamlNode* MapReader::take_scalar(const std::string& key, bool required) {
  const YamlNode* value = take(key, required);
  if (value != nullptr && value->kind != YamlNode::Kind::scalar) {
    mistake(value->place,
            fmt::format("{}: expected a single value, got {}", path_of(key), describe(*value)));
    return nullptr;
  }
  return value;
}

double MapReader::number(const std::string& key, Dimension dimension,
                         std::optional<double> fallback, Bounds bounds) {
  const YamlNode* node = take_scalar(key, !fallback);
  double value = fallback.value_or(std::clamp(1.0, bounds.least, bounds.most));
  if (node != nullptr) {
    try {
      const double given = parse_quantity(node->text, dimension);
      if (given < bounds.least || given > bounds.most) {
        mistake(node->place, fmt::format("{}: must be {}, got '{}'", path_of(key),
                                         bounds_text(bounds, dimension), node->text));
      } else {
        value = given;
      }
    } catch (const std::invalid_argument& error) {
      mistake(node->place, fmt::format("{}: {}", path_of(key), error.what()));
    }
  }
  resolved_->add(key, YamlNode::scalar(to_text(value, dimension)));
  return value;
}

std::int64_t MapReader::integer(const std::string& key, std::optional<std::int64_t> fallback,
                                Bounds bounds) {
  const YamlNode* node = take_scalar(key, !fallback);
  std::int64_t value = fallback.value_or(static_cast<std::int64_t>(bounds.least));
  if (node != nullptr) {
    std::int64_t given = 0;
    const char* end = node->text.data() + node->text.size();
    const auto [stop, error] = std::from_chars(node->text.data(), end, given);
    if (error != std::errc() || stop != end) {
      mistake(node->place,
              fmt::format("{}: expected a whole number, got '{}'", path_of(key), node->text));
    } else if (static_cast<double>(given) < bounds.least ||
               static_cast<double>(given) > bounds.most) {
      mistake(node->place, fmt::format("{}: must be {}, got {}", path_of(key),
                                       bounds_text(bounds, Dimension::number), given));
    } else {
      value = given;
    }
  }
  resolved_->add(key, YamlNode::scalar(fmt::format("{}", value)));
  return value;
}

bool MapReader::flag(const std::string& key, bool fallback) {
  const std::vector<std::string> valid = {"true", "false"};
  return one_of(key, "truth value", valid, fallback ? "true" : "false") == "true";
}

std::string MapReader::text(const std::string& key, std::optional<std::string> fallback) {
  const YamlNode* node = take_scalar(key, !fallback);
  std::string value = node != nullptr ? node->text : fallback.value_or("");
  resolved_->add(key, YamlNode::scalar(value));
  return value;
}

std::string MapReader::one_of(const std::string& key, std::string_view kind,
                              std::span<const std::string> valid,
                              std::optional<std::string> fallback) {
  const YamlNode* node = take_scalar(key, !fallback);
  std::string value = fallback.value_or(valid.empty() ? "" : valid.front());
  if (node != nullptr) {
    if (std::find(valid.begin(), valid.end(), node->text) != valid.end()) {
      value = node->text;
    } else {
      mistake(node->place, fmt::format("{}: unknown {} '{}'{}", path_of(key), kind, node->text,
                                       suggestion(node->text, valid)));
    }
  }
  resolved_->add(key, YamlNode::scalar(value));
  return value;
}

std::vector<std::string> MapReader::texts(const std::string& key,
                                          std::optional<std::vector<std::string>> fallback) {
  const YamlNode* node = take(key, !fallback);
  std::vector<std::string> values = fallback.value_or(std::vector<std::string>{});
  if (node != nullptr && node->kind == YamlNode::Kind::scalar) {
    values = {node->text};
  } else if (node != nullptr) {
    values.clear();
    const bool is_list = node->kind == YamlNode::Kind::sequence &&
                         std::all_of(node->items.begin(), node->items.end(), [](const YamlNode& i) {
                           return i.kind == YamlNode::Kind::scalar;
                         });
    if (!is_list) {
      mistake(node->place,
              fmt::format("{}: expected a list of names, got {}", path_of(key), describe(*node)));
    } else {
      for (const YamlNode& item : node->items) {
        values.push_back(item.text);
      }
    }
  }
  YamlNode list{.kind = YamlNode::Kind::sequence};
  for (const std::string& value : values) {
    list.items.push_back(YamlNode::scalar(value));
  }
  resolved_->add(key, std::move(list));
  return values;
}

Parameters MapReader::parameters(const std::vector<ParameterSpec>& specs) {
  Parameters values;
  for (const ParameterSpec& spec : specs) {
    if (spec.is_text) {
      values.set(spec.name, text(spec.name));
      continue;
    }
    values.set(spec.name,
               number(spec.name, spec.dimension, spec.fallback, {spec.least, spec.most}));
  }
  return values;
}

MapReader MapReader::map(const std::string& key, bool required) {
  const YamlNode* node = take(key, required);
  YamlNode& below = resolved_->add(key, {.kind = YamlNode::Kind::map});
  return {node != nullptr ? *node : kEmptyMap, path_of(key), *mistakes_, below};
}

void MapReader::done() {
  for (const YamlNode::Entry& entry : node_.entries) {
    if (std::find(known_.begin(), known_.end(), entry.key) == known_.end()) {
      mistake(entry.place,
              fmt::format("unknown key '{}'{}", path_of(entry.key), suggestion(entry.key, known_)));
    }
  }
}

}  // namespace offcut
