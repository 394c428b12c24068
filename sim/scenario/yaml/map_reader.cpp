// Reads maps by the declarations in their key tables. A getter finds the key's declaration, and
// hands its bounds and default to a take_...() function, which reads, checks and resolves the
// value; the parameters of plug-ins, which their own records declare, go to the same functions.

#include "sim/scenario/yaml/map_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <stdexcept>

namespace offcut::scenario {
namespace {

constexpr std::size_t kLongestName = 64;
constexpr double kMostWhole = 0x1p53;  // All whole numbers up to it are exact.

bool is_name(std::string_view name) {
  const bool letters = std::all_of(name.begin(), name.end(), [](char c) {
    const auto code = static_cast<unsigned char>(c);
    return std::isalnum(code) != 0 || c == '-' || c == '_' || code >= 0x80;
  });
  return !name.empty() && letters && name.size() <= kLongestName;
}

/// Parses a whole number, also written +5 or 1e6. None if the text is not one; a number that is too
/// large for the type becomes the largest.
std::optional<std::int64_t> parse_whole(std::string_view text) {
  using Limits = std::numeric_limits<std::int64_t>;
  text.remove_prefix(text.size() > 1 && text[0] == '+' && text[1] != '-' ? 1 : 0);
  const char* end = text.data() + text.size();
  std::int64_t whole = 0;
  if (const auto [stop, error] = std::from_chars(text.data(), end, whole);
      stop == end && error == std::errc()) {
    return whole;
  }
  double value = 0;
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (stop != end || error == std::errc::invalid_argument || value != std::floor(value)) {
    return std::nullopt;
  }
  if (error == std::errc::result_out_of_range || std::abs(value) > kMostWhole) {
    return text[0] == '-' ? Limits::min() : Limits::max();
  }
  return static_cast<std::int64_t>(value);
}

std::optional<std::string> default_text(const KeySpec& spec) {
  return spec.fallback.empty() ? std::nullopt : std::optional(std::string(spec.fallback));
}

}  // namespace

MapReader::MapReader(const YamlNode& node, std::string path, const KeyTable& table,
                     std::vector<Diagnostic>& diagnostics, YamlNode& resolved)
    : MapReader(std::move(path), table, diagnostics, resolved) {
  if (node.kind == YamlNode::Kind::map) {
    node_ = &node;
  } else {
    diagnostics_->push_back(
        {node.place, fmt::format("{}: expected a map, got {}", path_, describe(node))});
  }
}

MapReader::MapReader(std::string path, const KeyTable& table, std::vector<Diagnostic>& diagnostics,
                     YamlNode& resolved)
    : path_(std::move(path)), table_(&table), diagnostics_(&diagnostics), resolved_(&resolved) {
  resolved_->kind = YamlNode::Kind::map;
}

Place MapReader::place(const std::string& key) const {
  const YamlNode* value = find(key);
  return value != nullptr ? value->place : node_ != nullptr ? node_->place : Place();
}

std::vector<std::string> MapReader::keys() const {
  std::vector<std::string> all;
  if (node_ != nullptr) {
    for (const YamlNode::Entry& entry : node_->entries) {
      all.push_back(entry.key);
    }
  }
  return all;
}

std::vector<std::string> MapReader::names(std::string_view kind) {
  if (!table_->names_are_plain) {
    throw std::logic_error(fmt::format("the table of '{}' does not declare plain names", path_));
  }
  std::vector<std::string> all = keys();
  for (const std::string& name : all) {
    if (!is_name(name)) {
      diagnostics_->push_back(
          {place(name),
           fmt::format("{}: {} is not a valid name for a {}: expected at most {} letters, digits, "
                       "'-' and '_'",
                       path_, in_quotes(name), kind, kLongestName)});
    }
  }
  return all;
}

void MapReader::error(const std::string& key, const std::string& message) {
  diagnostics_->push_back({place(key), fmt::format("{}: {}", path_of(key), message)});
}

void MapReader::reject(const std::string& key, const std::string& message) {
  if (has(key)) {
    rejected_.push_back(key);
    error(key, message);
  }
}

void MapReader::missing(std::vector<std::string> keys, std::string message) {
  missing_.push_back({std::move(keys), std::move(message)});
}

const YamlNode* MapReader::take(const std::string& key, bool required) {
  if (std::find(known_.begin(), known_.end(), key) == known_.end()) {
    known_.push_back(key);
  }
  const YamlNode* value = find(key);
  if (value == nullptr && required) {
    missing({key}, fmt::format("'{}' is missing", path_of(key)));
  }
  return value;
}

const KeySpec& MapReader::declaration(const std::string& key) const {
  if (const KeySpec* spec = table_->find(key)) {
    return *spec;
  }
  throw std::logic_error(fmt::format("no table declares the key '{}'", path_of(key)));
}

const KeySpec& MapReader::declaration(const std::string& key, ValueKind kind) const {
  const KeySpec& spec = declaration(key);
  if (spec.kind != kind) {
    throw std::logic_error(
        fmt::format("the key '{}' is read as another kind of value than its "
                    "declaration says",
                    path_of(key)));
  }
  return spec;
}

const KeyTable& MapReader::table_below(const std::string& key) const {
  const KeySpec& spec = declaration(key);
  if (spec.below == nullptr) {
    throw std::logic_error(fmt::format("the key '{}' is not declared as a map", path_of(key)));
  }
  return *spec.below;
}

const YamlNode* MapReader::raw(const std::string& key) {
  declaration(key);
  return take(key, false);
}

const YamlNode* MapReader::take_scalar(const std::string& key, bool required) {
  const YamlNode* value = take(key, required);
  if (value != nullptr && value->kind != YamlNode::Kind::scalar) {
    error(key, fmt::format("expected a single value, got {}", describe(*value)));
    return nullptr;
  }
  return value;
}

double MapReader::number_of(const std::string& key, Dimension dimension,
                            std::optional<double> fallback) {
  const KeySpec& spec = declaration(key, ValueKind::number);
  if (spec.dimension != dimension) {
    throw std::logic_error(
        fmt::format("the key '{}' is read in another dimension than its "
                    "declaration says",
                    path_of(key)));
  }
  if (!fallback && !spec.fallback.empty()) {
    fallback = parse_quantity(spec.fallback, dimension);
  }
  return take_number(key, dimension, fallback, spec.bounds);
}

double MapReader::take_number(const std::string& key, Dimension dimension,
                              std::optional<double> fallback, Bounds bounds) {
  bounds = finite(bounds, dimension);
  const YamlNode* node = take_scalar(key, !fallback);
  double value = fallback.value_or(std::clamp(1.0, bounds.least, bounds.most));
  if (node != nullptr) {
    try {
      const double given = parse_quantity(node->text, dimension);
      if (given < bounds.least || given > bounds.most) {
        error(key, fmt::format("must be {}, got {}", bounds_text(bounds, dimension),
                               in_quotes(node->text)));
      } else {
        value = given;
      }
    } catch (const std::invalid_argument& invalid) {
      error(key, invalid.what());
    }
  }
  resolved_->add(key, YamlNode::scalar(to_text(value, dimension)));
  return value;
}

std::int64_t MapReader::integer(const std::string& key, std::optional<Bounds> bounds) {
  const KeySpec& spec = declaration(key, ValueKind::whole);
  const auto fallback =
      spec.fallback.empty() ? std::nullopt : parse_whole(std::string_view(spec.fallback));
  return take_integer(key, fallback, bounds.value_or(spec.bounds));
}

std::int64_t MapReader::take_integer(const std::string& key, std::optional<std::int64_t> fallback,
                                     Bounds bounds) {
  const YamlNode* node = take_scalar(key, !fallback);
  std::int64_t value = fallback.value_or(static_cast<std::int64_t>(bounds.least));
  if (node != nullptr) {
    const std::optional<std::int64_t> given = parse_whole(node->text);
    if (!given) {
      error(key, fmt::format("expected a whole number, got {}", in_quotes(node->text)));
    } else if (*given < static_cast<std::int64_t>(bounds.least) ||
               *given > static_cast<std::int64_t>(bounds.most)) {
      error(key, fmt::format("must be {}, got {}", bounds_text(bounds, Dimension::number),
                             in_quotes(node->text)));
    } else {
      value = *given;
    }
  }
  resolved_->add(key, YamlNode::scalar(fmt::format("{}", value)));
  return value;
}

bool MapReader::flag(const std::string& key) {
  const std::string fallback(declaration(key, ValueKind::flag).fallback);
  const std::vector<std::string> valid = {"true", "false"};
  return take_one_of(key, "truth value", valid, fallback).value_or(fallback) == "true";
}

std::string MapReader::text(const std::string& key, std::optional<std::string> fallback) {
  const KeySpec& spec = declaration(key);
  if (spec.kind != ValueKind::file && spec.kind != ValueKind::map_or_file) {
    declaration(key, ValueKind::text);
  }
  if (!fallback && !spec.fallback.empty()) {
    fallback = std::string(spec.fallback);
  }
  return take_text(key, std::move(fallback));
}

std::string MapReader::take_text(const std::string& key, std::optional<std::string> fallback) {
  const YamlNode* node = take_scalar(key, !fallback);
  std::string value = node != nullptr ? node->text : fallback.value_or("");
  resolved_->add(key, YamlNode::scalar(value));
  return value;
}

/// Joins the texts of a list with line feeds. REQUIRES: the value is a list.
std::string MapReader::take_texts(const std::string& key) {
  const YamlNode& list = *take(key, true);
  std::string all;
  for (const YamlNode& item : list.items) {
    if (item.kind != YamlNode::Kind::scalar) {
      diagnostics_->push_back({item.place, fmt::format("{}: expected a list of names, got {}",
                                                       path_of(key), describe(item))});
    }
    all += item.text + '\n';
  }
  resolved_->add(key, list);
  return all;
}

std::optional<std::string> MapReader::choice(const std::string& key) {
  const KeySpec& spec = declaration(key, ValueKind::choice);
  return take_one_of(key, spec.noun, split_list(spec.choices), default_text(spec));
}

std::optional<std::string> MapReader::one_of(const std::string& key,
                                             std::span<const std::string> names,
                                             std::optional<std::string> fallback) {
  const KeySpec& spec = declaration(key, ValueKind::name);
  return take_one_of(key, spec.noun, names, fallback ? std::move(fallback) : default_text(spec));
}

std::optional<std::string> MapReader::take_one_of(const std::string& key, std::string_view noun,
                                                  std::span<const std::string> valid,
                                                  std::optional<std::string> fallback) {
  const bool given = has(key);
  const YamlNode* node = take_scalar(key, !fallback);
  std::optional<std::string> value = given ? std::nullopt : std::move(fallback);
  if (node != nullptr) {
    if (std::find(valid.begin(), valid.end(), node->text) != valid.end()) {
      value = node->text;
    } else {
      error(key, fmt::format("unknown {} {}{}", noun, in_quotes(node->text),
                             suggestion(node->text, valid)));
      const std::string near = nearest(node->text, valid);
      value = near.empty() ? std::nullopt : std::optional(near);
    }
  }
  resolved_->add(key, YamlNode::scalar(value.value_or("")));
  return value;
}

std::vector<std::string> MapReader::some_of(const std::string& key,
                                            std::span<const std::string> names,
                                            std::optional<std::vector<std::string>> fallback) {
  const KeySpec& spec = declaration(key, ValueKind::name);
  const YamlNode* node = take(key, false);
  std::vector<const YamlNode*> given;
  if (node != nullptr && node->kind == YamlNode::Kind::sequence) {
    for (const YamlNode& item : node->items) {
      given.push_back(&item);
    }
  } else if (node != nullptr) {
    given.push_back(node);
  }
  std::vector<std::string> values =
      node != nullptr ? std::vector<std::string>() : fallback.value_or(split_list(spec.fallback));
  for (const YamlNode* item : given) {
    if (item->kind != YamlNode::Kind::scalar) {
      diagnostics_->push_back({item->place, fmt::format("{}: expected a list of names, got {}",
                                                        path_of(key), describe(*item))});
    } else if (std::find(names.begin(), names.end(), item->text) == names.end()) {
      diagnostics_->push_back(
          {item->place, fmt::format("{}: unknown {} {}{}", path_of(key), spec.noun,
                                    in_quotes(item->text), suggestion(item->text, names))});
    } else if (std::find(values.begin(), values.end(), item->text) != values.end()) {
      diagnostics_->push_back({item->place, fmt::format("{}: {} is listed twice", path_of(key),
                                                        in_quotes(item->text))});
    } else {
      values.push_back(item->text);
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
    if (!spec.one_of.empty()) {
      values.set(spec.name, take_one_of(spec.name, spec.name, spec.one_of, spec.one_of.front())
                                .value_or(spec.one_of.front()));
      continue;
    }
    if (spec.is_file) {
      continue;
    }
    if (is_absent(spec, specs)) {
      spec.is_text ? values.set(spec.name, std::string()) : values.set(spec.name, 0.0);
      continue;
    }
    if (spec.is_text) {
      const YamlNode* node = find(spec.name);
      const bool is_list =
          spec.is_list && node != nullptr && node->kind == YamlNode::Kind::sequence;
      values.set(spec.name, is_list ? take_texts(spec.name) : take_text(spec.name, {}));
    } else if (spec.is_list) {
      values.set(spec.name, take_list(spec));
    } else {
      values.set(spec.name, take_parameter(spec));
    }
  }
  return values;
}

/// Returns whether there is no value for the parameter: it may be missing and is, or the one that
/// is its alternative is given, or should be.
bool MapReader::is_absent(const ParameterSpec& spec, const std::vector<ParameterSpec>& specs) {
  if (has(spec.name)) {
    if (!spec.instead_of.empty() && has(spec.instead_of)) {
      error(spec.name, fmt::format("give {} or {}, not both", in_quotes(spec.instead_of),
                                   in_quotes(spec.name)));
    }
    return false;
  }
  const auto other = std::find_if(specs.begin(), specs.end(), [&](const ParameterSpec& candidate) {
    return candidate.instead_of == spec.name;
  });
  if (spec.instead_of.empty() && spec.absent.empty() && other == specs.end()) {
    return false;
  }
  take(spec.name, false);
  if (other != specs.end() && !has(other->name)) {
    missing(
        {spec.name, other->name},
        fmt::format("{} or {} is missing", in_quotes(path_of(spec.name)), in_quotes(other->name)));
  }
  return true;
}

double MapReader::take_parameter(const ParameterSpec& spec) {
  if (!spec.is_whole) {
    return take_number(spec.name, spec.dimension, spec.fallback, {spec.least, spec.most});
  }
  const Bounds bounds{std::max(spec.least, -kMostWhole), std::min(spec.most, kMostWhole)};
  std::optional<std::int64_t> fallback;
  if (spec.fallback) {
    fallback = static_cast<std::int64_t>(*spec.fallback);
  }
  return static_cast<double>(take_integer(spec.name, fallback, bounds));
}

std::vector<double> MapReader::take_list(const ParameterSpec& spec) {
  const YamlNode* node = take(spec.name, false);
  std::vector<YamlNode> items;
  if (node != nullptr) {
    items = node->kind == YamlNode::Kind::sequence ? node->items : std::vector{*node};
  }
  std::vector<double> values;
  YamlNode list{.kind = YamlNode::Kind::sequence};
  for (const YamlNode& item : items) {
    YamlNode single{.kind = YamlNode::Kind::map, .place = item.place};
    single.add(spec.name, item);
    YamlNode resolved;
    values.push_back(
        MapReader(single, path_, *table_, *diagnostics_, resolved).take_parameter(spec));
    list.items.push_back(resolved.entries.back().value);
  }
  resolved_->add(spec.name, std::move(list));
  return values;
}

MapReader MapReader::map(const std::string& key, std::optional<bool> required) {
  const KeyTable& table = table_below(key);
  const YamlNode* node = take(key, required.value_or(declaration(key).required()));
  YamlNode& below = resolved_->add(key, {.kind = YamlNode::Kind::map});
  return node != nullptr ? MapReader(*node, path_of(key), table, *diagnostics_, below)
                         : MapReader(path_of(key), table, *diagnostics_, below);
}

MapReader MapReader::map_from(const YamlNode& node, const std::string& key,
                              YamlNode& resolved) const {
  return {node, path_of(key), table_below(key), *diagnostics_, resolved};
}

std::vector<MapReader> MapReader::maps(const std::string& key) {
  const KeyTable& table = table_below(key);
  const YamlNode* list = take(key, false);
  YamlNode& resolved = resolved_->add(key, {.kind = YamlNode::Kind::sequence});
  resolved.items.resize(list->items.size());
  std::vector<MapReader> readers;
  for (std::size_t i = 0; i < list->items.size(); ++i) {
    readers.emplace_back(list->items[i], path_of(key), table, *diagnostics_, resolved.items[i]);
  }
  return readers;
}

void MapReader::done() {
  if (node_ == nullptr || ignore_rest_) {
    return;
  }
  bool listed = false;  // One list of the valid keys is enough.
  for (const YamlNode::Entry& entry : node_->entries) {
    const auto is_among = [&](const std::vector<std::string>& keys) {
      return std::find(keys.begin(), keys.end(), entry.key) != keys.end();
    };
    if (is_among(known_) || is_among(rejected_)) {
      continue;
    }
    const std::string near = nearest(entry.key, known_);
    const std::string hint = near.empty() && listed ? "" : suggestion(entry.key, known_);
    listed = listed || near.empty();
    diagnostics_->push_back(
        {entry.place, fmt::format("unknown key {}{}", in_quotes(path_of(entry.key)), hint)});
    std::erase_if(missing_, [&](const Missing& missing) {
      return std::find(missing.keys.begin(), missing.keys.end(), near) != missing.keys.end();
    });
  }
  if (node_->incomplete) {
    return;
  }
  for (const Missing& missing : missing_) {
    diagnostics_->push_back({node_->place, missing.message});
  }
}

}  // namespace offcut::scenario
