#include "sim/scenario/yaml_node.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>

namespace offcut {
namespace {

Place place_of(const std::string& file, const YAML::Mark& mark) {
  return {file, mark.line + 1, mark.column + 1};
}

/// Converts yaml-cpp's nodes to ours; gathers duplicate keys and keys that are no text.
class Converter {
 public:
  explicit Converter(std::string file) : file_(std::move(file)) {}

  YamlNode convert(const YAML::Node& from) {
    if (++nodes_ > kMostNodes) {  // aliases of aliases can ask for an astronomical number
      throw InputError(place_of(file_, from.Mark()), "the document has too many nodes");
    }
    YamlNode node{.place = place_of(file_, from.Mark())};
    if (from.IsScalar()) {
      node.kind = YamlNode::Kind::scalar;
      node.text = from.Scalar();
    } else if (from.IsSequence()) {
      node.kind = YamlNode::Kind::sequence;
      for (const YAML::Node& item : from) {
        node.items.push_back(convert(item));
      }
    } else if (from.IsMap()) {
      node.kind = YamlNode::Kind::map;
      convert_entries(from, node);
    }
    return node;
  }

  std::vector<Mistake> take_mistakes() { return std::move(mistakes_); }

 private:
  static constexpr int kMostNodes = 1'000'000;

  void convert_entries(const YAML::Node& from, YamlNode& node) {
    std::set<std::string> seen;
    for (const auto& pair : from) {
      const YAML::Node& key = pair.first;
      const YAML::Node& value = pair.second;
      const Place place = place_of(file_, key.Mark());
      if (!key.IsScalar()) {
        mistakes_.push_back({place, "a key must be a text"});
      } else if (!seen.insert(key.Scalar()).second) {
        mistakes_.push_back({place, fmt::format("key '{}' stands twice", key.Scalar())});
      } else {
        node.entries.push_back({key.Scalar(), place, convert(value)});
      }
    }
  }

  std::string file_;
  int nodes_ = 0;
  std::vector<Mistake> mistakes_;
};

YamlNode parse(const std::string& text, const std::string& file) {
  try {
    const std::vector<YAML::Node> documents = YAML::LoadAll(text);
    if (documents.size() > 1) {
      throw InputError({file},
                       fmt::format("holds {} YAML documents, expected one", documents.size()));
    }
    Converter converter(file);
    YamlNode root = converter.convert(documents.empty() ? YAML::Node() : documents.front());
    if (auto mistakes = converter.take_mistakes(); !mistakes.empty()) {
      throw InputError(std::move(mistakes));
    }
    return root;
  } catch (const YAML::Exception& error) {
    throw InputError(place_of(file, error.mark), "not YAML: " + error.msg);
  }
}

std::string read_text(const std::string& path) {
  if (std::filesystem::is_directory(path)) {
    throw InputError({path}, "is a directory, expected a YAML file");
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    throw InputError({path}, std::filesystem::exists(path) ? "can't be read" : "does not exist");
  }
  std::string text{std::istreambuf_iterator<char>(file), {}};
  const auto is_control = [](unsigned char c) {
    return c < 0x20 && c != '\n' && c != '\r' && c != '\t';
  };
  if (std::any_of(text.begin(), text.end(), is_control)) {
    throw InputError({path}, "is a binary file, expected YAML");
  }
  return text;
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
  Place where = value.place;
  entries.push_back({std::move(key), std::move(where), std::move(value)});
  return entries.back().value;
}

std::string describe(const YamlNode& node) {
  switch (node.kind) {
    case YamlNode::Kind::scalar:
      return fmt::format("'{}'", node.text);
    case YamlNode::Kind::sequence:
      return "a list";
    case YamlNode::Kind::map:
      return "a map";
    case YamlNode::Kind::null:
      break;
  }
  return "nothing";
}

YamlNode read_yaml(const std::string& path) {
  const std::string text = read_text(path);
  YamlNode root = parse(text, path);
  if (root.kind == YamlNode::Kind::null) {
    throw InputError({path}, "is empty, expected a YAML map");
  }
  if (root.kind != YamlNode::Kind::map) {
    throw InputError(root.place, "expected a map, got " + describe(root));
  }
  return root;
}

void set_path(YamlNode& root, const std::string& path, const std::string& value,
              const Place& place) {
  YamlNode parsed = parse(value, place.file);
  const auto move_to = [&](YamlNode& node, const auto& self) -> void {
    node.place = place;
    for (YamlNode& item : node.items) {
      self(item, self);
    }
    for (YamlNode::Entry& entry : node.entries) {
      entry.place = place;
      self(entry.value, self);
    }
  };
  move_to(parsed, move_to);

  YamlNode* node = &root;
  std::size_t begin = 0;
  while (begin <= path.size()) {
    const std::size_t end = std::min(path.find('.', begin), path.size());
    const std::string key = path.substr(begin, end - begin);
    if (key.empty()) {
      throw InputError(place, fmt::format("'{}' is no path such as tiers.device.count", path));
    }
    if (node->kind != YamlNode::Kind::map && node->kind != YamlNode::Kind::null) {
      throw InputError(
          place, fmt::format("'{}' is {}, it has no '{}'",
                             path.substr(0, begin == 0 ? 0 : begin - 1), describe(*node), key));
    }
    const auto it = std::find_if(node->entries.begin(), node->entries.end(),
                                 [&](const YamlNode::Entry& e) { return e.key == key; });
    if (it != node->entries.end()) {
      node = &it->value;
    } else {
      node = &node->add(key, YamlNode{.place = place});
    }
    begin = end + 1;
  }
  *node = std::move(parsed);
}

std::string to_yaml(const YamlNode& node) {
  YAML::Emitter out;
  emit(out, node);
  return std::string(out.c_str()) + "\n";
}

}  // namespace offcut
