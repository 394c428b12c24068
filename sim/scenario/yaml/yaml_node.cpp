// Reads and writes YAML by yaml-cpp. Its nodes are converted to YamlNode, which keeps the places,
// and input that YAML allows but scenarios do not is reported: duplicate keys, merged maps, tags,
// text that is not UTF-8. Limits on size and depth stop aliases that stand for more nodes than
// memory holds.

#include "sim/scenario/yaml/yaml_node.h"
#include "models/base/missing_file.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <yaml-cpp/depthguard.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>

namespace offcut::scenario {
namespace {

// Far more than any scenario needs. Beyond these limits the input is an error or an attack: aliases
// of aliases stand for astronomically many nodes, an alias of itself for infinite depth.
constexpr std::size_t kMostBytes = std::size_t{1} << 20U;
constexpr int kMostNodes = 100'000;
constexpr int kDeepest = 50;

Place place_of(const std::string& file, const YAML::Mark& mark) {
  return {file, mark.line + 1, mark.column + 1};
}

/// Converts yaml-cpp's nodes, and collects what YAML allows but scenarios do not.
class Converter {
 public:
  explicit Converter(std::string file) : file_(std::move(file)) {}

  YamlNode convert(const YAML::Node& from, int depth = 0) {
    const Place place = place_of(file_, from.Mark());
    if (++nodes_ > kMostNodes) {
      throw InputError(place, fmt::format("the document has more than {} values", kMostNodes));
    }
    if (depth > kDeepest) {
      throw InputError(place, "maps and lists are nested too deeply");
    }
    YamlNode node{.place = place};
    if (from.IsScalar()) {
      node.kind = YamlNode::Kind::scalar;
      node.text = from.Scalar();
      check_text(place, node.text);
    } else if (from.IsSequence()) {
      node.kind = YamlNode::Kind::sequence;
      for (const YAML::Node& item : from) {
        node.items.push_back(convert(item, depth + 1));
      }
    } else if (from.IsMap()) {
      node.kind = YamlNode::Kind::map;
      convert_entries(from, node, depth);
    }
    check_tag(place, from.Tag());
    return node;
  }

  std::vector<Diagnostic> take_diagnostics() { return std::move(diagnostics_); }

 private:
  void convert_entries(const YAML::Node& from, YamlNode& node, int depth) {
    std::map<std::string, Place> seen;
    for (const auto& pair : from) {
      const YAML::Node& key = pair.first;
      const Place place = place_of(file_, key.Mark());
      if (!key.IsScalar()) {
        diagnostics_.push_back({place, "a key must be a text"});
        node.incomplete = true;
        continue;
      }
      check_text(place, key.Scalar());
      const auto [first, is_new] = seen.emplace(key.Scalar(), place);
      if (key.Scalar() == "<<") {
        diagnostics_.push_back({place, "maps can't be merged ('<<'): write the keys out"});
        node.incomplete = true;
      } else if (!is_new) {
        diagnostics_.push_back({place, fmt::format("key {} appears twice, first in line {}",
                                                   in_quotes(key.Scalar()), first->second.line)});
      } else {
        node.entries.push_back({key.Scalar(), place, convert(pair.second, depth + 1)});
        YamlNode& value = node.entries.back().value;
        if (value.kind == YamlNode::Kind::null) {  // For yaml-cpp, it is at the next token.
          value.place = place;
        }
      }
    }
  }

