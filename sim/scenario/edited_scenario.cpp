// Edits the text of a scenario by lines, at the places of the parsed nodes. An entry in block form
// gets new lines for its keys; one in flow form, or with an alias, is written anew from its node,
// with a key in each line.

#include "sim/scenario/edited_scenario.h"

#include <algorithm>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

namespace offcut::scenario {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kIndent = 2;
constexpr std::size_t kWidth = 100;  // Of comments.

std::vector<std::string> lines_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) {
    if (line.ends_with('\r')) {
      line.pop_back();
    }
    lines.push_back(line);
  }
  return lines;
}

/// Returns a comment in lines of at most kWidth characters.
std::vector<std::string> comment_lines(const std::string& comment, std::size_t indent) {
  std::vector<std::string> lines;
  std::istringstream words(comment);
  std::string line;
  for (std::string word; words >> word;) {
    if (!line.empty() && indent + 3 + line.size() + word.size() > kWidth) {
      lines.push_back(std::string(indent, ' ') + "#" + line);
      line.clear();
    }
    line += " " + word;
  }
  if (!line.empty()) {
    lines.push_back(std::string(indent, ' ') + "#" + line);
  }
  return lines;
}

class Editor {
 public:
  Editor(const std::string& path, const YamlNode& resolved, const fs::path& folder)
      : lines_(lines_of(path)), from_(fs::absolute(path).parent_path()), to_(folder) {
    std::vector<Diagnostic> diagnostics;
    root_ = read_yaml(path, diagnostics);
    find_files(resolved);
    if (fs::weakly_canonical(from_) != fs::weakly_canonical(to_)) {
      move_files(root_);
    }
  }

  void edit(const std::vector<EditedKey>& keys) {
    std::map<std::string, std::vector<EditedKey>> by_section;
    for (const EditedKey& key : keys) {
      by_section[key.section].push_back(key);
    }
    for (const auto& [section, of_section] : by_section) {
      edit_section(section, of_section);
    }
  }

  std::string text() {
    // From the last line to the first, so that line numbers stay valid.
    for (auto edit = edits_.rbegin(); edit != edits_.rend(); ++edit) {
      const int first = edit->first.first;
      lines_.erase(lines_.begin() + first, lines_.begin() + edit->second.end);
      lines_.insert(lines_.begin() + first, edit->second.lines.begin(), edit->second.lines.end());
    }
    std::string text;
    for (const std::string& line : lines_) {
      text += line + "\n";
    }
    return text;
  }

 private:
  enum class Kind { added, replaced };
  struct Edit {
    int end;  // The line after the last one that is replaced.
    std::vector<std::string> lines;
  };

  void find_files(const YamlNode& resolved) {
    if (resolved.is_file) {
      files_.insert(fs::weakly_canonical(resolved.text).string());
    }
    for (const YamlNode& item : resolved.items) {
      find_files(item);
    }
    for (const YamlNode::Entry& entry : resolved.entries) {
      find_files(entry.value);
    }
  }

  void move_files(YamlNode& node) {
    if (node.kind == YamlNode::Kind::scalar && !node.text.empty() && node.place.line > 0 &&
        !fs::path(node.text).is_absolute()) {
      const fs::path file = from_ / node.text;
      std::error_code error;
      if (fs::is_regular_file(file, error) &&
          files_.contains(fs::weakly_canonical(file).string())) {
        const fs::path moved =
            fs::weakly_canonical(file).lexically_relative(fs::weakly_canonical(to_));
        std::string& line = lines_[static_cast<std::size_t>(node.place.line - 1)];
        const std::size_t at =
            line.find(node.text, static_cast<std::size_t>(node.place.column - 1));
        if (at != std::string::npos && !moved.empty()) {
          line.replace(at, node.text.size(), moved.generic_string());
          node.text = moved.generic_string();
        }
      }
    }
    // From the last to the first, so that the columns of those before stay valid.
    for (auto item = node.items.rbegin(); item != node.items.rend(); ++item) {
      move_files(*item);
    }
    for (auto entry = node.entries.rbegin(); entry != node.entries.rend(); ++entry) {
      move_files(entry->value);
    }
  }

  /// Returns whether a map has its first key in a line after that of the key that has it.
  static bool is_block(const YamlNode::Entry& entry) {
    return entry.value.kind == YamlNode::Kind::map && !entry.value.entries.empty() &&
           entry.value.entries.front().place.line > entry.place.line &&
           entry.value.entries.front().place.column > entry.place.column;
  }

