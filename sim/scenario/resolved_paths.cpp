#include "sim/scenario/resolved_paths.h"

namespace offcut::scenario {

namespace fs = std::filesystem;

YamlNode with_paths_from(YamlNode resolved, const fs::path& folder) {
  if (resolved.is_file) {
    // Symbolic links are followed: after one, ".." is not the folder that has the link.
    const fs::path file(resolved.text);
    const fs::path relative = (fs::weakly_canonical(file.parent_path()) / file.filename())
                                  .lexically_relative(fs::weakly_canonical(folder));
    resolved.text = relative.empty() ? resolved.text : relative.generic_string();
  }
  for (YamlNode& item : resolved.items) {
    item = with_paths_from(std::move(item), folder);
  }
  for (YamlNode::Entry& entry : resolved.entries) {
    entry.value = with_paths_from(std::move(entry.value), folder);
  }
  return resolved;
}

}  // namespace offcut::scenario