  /// Control characters can only come from escapes ("\e"): read_text() refuses them elsewhere.
  void check_text(const Place& place, const std::string& text) {
    const auto bad = std::find_if(text.begin(), text.end(), [](char c) {
      return (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') || c == 0x7f;
    });
    if (bad != text.end()) {
      diagnostics_.push_back({place, fmt::format("control character 0x{:02x} in a text",
                                                 static_cast<unsigned>(*bad))});
    }
  }

  /// Only a tag that the user wrote is an error: plain and quoted texts have "?" and "!", and
  /// YAML's own tags say nothing new.
  void check_tag(const Place& place, const std::string& tag) {
    if (!tag.empty() && tag != "?" && tag != "!" && !tag.starts_with("tag:yaml.org,2002:")) {
      diagnostics_.push_back({place, fmt::format("tag {} has no meaning here", in_quotes(tag))});
    }
  }

  std::string file_;
  int nodes_ = 0;
  std::vector<Diagnostic> diagnostics_;
};

/// Returns the place of a byte. Columns count bytes, as yaml-cpp's do.
Place place_at(const std::string& file, const std::string& text, std::size_t position) {
  const auto begin = text.begin();
  const auto byte = begin + static_cast<std::ptrdiff_t>(position);
  const auto line = std::find(std::make_reverse_iterator(byte), text.rend(), '\n').base();
  return {file, static_cast<int>(std::count(begin, byte, '\n')) + 1,
          static_cast<int>(byte - line) + 1};
}

/// Finds the first tab that indents one of the first `lines` lines. YAML forbids such tabs, and
/// yaml-cpp's message is about something else.
std::optional<std::size_t> indenting_tab(const std::string& text, int lines) {
  std::size_t begin = 0;
  for (int line = 0; line < lines && begin < text.size(); ++line) {
    const std::size_t first = text.find_first_not_of(' ', begin);
    if (first != std::string::npos && text[first] == '\t') {
      return first;
    }
    begin = text.find('\n', begin);
    begin = begin == std::string::npos ? text.size() : begin + 1;
  }
  return std::nullopt;
}

/// Finds the first carriage return that ends a line alone, which yaml-cpp takes for a part of it.
std::optional<std::size_t> lone_return(const std::string& text) {
  std::size_t found = text.find('\r');
  while (found != std::string::npos && text.substr(found + 1, 1) == "\n") {
    found = text.find('\r', found + 1);
  }
  return found == std::string::npos ? std::nullopt : std::optional(found);
}

/// Rewords yaml-cpp's messages that use a parser's terms.
std::string in_plain_words(const std::string& message, int column) {
  constexpr int kLongestKey = 1024;  // Of YAML, section 7.4.2.
  if (message == YAML::ErrorMsg::MAP_VALUE) {
    return column > kLongestKey
               ? fmt::format("a key before here is longer than {} characters", kLongestKey)
               : "a ':' where no value can begin (texts with ': ' need quotes)";
  }
  if (message == YAML::ErrorMsg::END_OF_MAP_FLOW) {
    return "a '{' before here is not closed";
  }
  return message == YAML::ErrorMsg::END_OF_SEQ_FLOW ? "a '[' before here is not closed" : message;
}

std::vector<YAML::Node> load(const std::string& text, const std::string& file) {
  try {
    return YAML::LoadAll(text);
  } catch (const YAML::DeepRecursion& error) {
    throw InputError(place_of(file, error.mark), "maps and lists are nested too deeply");
  } catch (const YAML::Exception& error) {
    if (const auto tab = indenting_tab(text, error.mark.line + 1)) {
      throw InputError(place_at(file, text, *tab), "not YAML: indented by a tab, expected blanks");
    }
    if (const auto end = lone_return(text)) {
      throw InputError(place_at(file, text, *end),
                       "not YAML: a line ends in a carriage return alone, expected a line feed");
    }
    throw InputError(place_of(file, error.mark),
                     "not YAML: " + in_plain_words(error.msg, error.mark.column));
  }
}

YamlNode parse(const std::string& text, const std::string& file,
               std::vector<Diagnostic>& diagnostics) {
  const std::vector<YAML::Node> documents = load(text, file);
  if (documents.size() > 1) {
    throw InputError(place_of(file, documents[1].Mark()),
                     "a second YAML document begins, expected one");
  }
  Converter converter(file);
  YamlNode root = converter.convert(documents.empty() ? YAML::Node() : documents.front());
  for (Diagnostic& diagnostic : converter.take_diagnostics()) {
    diagnostics.push_back(std::move(diagnostic));
  }
  return root;
}

/// The length of the UTF-8 character at the front, 0 if there is none (RFC 3629).
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  const unsigned lead = byte(0);
  const std::size_t length = lead < 0x80                    ? 1
                             : lead >= 0xc2 && lead <= 0xdf ? 2
                             : lead >= 0xe0 && lead <= 0xef ? 3
                             : lead >= 0xf0 && lead <= 0xf4 ? 4
                                                            : 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0U) != 0x80) {
      return 0;
    }
  }
  const bool overlong = (lead == 0xe0 && byte(1) < 0xa0) || (lead == 0xf0 && byte(1) < 0x90);
  const bool surrogate = lead == 0xed && byte(1) > 0x9f;
  const bool beyond = lead == 0xf4 && byte(1) > 0x8f;
  return overlong || surrogate || beyond ? 0 : length;
}

/// Throws InputError at the first byte that is not UTF-8 text.
void check_is_text(const std::string& text, const std::string& file) {
  for (std::size_t i = 0; i < text.size();) {
    const auto code = static_cast<unsigned char>(text[i]);
    const std::size_t length = utf8_length(std::string_view(text).substr(i));
    const bool control =
        (code < 0x20 && code != '\n' && code != '\r' && code != '\t') || code == 0x7f;
    if (length == 0 || control) {
      throw InputError(place_at(file, text, i),
                       fmt::format("byte 0x{:02x} is not UTF-8 text, expected YAML", code));
    }
    i += length;
  }
}

std::string read_text(const std::string& path) {
  if (std::filesystem::is_directory(path)) {
    throw InputError({path}, "is a directory, expected a YAML file");
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    throw InputError({path.empty() ? "''" : path},
                     std::filesystem::exists(path) ? "can't be read" : missing_file(path));
  }
  std::string text(kMostBytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > kMostBytes) {
    throw InputError({path},
                     fmt::format("is larger than {} MiB, expected a YAML file", kMostBytes >> 20U));
  }
  check_is_text(text, path);
  return text;
}

