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

}  // namespace offcut::scenario