  /// Returns the line after the last one of an entry, counted from 0.
  int end_of(const YamlNode::Entry& entry) const {
    const auto indent = static_cast<std::size_t>(entry.place.column - 1);
    int end = entry.place.line;
    for (int line = entry.place.line; line < static_cast<int>(lines_.size()); ++line) {
      const std::string& text = lines_[static_cast<std::size_t>(line)];
      const std::size_t begin = text.find_first_not_of(" \t");
      if (begin == std::string::npos || text[begin] == '#') {
        continue;
      }
      if (begin <= indent && text[begin] != '}') {
        break;
      }
      end = line + 1;
    }
    return end;
  }

  static std::vector<std::string> lines_for(const EditedKey& key, std::size_t indent) {
    std::vector<std::string> lines = comment_lines(key.comment, indent);
    lines.push_back(std::string(indent, ' ') + key.key + ": " + key.value);
    return lines;
  }

  static void append(std::vector<std::string>& lines, const std::vector<std::string>& more) {
    lines.insert(lines.end(), more.begin(), more.end());
  }

  /// Returns an entry in block form, with new values.
  static std::vector<std::string> written(const YamlNode::Entry& entry,
                                          const std::vector<EditedKey>& keys, std::size_t indent) {
    std::vector<std::string> lines = {std::string(indent, ' ') + entry.key + ":"};
    std::vector<EditedKey> rest = keys;
    for (const YamlNode::Entry& old : entry.value.entries) {
      const auto found = std::find_if(rest.begin(), rest.end(),
                                      [&](const EditedKey& key) { return key.key == old.key; });
      if (found != rest.end()) {
        append(lines, lines_for(*found, indent + kIndent));
        rest.erase(found);
      } else {
        lines.push_back(std::string(indent + kIndent, ' ') + old.key + ": " +
                        to_yaml_line(old.value));
      }
    }
    for (const EditedKey& key : rest) {
      append(lines, lines_for(key, indent + kIndent));
    }
    return lines;
  }

  static std::vector<EditedKey> keys_of(const std::string& entry,
                                        const std::vector<EditedKey>& keys) {
    std::vector<EditedKey> own;
    std::copy_if(keys.begin(), keys.end(), std::back_inserter(own),
                 [&](const EditedKey& key) { return key.entry == entry; });
    return own;
  }

  void edit_section(const std::string& name, const std::vector<EditedKey>& keys) {
    for (const YamlNode::Entry& section : root_.entries) {
      if (section.key != name) {
        continue;
      }
      if (is_block(section)) {
        for (const YamlNode::Entry& entry : section.value.entries) {
          edit_entry(entry, keys_of(entry.key, keys));
        }
        return;
      }
      std::vector<std::string> lines = {name + ":"};
      for (const YamlNode::Entry& entry : section.value.entries) {
        append(lines, written(entry, keys_of(entry.key, keys), kIndent));
      }
      edits_[{section.place.line - 1, Kind::replaced}] = {end_of(section), std::move(lines)};
    }
  }

  void edit_entry(const YamlNode::Entry& entry, const std::vector<EditedKey>& keys) {
    if (keys.empty()) {
      return;
    }
    if (!is_block(entry)) {
      edits_[{entry.place.line - 1, Kind::replaced}] = {
          end_of(entry), written(entry, keys, static_cast<std::size_t>(entry.place.column - 1))};
      return;
    }
    const auto indent = static_cast<std::size_t>(entry.value.entries.front().place.column - 1);
    std::vector<std::string> added;
    for (const EditedKey& key : keys) {
      const auto old = std::find_if(entry.value.entries.begin(), entry.value.entries.end(),
                                    [&](const YamlNode::Entry& one) { return one.key == key.key; });
      if (old == entry.value.entries.end()) {
        append(added, lines_for(key, indent));
      } else {
        edits_[{old->place.line - 1, Kind::replaced}] = {end_of(*old), lines_for(key, indent)};
      }
    }
    if (added.empty()) {
      return;
    }
    const YamlNode::Entry& last = entry.value.entries.back();
    const auto edit = edits_.find({last.place.line - 1, Kind::replaced});
    if (edit != edits_.end()) {
      append(edit->second.lines, added);
    } else {
      edits_[{end_of(last), Kind::added}] = {end_of(last), std::move(added)};
    }
  }

  std::vector<std::string> lines_;
  fs::path from_, to_;
  YamlNode root_;
  std::set<std::string> files_;  // Of the scenario, as canonical paths.
  /// By their first line, counted from 0. Of one line, what is added before it comes first.
  std::map<std::pair<int, Kind>, Edit> edits_;
};

}  // namespace

std::string edited_scenario(const std::string& path, const YamlNode& resolved,
                            const std::vector<EditedKey>& keys, const fs::path& folder) {
  Editor editor(path, resolved, folder);
  editor.edit(keys);
  return editor.text();
}

}  // namespace offcut::scenario