void move_to(YamlNode& node, const Place& place) {
  node.place = place;
  for (YamlNode& item : node.items) {
    move_to(item, place);
  }
  for (YamlNode::Entry& entry : node.entries) {
    entry.place = place;
    move_to(entry.value, place);
  }
}

void emit(YAML::Emitter& out, const YamlNode& node) {
  switch (node.kind) {
    case YamlNode::Kind::null:
      out << YAML::Null;
      break;
    case YamlNode::Kind::scalar:
      out << node.text;
      break;
    case YamlNode::Kind::sequence:
      out << YAML::Flow << YAML::BeginSeq;
      for (const YamlNode& item : node.items) {
        emit(out, item);
      }
      out << YAML::EndSeq;
      break;
    case YamlNode::Kind::map:
      out << YAML::BeginMap;
      for (const YamlNode::Entry& entry : node.entries) {
        out << YAML::Key << entry.key << YAML::Value;
        emit(out, entry.value);
      }
      out << YAML::EndMap;
      break;
  }
}

}  // namespace

const YamlNode* YamlNode::find(std::string_view key) const {
  const auto it =
      std::find_if(entries.begin(), entries.end(), [&](const Entry& e) { return e.key == key; });
  return it == entries.end() ? nullptr : &it->value;
}

YamlNode YamlNode::scalar(std::string text) {
  YamlNode node;
  node.kind = Kind::scalar;
  node.text = std::move(text);
  return node;
}

YamlNode& YamlNode::add(std::string key, YamlNode value) {
  kind = Kind::map;
  Place value_place = value.place;
  entries.push_back({std::move(key), std::move(value_place), std::move(value)});
  return entries.back().value;
}

std::string describe(const YamlNode& node) {
  switch (node.kind) {
    case YamlNode::Kind::scalar:
      return in_quotes(node.text);
    case YamlNode::Kind::sequence:
      return "a list";
    case YamlNode::Kind::map:
      return "a map";
    case YamlNode::Kind::null:
      break;
  }
  return "nothing";
}

YamlNode read_yaml(const std::string& path, std::vector<Diagnostic>& diagnostics,
                   const std::function<std::string(std::string)>& prepare) {
  std::string text = read_text(path);
  if (prepare) {
    text = prepare(std::move(text));
  }
  YamlNode root = parse(text, path, diagnostics);
  if (root.kind == YamlNode::Kind::null) {
    throw InputError({path}, "is empty, expected a YAML map");
  }
  if (root.kind != YamlNode::Kind::map) {
    throw InputError(root.place, "expected a map, got " + describe(root));
  }
  return root;
}

YamlNode parse_yaml(const std::string& value, const Place& place) {
  try {
    std::vector<Diagnostic> diagnostics;
    check_is_text(value, place.file);
    YamlNode node = parse(value, place.file, diagnostics);
    if (!diagnostics.empty()) {
      throw InputError(std::move(diagnostics));
    }
    move_to(node, place);
    return node;
  } catch (const InputError& error) {
    std::vector<Diagnostic> moved;
    for (const Diagnostic& diagnostic : error.diagnostics()) {
      moved.push_back({place, diagnostic.message});
    }
    throw InputError(std::move(moved));
  }
}

void set_path(YamlNode& root, const std::vector<std::string>& keys, const std::string& value,
              const Place& place) {
  YamlNode parsed = parse_yaml(value, place);
  YamlNode* node = &root;
  std::string above;  // The path so far.
  for (const std::string& key : keys) {
    if (key.empty()) {
      throw InputError(place, fmt::format("{} is not a path such as tiers.device.count",
                                          in_quotes(fmt::format("{}", fmt::join(keys, ".")))));
    }
    if (node->kind != YamlNode::Kind::map && node->kind != YamlNode::Kind::null) {
      throw InputError(
          place, fmt::format("'{}' is {}, it has no {}", above, describe(*node), in_quotes(key)));
    }
    const auto it = std::find_if(node->entries.begin(), node->entries.end(),
                                 [&](const YamlNode::Entry& e) { return e.key == key; });
    node = it != node->entries.end() ? &it->value : &node->add(key, YamlNode{.place = place});
    above += (above.empty() ? "" : ".") + key;
  }
  *node = std::move(parsed);
}

std::string to_yaml(const YamlNode& node) {
  YAML::Emitter out;
  emit(out, node);
  return std::string(out.c_str()) + "\n";
}

std::string to_yaml_line(const YamlNode& node) {
  YAML::Emitter out;
  out.SetMapFormat(YAML::Flow);
  emit(out, node);
  return out.c_str();
}

}  // namespace offcut::scenario
