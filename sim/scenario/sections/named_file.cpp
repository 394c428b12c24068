// Files that scenarios name: they are looked for beside the scenario, and then in offcut's own
// data. A resolved scenario has the name of a file in the data, and the absolute path of any other.

#include "sim/scenario/sections/named_file.h"

#include <fmt/format.h>

#include <filesystem>

#include "sim/scenario/data_path.h"

namespace offcut::scenario {

namespace fs = std::filesystem;

namespace {

/// Looks for the file that the key was found to name, and resolves the key's value.
std::string resolved_file(MapReader& reader, const std::string& key, const std::string& name,
                          const std::string& scenario) {
  std::string path = reader.has_scalar(key) ? named_file(reader, key, name, scenario) : "";
  if (!path.empty()) {
    const YamlNode resolved = resolved_file_name(path);
    YamlNode& value = reader.resolved().entries.back().value;
    value.text = resolved.text;
    value.is_file = resolved.is_file;
  }
  return path;
}

}  // namespace

std::string named_file(MapReader& reader, const std::string& key, const std::string& name,
                       const std::string& scenario) {
  const std::string key_path = reader.path().empty() ? key : reader.path() + "." + key;
  return named_file(reader.diagnostics(), reader.place(key), key_path, name, scenario);
}

YamlNode resolved_file_name(const std::string& path) {
  const auto own = name_in_own_data(path);
  YamlNode name = YamlNode::scalar(own ? *own : fs::absolute(path).string());
  name.is_file = !own;
  return name;
}

std::string named_file(std::vector<Diagnostic>& diagnostics, const Place& place,
                       const std::string& key_path, const std::string& name,
                       const std::string& scenario) {
  const auto error = [&](const std::string& message) {
    diagnostics.push_back({place, fmt::format("{}: {}", key_path, message)});
  };
  const auto found = name.empty() ? std::nullopt : find_file(name, scenario);
  std::error_code ignored;
  if (!found) {
    error(
        fmt::format("there is no file {}, neither beside the scenario nor in "
                    "offcut's own data",
                    in_quotes(name)));
  } else if (fs::is_directory(*found, ignored)) {
    error(fmt::format("{} is a directory, expected a file", in_quotes(name)));
  } else if (!fs::is_regular_file(*found, ignored)) {
    error(fmt::format("{} is not a regular file", in_quotes(name)));
  } else {
    // After a symbolic link, ".." is not the folder that has the link.
    const fs::path plain = found->lexically_normal();
    return (fs::equivalent(plain, *found, ignored) ? plain : *found).string();
  }
  return "";
}

std::string existing_file(MapReader& reader, const std::string& key, const std::string& scenario) {
  return resolved_file(reader, key, reader.text(key), scenario);
}

std::string existing_file(MapReader& reader, const ParameterSpec& spec,
                          const std::string& scenario) {
  return resolved_file(reader, spec.name, reader.file_name(spec), scenario);
}

}  // namespace offcut::scenario
