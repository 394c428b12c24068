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
constexpr double kMostWhole = 0x1p53;  // all whole numbers up to it are exact

bool is_name(std::string_view name) {
  const bool letters = std::all_of(name.begin(), name.end(), [](char c) {
    const auto code = static_cast<unsigned char>(c);
    return std::isalnum(code) != 0 || c == '-' || c == '_' || code >= 0x80;
  });
  return !name.empty() && letters && name.size() <= kLongestName;
}

std::string bounds_text(Bounds bounds, Dimension dimension) {
  if (bounds.least == bounds.most) {
    return to_text(bounds.least, dimension);
  }
  if (bounds.most >= 1e300) {
    return fmt::format("at least {}", to_text(bounds.least, dimension));
  }
  return fmt::format("between {} and {}", to_text(bounds.least, dimension),
                     to_text(bounds.most, dimension));
}

/// A whole number, also as +5 and 1e6. None where it is no such number; what is too large for its
/// type becomes the largest.
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
  if (error == std::errc::result_out_of_range || std::abs(value) > 0x1p53) {
    return text[0] == '-' ? Limits::min() : Limits::max();
  }
  return static_cast<std::int64_t>(value);
}

}  // namespace

MapReader::MapReader(const YamlNode& node, std::string what, std::vector<Diagnostic>& diagnostics,
                     YamlNode& resolved)
    : MapReader(std::move(what), diagnostics, resolved) {
  if (node.kind == YamlNode::Kind::map) {
    node_ = &node;
  } else {
    diagnostics_->push_back(
        {node.place, fmt::format("{}: expected a map, got {}", what_, describe(node))});
  }
}

MapReader::MapReader(std::string what, std::vector<Diagnostic>& diagnostics, YamlNode& resolved)
    : what_(std::move(what)), diagnostics_(&diagnostics), resolved_(&resolved) {
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
  std::vector<std::string> all = keys();
  for (const std::string& name : all) {
    if (!is_name(name)) {
      diagnostics_->push_back(
          {place(name),
           fmt::format("{}: {} is no name for a {}: letters, digits, '-' and '_', {} at most",
                       what_, in_quotes(name), kind, kLongestName)});
    }
  }
  return all;
}

void MapReader::error(const std::string& key, const std::string& message) {
  diagnostics_->push_back({place(key), fmt::format("{}: {}", path_of(key), message)});
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

const YamlNode* MapReader::raw(const std::string& key) { return take(key, false); }

const YamlNode* MapReader::take_scalar(const std::string& key, bool required) {
  const YamlNode* value = take(key, required);
  if (value != nullptr && value->kind != YamlNode::Kind::scalar) {
    error(key, fmt::format("expected a single value, got {}", describe(*value)));
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

std::int64_t MapReader::integer(const std::string& key, std::optional<std::int64_t> fallback,
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

bool MapReader::flag(const std::string& key, bool fallback) {
  const std::vector<std::string> valid = {"true", "false"};
  const std::string given = fallback ? "true" : "false";
  return one_of(key, "truth value", valid, given).value_or(given) == "true";
}

std::string MapReader::text(const std::string& key, std::optional<std::string> fallback) {
  const YamlNode* node = take_scalar(key, !fallback);
  std::string value = node != nullptr ? node->text : fallback.value_or("");
  resolved_->add(key, YamlNode::scalar(value));
  return value;
}

std::optional<std::string> MapReader::one_of(const std::string& key, std::string_view kind,
                                             std::span<const std::string> valid,
                                             std::optional<std::string> fallback) {
  const bool given = has(key);
  const YamlNode* node = take_scalar(key, !fallback);
  std::optional<std::string> value = given ? std::nullopt : std::move(fallback);
  if (node != nullptr) {
    if (std::find(valid.begin(), valid.end(), node->text) != valid.end()) {
      value = node->text;
    } else {
      error(key, fmt::format("unknown {} {}{}", kind, in_quotes(node->text),
                             suggestion(node->text, valid)));
      const std::string near = nearest(node->text, valid);
      value = near.empty() ? std::nullopt : std::optional(near);
    }
  }
  resolved_->add(key, YamlNode::scalar(value.value_or("")));
  return value;
}

std::vector<std::string> MapReader::some_of(const std::string& key, std::string_view kind,
                                            std::span<const std::string> valid,
                                            const std::vector<std::string>& fallback) {
  const YamlNode* node = take(key, false);
  std::vector<const YamlNode*> given;
  if (node != nullptr && node->kind == YamlNode::Kind::sequence) {
    for (const YamlNode& item : node->items) {
      given.push_back(&item);
    }
  } else if (node != nullptr) {
    given.push_back(node);
  }
  std::vector<std::string> values = node != nullptr ? std::vector<std::string>() : fallback;
  for (const YamlNode* item : given) {
    if (item->kind != YamlNode::Kind::scalar) {
      diagnostics_->push_back({item->place, fmt::format("{}: expected a list of names, got {}",
                                                        path_of(key), describe(*item))});
    } else if (std::find(valid.begin(), valid.end(), item->text) == valid.end()) {
      diagnostics_->push_back(
          {item->place, fmt::format("{}: unknown {} {}{}", path_of(key), kind,
                                    in_quotes(item->text), suggestion(item->text, valid))});
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
      values.set(spec.name, one_of(spec.name, spec.name, spec.one_of, spec.one_of.front())
                                .value_or(spec.one_of.front()));
      continue;
    }
    if (spec.is_file) {
      continue;
    }
    if (spec.is_text) {
      values.set(spec.name, text(spec.name));
    } else if (spec.is_list) {
      values.set(spec.name, list_of(spec));
    } else {
      values.set(spec.name, value_of(spec));
    }
  }
  return values;
}

double MapReader::value_of(const ParameterSpec& spec) {
  if (!spec.is_whole) {
    return number(spec.name, spec.dimension, spec.fallback, {spec.least, spec.most});
  }
  const Bounds bounds{std::max(spec.least, -kMostWhole), std::min(spec.most, kMostWhole)};
  std::optional<std::int64_t> fallback;
  if (spec.fallback) {
    fallback = static_cast<std::int64_t>(*spec.fallback);
  }
  return static_cast<double>(integer(spec.name, fallback, bounds));
}

std::vector<double> MapReader::list_of(const ParameterSpec& spec) {
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
    values.push_back(MapReader(single, what_, *diagnostics_, resolved).value_of(spec));
    list.items.push_back(resolved.entries.back().value);
  }
  resolved_->add(spec.name, std::move(list));
  return values;
}

MapReader MapReader::map(const std::string& key, bool required) {
  const YamlNode* node = take(key, required);
  YamlNode& below = resolved_->add(key, {.kind = YamlNode::Kind::map});
  return node != nullptr ? MapReader(*node, path_of(key), *diagnostics_, below)
                         : MapReader(path_of(key), *diagnostics_, below);
}

void MapReader::done() {
  if (node_ == nullptr || ignore_rest_) {
    return;
  }
  bool listed = false;  // what is valid: once is enough
  for (const YamlNode::Entry& entry : node_->entries) {
    if (std::find(known_.begin(), known_.end(), entry.key) != known_.end()) {
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
