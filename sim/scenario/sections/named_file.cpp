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
    YamlNode& value = reader.resolved().entries.back().value;
    const auto own = name_in_own_data(path);
    value.text = own ? *own : fs::absolute(path).string();
    value.is_file = !own;
  }
  return path;
}

}  // namespace

std::string named_file(MapReader& reader, const std::string& key, const std::string& name,
                       const std::string& scenario) {
  const auto found = name.empty() ? std::nullopt : find_file(name, scenario);
  std::error_code ignored;
  if (!found) {
    reader.error(key, fmt::format("there is no file {}, neither beside the scenario nor in "
                                  "offcut's own data",
                                  in_quotes(name)));
  } else if (fs::is_directory(*found, ignored)) {
    reader.error(key, fmt::format("{} is a directory, expected a file", in_quotes(name)));
  } else if (!fs::is_regular_file(*found, ignored)) {
    reader.error(key, fmt::format("{} is not a regular file", in_quotes(name)));
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
