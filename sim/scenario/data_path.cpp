#include "sim/scenario/data_path.h"

namespace offcut::scenario {

namespace fs = std::filesystem;

fs::path data_root() {
  std::error_code ignored;
  const fs::path program = fs::read_symlink("/proc/self/exe", ignored);
  const fs::path installed = program.parent_path().parent_path() / "share" / "offcut";
  return fs::is_directory(installed / "scenarios", ignored) ? installed
                                                            : fs::path(OFFCUT_SOURCE_DIR);
}

std::optional<fs::path> find_file(const std::string& name, const fs::path& scenario) {
  std::error_code ignored;
  for (const fs::path& candidate : {scenario.parent_path() / name, data_root() / name}) {
    if (fs::exists(candidate, ignored)) {
      return candidate;
    }
  }
  return std::nullopt;
}

std::optional<std::string> name_in_own_data(const fs::path& file) {
  std::error_code ignored;
  const fs::path root = fs::weakly_canonical(data_root(), ignored);
  const std::string name =
      fs::weakly_canonical(file, ignored).lexically_relative(root).generic_string();
  // Only these folders are installed: a source tree may hold other files of the user's.
  return name.starts_with("scenarios/") || name.starts_with("models/data/") ? std::optional(name)
                                                                            : std::nullopt;
}

}  // namespace offcut::scenario
